//! A report appears whole or not at all: it is written beside its place and moved into it.

use super::ReportError;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Beginning of the names of temporary folders.
const PREFIX: &str = ".report-";

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
    // One writer at a time: what another has left is nobody's. Where a file system locks no folders, all is left alone.
    let alone = File::open(out).map_err(failed(out))?;
    if alone.lock().is_ok() {
        remove_abandoned(out);
    }
    // The temporary folder is private; the report inside it gets the user's usual permissions.
    let beside = tempfile::Builder::new().prefix(PREFIX).tempdir_in(out).map_err(failed(out))?;
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

/// Removes the temporary folders of programs that were killed.
fn remove_abandoned(out: &Path) {
    let Ok(entries) = std::fs::read_dir(out) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            // May fail without harm: nobody reads it.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_writer_left_is_gone_after_the_next_report() {
        let out = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(out.path().join(".report-Xy12/new")).unwrap();
        std::fs::write(out.path().join(".report-Xy12/new/README.md"), "half").unwrap();
        write(out.path(), "run", [("README.md", "whole")]).unwrap();
        let names: Vec<_> =
            std::fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["run"]);
    }

    #[test]
    fn an_error_leaves_the_earlier_report_and_nothing_beside_it() {
        let out = tempfile::tempdir().unwrap();
        let place = write(out.path(), "run", [("README.md", "earlier"), ("old.svg", "")]).unwrap();
        let broken = write(out.path(), "run", [("README.md", "later"), ("no/folder.svg", "")]);
        assert!(matches!(broken, Err(ReportError::Write { .. })));
        assert_eq!(std::fs::read_to_string(place.join("README.md")).unwrap(), "earlier");
        assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
        write(out.path(), "run", [("README.md", "later")]).unwrap();
        assert_eq!(std::fs::read_to_string(place.join("README.md")).unwrap(), "later");
        assert!(!place.join("old.svg").exists(), "nothing of the earlier report stays");
    }
}
