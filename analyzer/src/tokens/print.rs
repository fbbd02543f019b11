//! Token stamps for people and for other programs.

use super::{TokenSample, TokensError};
use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use tandem_records::{DelaySource, StampsError, StampsReader};

/// Columns of [`csv`].
const COLUMNS: [&str; 10] =
    ["run_id", "trial", "attempt", "phase", "agent", "call", "token", "seen_ns", "written_ns", "received_ns"];

/// Writes one row per token; the stamps are counted from the start of the token's request (`start_ns` in
/// requests.csv), an empty cell is a stamp that does not exist. Returns what could not be read, one line a file: the
/// requests before the damaged place are written.
///
/// # Errors
/// The rows cannot be written.
pub fn csv(files: &[PathBuf], to: impl Write) -> Result<Vec<String>, TokensError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(COLUMNS)?;
    let mut problems = Vec::new();
    for path in files {
        match rows(path, &mut writer) {
            Ok(()) => {}
            Err(Stopped::Reading(error)) => problems.push(format!("{}: {error}", path.display())),
            Err(Stopped::Writing(error)) => return Err(error.into()),
        }
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(problems)
}

enum Stopped {
    Reading(StampsError),
    Writing(csv::Error),
}

fn rows(path: &Path, writer: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    let reader = StampsReader::open(path).map_err(Stopped::Reading)?;
    let header = reader.header().clone();
    for request in reader {
        let (request, tokens) = request.map_err(Stopped::Reading)?;
        // A server's stamp may lie before the start, or anywhere.
        let offset = |ns: u64| i128::from(ns) - i128::from(request.start_ns);
        let optional = |stamp: Option<NonZeroU64>| stamp.map(|ns| offset(ns.get()));
        for (place, token) in tokens.iter().enumerate() {
            let key =
                (&header.run_id, header.trial, header.attempt, request.phase, request.agent, request.call);
            let stamps = (offset(token.seen_ns), optional(token.written_ns), optional(token.received_ns));
            writer.serialize((key, place, stamps)).map_err(Stopped::Writing)?;
        }
    }
    Ok(())
}

/// A table with one line per file, and what could not be read. Tokens and delays are those of the concurrent phase, to
/// within 0.4 %; bytes are over the tokens of all phases.
pub fn table(files: &[PathBuf]) -> (String, Vec<String>) {
    let mut text = format!(
        "{:>7} {:>7} {:>10} {:>11} {:<8} {:>12} {:>12} {:>12}\n",
        "trial", "attempt", "tokens", "bytes/token", "delay", "p50, µs", "p99, µs", "max, µs"
    );
    let mut problems = Vec::new();
    for path in files {
        match TokenSample::read(path) {
            Ok((header, sample)) => {
                let bytes = std::fs::metadata(path).map_or(f64::NAN, |file| file.len() as f64);
                text += &format!("{:>7} {:>7} {}", header.trial, header.attempt, cells(&sample, bytes));
            }
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    (text, problems)
}

fn cells(sample: &TokenSample, bytes: f64) -> String {
    let source = match sample.added.as_ref().map(|added| added.source) {
        Some(DelaySource::Sim) => "server",
        Some(DelaySource::Kernel) => "kernel",
        Some(DelaySource::None) | None => "unknown",
    };
    let at = |share: f64| {
        let ns = sample.added.as_ref().and_then(|added| added.delays.quantile(share));
        ns.map_or("-".to_owned(), |ns| format!("{:.1}", ns / 1e3))
    };
    let per_token =
        if sample.kept == 0 { "-".to_owned() } else { format!("{:.2}", bytes / sample.kept as f64) };
    format!(
        "{:>10} {per_token:>11} {source:<8} {:>12} {:>12} {:>12}\n",
        sample.tokens,
        at(0.5),
        at(0.99),
        at(1.0)
    )
}
