//! The raw stamps of a fake trial: one token every [`TOKEN_NS`], counted from its request's start, without a reference.

use crate::TOKEN_NS;
use std::io;
use std::path::Path;
use tandem_records::{ArmReport, StampsHeader, StampsRequest, StampsWriter, TokenStamps, TrialSpec};

/// Writes the file that the specification names.
pub(crate) fn write(path: &Path, spec: &TrialSpec, report: &ArmReport) -> io::Result<()> {
    let (run_id, trial, attempt) = (spec.run_id.clone(), spec.trial, spec.attempt);
    let mut writer = StampsWriter::new(Vec::new(), &StampsHeader { run_id, trial, attempt })?;
    for row in &report.requests {
        let (phase, agent, call, start_ns) = (row.phase, row.agent, row.call, row.start_ns);
        let seen = |k: u32| start_ns + u64::from(k) * TOKEN_NS;
        let tokens = (0..row.output_tokens.unwrap_or(0) as u32).map(|k| TokenStamps {
            seen_ns: seen(k + 1),
            written_ns: None,
            received_ns: None,
        });
        writer.request(&StampsRequest { phase, agent, call, start_ns }, tokens)?;
    }
    std::fs::write(path, writer.finish()?)
}
