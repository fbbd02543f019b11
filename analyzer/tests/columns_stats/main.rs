//! The statistics of any CSV file: against an independent reference, on the study's own data, and on data made to
//! break them.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod command;
mod odd_data;
mod odd_tables;
mod random;
mod reference;
mod shape;
mod study;
mod text;

use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{AnalyseError, Analysis, Settings, analyse};
use serde_json::Value;
use std::io::Write;

/// `--value value --group group`.
fn plain() -> Selection {
    Selection { value: "value".into(), group: Some("group".into()), block: None, by: Vec::new() }
}

/// `--value value --group group --block block`.
fn blocked() -> Selection {
    Selection { block: Some("block".into()), ..plain() }
}

/// Analyses the text of a CSV file.
fn analysed(csv: &str, selection: &Selection, settings: &Settings) -> Result<Analysis, AnalyseError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(csv.as_bytes()).unwrap();
    analyse(&columns::read(file.path(), selection).unwrap(), selection, settings)
}

/// The JSON of an analysis, read back.
fn json(analysis: &Analysis) -> Value {
    serde_json::from_str(&analysis.json()).unwrap()
}
