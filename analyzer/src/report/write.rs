//! A report appears whole or not at all: it is written beside its place and moved into it.

use super::ReportError;
use std::path::{Path, PathBuf};

/// Writes files, given by name and text, to `out/id` in place of an earlier report, and returns that folder.
pub(crate) fn write<'a>(
    out: &Path,
    id: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<PathBuf, ReportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ReportError::Write { path, source }
    };
    std::fs::create_dir_all(out).map_err(failed(out))?;
    // The temporary folder is private; the report inside it gets the user's usual permissions.
    let beside = tempfile::Builder::new().prefix(".report-").tempdir_in(out).map_err(failed(out))?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    std::fs::create_dir(&new).map_err(failed(&new))?;
    for (name, text) in files {
        let path = new.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    let place = out.join(id);
    if place.exists() {
        std::fs::rename(&place, &old).map_err(failed(&place))?;
    }
    if let Err(source) = std::fs::rename(&new, &place) {
        // Better the earlier report than none.
        let _ = std::fs::rename(&old, &place);
        return Err(ReportError::Write { path: place, source });
    }
    Ok(place)
}
