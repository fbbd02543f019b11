//! The rows of `runs.csv` and `calls.csv`, as data/reference/tr115/README.md describes them.

use super::StudyError;
use crate::load::{Broken, Findings, Records, parse_record};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::path::Path;

/// A row type with the columns that every row of it needs; other columns may be missing or be more.
pub(super) trait StudyRow: DeserializeOwned {
    /// Names of these columns.
    const NEEDED: &'static [&'static str];

    /// What is wrong with the values, the column first.
    fn check(&self) -> Result<(), String>;
}

/// One agent in one run.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct RunRow {
    pub tier: String,
    pub runtime: String,
    pub config: String,
    pub run_index: u32,
    pub role: String,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub num_gpu: Option<f64>,
    #[serde(default)]
    pub num_ctx: Option<f64>,
    #[serde(default)]
    pub temperature: Option<f64>,
    pub run_saved_utc: String,
    pub agent_wall_s: f64,
    #[serde(default)]
    pub load_ms: Option<f64>,
    pub concurrent_wall_s: f64,
    pub efficiency_pct: f64,
}

/// One LLM call of one agent.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct CallRow {
    pub tier: String,
    pub runtime: String,
    pub config: String,
    pub run_index: u32,
    pub role: String,
    pub call_index: u32,
    pub stage: String,
    pub ttft_ms: f64,
    pub total_ms: f64,
    pub eval_count: Option<u64>,
    pub eval_ms: Option<f64>,
    pub prompt_eval_ms: Option<f64>,
    pub load_ms: Option<f64>,
    #[serde(default)]
    pub response_chars: Option<f64>,
}

impl RunRow {
    /// When the run was saved; `check` has parsed it once.
    pub fn saved(&self) -> Option<Timestamp> {
        self.run_saved_utc.parse().ok()
    }
}

impl StudyRow for RunRow {
    const NEEDED: &'static [&'static str] = &[
        "tier",
        "runtime",
        "config",
        "run_index",
        "role",
        "run_saved_utc",
        "agent_wall_s",
        "concurrent_wall_s",
        "efficiency_pct",
    ];

    fn check(&self) -> Result<(), String> {
        positive("agent_wall_s", Some(self.agent_wall_s))?;
        positive("concurrent_wall_s", Some(self.concurrent_wall_s))?;
        positive("efficiency_pct", Some(self.efficiency_pct))?;
        not_negative("load_ms", self.load_ms)?;
        for (column, value) in [("num_gpu", self.num_gpu), ("num_ctx", self.num_ctx)] {
            not_negative(column, value)?;
        }
        not_negative("temperature", self.temperature)?;
        if self.saved().is_none() {
            return Err("column run_saved_utc: no RFC 3339 time".to_owned());
        }
        Ok(())
    }
}

impl StudyRow for CallRow {
    const NEEDED: &'static [&'static str] = &[
        "tier",
        "runtime",
        "config",
        "run_index",
        "role",
        "call_index",
        "stage",
        "ttft_ms",
        "total_ms",
        "eval_count",
        "eval_ms",
        "prompt_eval_ms",
        "load_ms",
    ];

    fn check(&self) -> Result<(), String> {
        positive("total_ms", Some(self.total_ms))?;
        not_negative("ttft_ms", Some(self.ttft_ms))?;
        not_negative("eval_ms", self.eval_ms)?;
        not_negative("prompt_eval_ms", self.prompt_eval_ms)?;
        not_negative("load_ms", self.load_ms)?;
        not_negative("response_chars", self.response_chars)
    }
}

/// Beyond it lies no time or count of an experiment, and squares stay in the range of f64.
const LARGEST: f64 = 1e15;

fn positive(column: &str, value: Option<f64>) -> Result<(), String> {
    match value {
        Some(value) if !(value > 0.0 && value < LARGEST) => {
            Err(format!("column {column}: {value} is not a positive number"))
        }
        _ => Ok(()),
    }
}

fn not_negative(column: &str, value: Option<f64>) -> Result<(), String> {
    match value {
        Some(value) if !(0.0..LARGEST).contains(&value) => {
            Err(format!("column {column}: {value} is not a number from 0 up"))
        }
        _ => Ok(()),
    }
}

/// The rows of a file that can be used, each with the line it began on, and the names of its columns.
pub(super) struct Rows<T> {
    pub columns: Vec<String>,
    pub lines: Vec<(u64, T)>,
}

/// Reads a file; a row that cannot be used becomes a finding. `file` is its name in findings.
pub(super) fn read<T: StudyRow>(
    path: &Path,
    file: &str,
    findings: &mut Findings,
) -> Result<Rows<T>, StudyError> {
    let unreadable = |reason: String| StudyError::Unreadable { path: path.to_owned(), reason };
    let columns_error = |reason: String| StudyError::Columns { path: path.to_owned(), reason };
    if path.is_dir() {
        return Err(unreadable("a folder, not a file".to_owned()));
    }
    let text = tandem_records::regular_file::read(path).map_err(|e| unreadable(e.to_string()))?;
    let mut records = Records::new(&text).map_err(|e| unreadable(format!("unreadable header: {e}")))?;
    let header = records.header().clone();
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    let missing: Vec<&str> = T::NEEDED.iter().copied().filter(|n| !columns.iter().any(|c| c == n)).collect();
    if !missing.is_empty() {
        return Err(columns_error(format!("column missing: {}", missing.join(", "))));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(i, c)| columns[..*i].contains(c)) {
        return Err(columns_error(format!("column {} stands twice", twice.1)));
    }
    let mut lines = Vec::new();
    while let Some((number, record)) = records.next() {
        let row = match record {
            Ok(record) => parse_record::<T>(&record, &header),
            Err(Broken::Line(reason)) => Err(reason.to_owned()),
            Err(Broken::OpenQuote) => {
                return Err(StudyError::OpenQuote { path: path.to_owned(), line: number });
            }
        };
        match row.and_then(|row| row.check().map(|()| row)) {
            Ok(row) => lines.push((number, row)),
            Err(reason) => findings.add(file, Some(number), reason),
        }
    }
    Ok(Rows { columns, lines })
}
