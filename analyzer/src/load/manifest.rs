//! `manifest.json`.

use super::LoadError;
use std::path::Path;
use tandem_records::{Manifest, SCHEMA_VERSION, regular_file};

/// Reads the manifest. Its version is looked at first: a newer file must not fail over a detail.
pub(super) fn read(path: &Path) -> Result<Manifest, LoadError> {
    let wrong = |reason: String| LoadError::Manifest { path: path.to_owned(), reason };
    let text = match regular_file::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(wrong("missing".to_owned())),
        Err(source) => return Err(LoadError::Io { path: path.to_owned(), source }),
    };
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| wrong(format!("not JSON ({e})")))?;
    let found = json["schema_version"].as_u64().ok_or_else(|| wrong("has no schema_version".to_owned()))?;
    if found > u64::from(SCHEMA_VERSION) {
        return Err(LoadError::NewerSchema { path: path.to_owned(), line: 1, found, known: SCHEMA_VERSION });
    }
    let manifest: Manifest =
        serde_json::from_value(json).map_err(|e| wrong(format!("not a manifest ({e})")))?;
    for (name, margin) in
        [("margin_efficiency", manifest.margin_efficiency), ("margin_log_time", manifest.margin_log_time)]
    {
        if !(margin.is_finite() && margin > 0.0) {
            return Err(wrong(format!("{name} is {margin}, must be above 0")));
        }
    }
    Ok(manifest)
}
