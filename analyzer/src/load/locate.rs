//! Which folder a user means: a path, a run's name, or the newest run.

use super::LoadError;
use std::path::{Path, PathBuf};

/// Finds the folder of a run: `named` as a path if it holds a manifest, else as a name inside `runs`;
/// without a name the run whose manifest says the latest time of creation.
///
/// # Errors
/// When there is no such run; the message lists those that exist.
pub fn locate(named: Option<&str>, runs: &Path) -> Result<PathBuf, LoadError> {
    let Some(name) = named else {
        return newest(runs).ok_or_else(|| LoadError::NoRuns(runs.to_owned()));
    };
    let as_path = PathBuf::from(name);
    if as_path.components().count() > 1 || as_path.join("manifest.json").is_file() {
        if as_path.is_dir() {
            return Ok(as_path);
        }
    } else {
        let inside = runs.join(name);
        if inside.is_dir() {
            return Ok(inside);
        }
    }
    let names = names(runs);
    let valid =
        if names.is_empty() { "none yet, make one with: make sweep".to_owned() } else { names.join(", ") };
    Err(LoadError::NoSuchRun { name: name.to_owned(), folder: runs.to_owned(), valid })
}

fn names(runs: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(runs) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        // A run that is being begun has a hidden name.
        .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .filter(|entry| entry.path().join("manifest.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The manifest's own time decides (a copied folder has new file times); the name breaks ties.
fn newest(runs: &Path) -> Option<PathBuf> {
    let created = |name: &String| {
        let text = std::fs::read_to_string(runs.join(name).join("manifest.json")).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        json["created_utc"].as_str().unwrap_or_default().to_owned()
    };
    names(runs).into_iter().max_by_key(|name| (created(name), name.clone())).map(|name| runs.join(name))
}
