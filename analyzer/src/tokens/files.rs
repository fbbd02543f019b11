//! Which files of token stamps a user means.

use super::TokensError;
use crate::load::locate;
use std::path::{Path, PathBuf};
use tandem_records::STAMPS_FOLDER;

/// The file of this path, or the files of the run of this name or folder, by trial and attempt.
///
/// # Errors
/// There is no such file or run, or the run keeps no stamps.
pub fn files(named: &str, runs: &Path) -> Result<Vec<PathBuf>, TokensError> {
    if Path::new(named).is_file() {
        return Ok(vec![PathBuf::from(named)]);
    }
    let folder = locate(Some(named), runs)?.join(STAMPS_FOLDER);
    let entries = std::fs::read_dir(&folder).map(|entries| entries.flatten().map(|entry| entry.path()));
    let mut found: Vec<PathBuf> =
        entries.into_iter().flatten().filter(|path| number(path).is_some()).collect();
    found.sort_by_key(|path| number(path));
    if found.is_empty() { Err(TokensError::None(folder)) } else { Ok(found) }
}

/// Trial and attempt in a file's name.
fn number(path: &Path) -> Option<(u32, u32)> {
    let (trial, attempt) = path.file_name()?.to_str()?.strip_suffix(".stamps")?.split_once('-')?;
    Some((trial.parse().ok()?, attempt.parse().ok()?))
}
