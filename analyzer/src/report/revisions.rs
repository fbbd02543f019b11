//! Whether the arms were built from the source that the manifest names.

use super::words;
use tandem_records::Manifest;

/// Ends a revision whose source had uncommitted changes.
const DIRTY: &str = "-dirty";

/// Fewest characters by which two revisions are told apart: git's own shortest abbreviation.
const SHORTEST: usize = 7;

/// What the revisions of manifest and receipts leave open, as plain text without full stops.
pub(super) fn warnings(manifest: &Manifest) -> Vec<String> {
    let known = clean(&manifest.git_revision);
    let mut found = Vec::new();
    if known.is_empty() {
        found.push("the manifest names no source revision".to_owned());
    }
    let (mut silent, mut outside, mut others, mut dirty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for receipt in &manifest.arms {
        let arm = receipt.arm.as_str();
        let line = receipt.version.lines().find_map(|line| line.trim().strip_prefix("revision:"));
        match line.map(str::trim) {
            None | Some("") => silent.push(arm),
            Some("outside a git checkout") => outside.push(arm),
            Some(revision) => {
                if revision.ends_with(DIRTY) {
                    dirty.push(arm);
                }
                if !known.is_empty() && !same(clean(revision), known) {
                    others.push(arm);
                }
            }
        }
    }
    let say =
        |arms: Vec<&str>, what: &str| (!arms.is_empty()).then(|| format!("{what} ({})", words::arms(arms)));
    found.extend(say(others, "arms were built from another revision than the manifest names"));
    found.extend(say(outside, "arms were built outside a git checkout: nothing ties them to a revision"));
    found.extend(say(silent, "receipts of arms name no revision"));
    if manifest.git_revision.ends_with(DIRTY) {
        dirty.insert(0, "manifest");
    }
    found.extend(say(dirty, "the source had uncommitted changes"));
    found
}

fn clean(revision: &str) -> &str {
    revision.strip_suffix(DIRTY).unwrap_or(revision)
}

/// Revisions are abbreviated to different lengths.
fn same(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= SHORTEST && (a.starts_with(b) || b.starts_with(a))
}
