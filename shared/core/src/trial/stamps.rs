//! Keeps the raw stamps of a trial's tokens, where the specification names a file for them.

use crate::wire::Piece;
use std::io;
use std::path::PathBuf;
use tandem_records::{RequestRow, StampsHeader, StampsRequest, StampsWriter, TokenStamps, TrialSpec};

/// Collects stamps between the phases and writes them after the last: no writing of ours disturbs a phase.
pub(super) struct Stamps {
    path: PathBuf,
    writer: io::Result<StampsWriter<Vec<u8>>>,
}

impl Stamps {
    /// Where this trial keeps its stamps.
    pub fn of(spec: &TrialSpec) -> Option<Stamps> {
        let path = spec.token_stamps.clone()?;
        let (run_id, trial, attempt) = (spec.run_id.clone(), spec.trial, spec.attempt);
        let writer = StampsWriter::new(Vec::new(), &StampsHeader { run_id, trial, attempt });
        Some(Stamps { path, writer })
    }

    /// Adds the tokens of a request, failed or not.
    pub fn add(&mut self, row: &RequestRow, tokens: &[Piece]) {
        let request =
            StampsRequest { phase: row.phase, agent: row.agent, call: row.call, start_ns: row.start_ns };
        let stamps = tokens.iter().map(|token| TokenStamps {
            seen_ns: token.seen_ns,
            written_ns: token.written_ns,
            received_ns: token.received_ns,
        });
        if let Ok(writer) = &mut self.writer
            && let Err(error) = writer.request(&request, stamps)
        {
            self.writer = Err(error);
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written: the error text of the trial's row.
    pub fn write(self) -> Result<(), String> {
        let Stamps { path, writer } = self;
        // Half a file, as on a full disk, says itself that it ends early.
        let written = writer.and_then(StampsWriter::finish).and_then(|bytes| std::fs::write(&path, bytes));
        written.map_err(|error| format!("token stamps {}: {error}", path.display()))
    }
}
