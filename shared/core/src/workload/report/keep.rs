//! Where the reports of a trial are kept.

use crate::http::RequestError;
use std::fs;
use std::path::{Path, PathBuf};
use tandem_records::{Phase, Status, TrialSpec};

/// The folder that keeps reports.
#[derive(Debug, Clone)]
pub(super) struct Keep {
    folder: PathBuf,
    trial: u32,
    attempt: u32,
}

impl Keep {
    /// Makes the folder, unless it lies inside `files`: there, the reports of one phase would be work for the next.
    ///
    /// # Errors
    /// What is wrong with the folder, as one line.
    pub fn of(spec: &TrialSpec, folder: &Path, files: &Path) -> Result<Keep, String> {
        let named = folder.display();
        let unusable = |error| format!("--reports {named}: cannot make this folder: {error}");
        let read = files.canonicalize().map_err(|error| format!("--files {}: {error}", files.display()))?;
        let outside = |place: PathBuf| match place.starts_with(&read) {
            false => Ok(place),
            true => Err(format!(
                "--reports {named} lies inside --files {}: agents would read the reports of others; \
                 name a folder outside of it",
                files.display()
            )),
        };
        // Before it is made, so that a refusal leaves nothing behind, and again when its real place is known.
        let absolute = std::path::absolute(folder).map_err(unusable)?;
        absolute
            .ancestors()
            .find_map(|place| place.canonicalize().ok())
            .map_or(Ok(absolute.clone()), outside)?;
        fs::create_dir_all(folder).map_err(unusable)?;
        let folder = folder.canonicalize().map_err(unusable).and_then(outside)?;
        Ok(Keep { folder, trial: spec.trial, attempt: spec.attempt })
    }

    /// The file of one agent's report.
    pub fn path(&self, phase: Phase, agent: u32) -> PathBuf {
        let phase = format!("{phase:?}").to_lowercase();
        self.folder.join(format!("trial-{}-attempt-{}-{phase}-agent-{agent}.md", self.trial, self.attempt))
    }
}

/// Writes a report. Blocks: for [`crate::Runtime::unblock`].
///
/// # Errors
/// Status `not_kept`: an agent whose report is lost has not done its work.
pub(super) fn write(path: &Path, text: &str) -> Result<(), RequestError> {
    // The folder may have gone since the trial began.
    path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text)).map_err(|error| {
        RequestError::new(Status::NotKept, format!("cannot write {}: {error}", path.display()))
    })
}
