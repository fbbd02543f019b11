//! Reads a run's manifest, and gives the command line that repeats a run.

use super::folder::MANIFEST_FILE;
use crate::SweepError;
use std::path::Path;
use tandem_records::{Manifest, SCHEMA_VERSION};

/// The manifest in a run's folder; `None` when there is none yet.
///
/// # Errors
/// It does not read, or is of another version.
pub fn read_manifest(folder: &Path) -> Result<Option<Manifest>, SweepError> {
    let path = folder.join(MANIFEST_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let bad = |why: String| SweepError::Usage(format!("{}: {why}; start a new run", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|e| bad(e.to_string()))?;
    let version = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|json| json["schema_version"].as_u64());
    if version != Some(u64::from(SCHEMA_VERSION)) {
        return Err(bad(format!("schema version {version:?}, this program writes {SCHEMA_VERSION}")));
    }
    serde_json::from_str(&text).map(Some).map_err(|e| bad(e.to_string()))
}

/// A command as it can be pasted into a shell.
pub fn command_line(args: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=#@%+".contains(c);
    let quoted = args.iter().map(|arg| {
        if !arg.is_empty() && arg.chars().all(plain) {
            arg.clone()
        } else {
            format!("'{}'", arg.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
