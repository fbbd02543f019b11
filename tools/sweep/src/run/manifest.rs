//! Reads a run's manifest, tells which runs can go on, and gives the command line that repeats a run.

use super::folder::MANIFEST_FILE;
use crate::SweepError;
use std::io::ErrorKind;
use std::path::Path;
use tandem_records::{Manifest, SCHEMA_VERSION, Status, Table, TrialRow, regular_file};

/// Most runs that a message lists.
const MOST_LISTED: usize = 5;

/// The manifest in a run's folder; `None` when there is no such folder, or nothing in it.
///
/// # Errors
/// It does not read, is of another version, or is missing where there are other files: such a folder is no run, and a new
/// one must not grow among them.
pub fn read_manifest(folder: &Path) -> Result<Option<Manifest>, SweepError> {
    let path = folder.join(MANIFEST_FILE);
    let bad = |why: String| SweepError::Usage(format!("{}: {why}; start a new run", path.display()));
    let text = match regular_file::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return match std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
                false => Ok(None),
                true => Err(SweepError::Usage(format!(
                    "{} holds no {MANIFEST_FILE}: its run was stopped before it began, or lost that file; put the file back, \
                     remove the folder, or name another run",
                    folder.display()
                ))),
            };
        }
        // Where the folder of runs itself is a file, making a run in it says so.
        Err(e) if e.kind() == ErrorKind::NotADirectory && !folder.exists() => return Ok(None),
        Err(e) => return Err(bad(e.to_string())),
    };
    let version = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|json| json["schema_version"].as_u64());
    if version != Some(u64::from(SCHEMA_VERSION)) {
        return Err(bad(format!("schema version {version:?}, this program writes {SCHEMA_VERSION}")));
    }
    serde_json::from_str(&text).map(Some).map_err(|e| bad(e.to_string()))
}

/// The newest runs in `runs_dir` that can go on, of this plan where one is named: some of their trials are not ok yet.
pub fn unfinished(runs_dir: &Path, plan: Option<&str>) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(runs_dir) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mut runs: Vec<Manifest> = folders
        // A folder that was renamed is no run that can go on.
        .filter_map(|entry| {
            read_manifest(&entry.path()).ok()?.filter(|run| *run.run_id == *entry.file_name())
        })
        .filter(|run| plan.is_none_or(|plan| run.plan.name == plan))
        .collect();
    runs.sort_by(|a, b| b.created_utc.cmp(&a.created_utc));
    let is_open = |run: &Manifest| ok_trials(&runs_dir.join(&run.run_id)) < run.trials as usize;
    runs.into_iter().filter(is_open).map(|run| run.run_id).take(MOST_LISTED).collect()
}

/// Trials of a run that are ok, as far as its file reads.
fn ok_trials(folder: &Path) -> usize {
    let Ok(file) = regular_file::open(&folder.join(TrialRow::FILE)) else { return 0 };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(std::io::BufReader::new(file));
    let Ok(header) = reader.byte_headers() else { return 0 };
    let Some(status) = header.iter().position(|name| name == b"status") else { return 0 };
    let ok = Status::Ok.as_str().as_bytes();
    reader.byte_records().flatten().filter(|record| record.get(status) == Some(ok)).count()
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
