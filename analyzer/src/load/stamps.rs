//! Reads the raw token stamps of the trials that count, where the run keeps them.

use super::Run;
use crate::tokens::TokenSample;
use tandem_records::{Client, STAMPS_FOLDER, stamps_file};

/// Gives every trial that ended well the sample of its file. One that does not read is a finding.
pub(super) fn attach(run: &mut Run) {
    let folder = run.folder.join(STAMPS_FOLDER);
    if !folder.is_dir() {
        return;
    }
    // The arm in Python keeps none.
    let has_file = |row: &tandem_records::TrialRow| row.status.is_ok() && row.client != Client::Httpx;
    for trial in run.trials.iter_mut().filter(|trial| has_file(&trial.row)) {
        let row = &trial.row;
        let name = stamps_file(row.trial, row.attempt);
        let path = folder.join(&name);
        let key = (row.run_id.as_str(), row.trial, row.attempt);
        let reason = match TokenSample::read(&path) {
            Ok((header, sample)) if (header.run_id.as_str(), header.trial, header.attempt) == key => {
                trial.tokens = Some(sample);
                continue;
            }
            Ok((header, _)) => {
                format!("is of run {:?}, trial {}, attempt {}", header.run_id, header.trial, header.attempt)
            }
            Err(error) => error.to_string(),
        };
        run.findings.add(&format!("{STAMPS_FOLDER}/{name}"), None, format!("{reason}; not read"));
    }
}
