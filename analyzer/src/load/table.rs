//! Reads one CSV file of rows whose struct is the schema.

use super::records::{Broken, Records};
use super::{Findings, LoadError};
use csv::{ByteRecord, StringRecord};
use serde::de::DeserializeOwned;
use std::path::Path;
use tandem_records::{Column, SCHEMA_VERSION, Table, regular_file};

/// A row with the line it began on.
pub(super) struct Line<T> {
    pub(super) number: u64,
    pub(super) row: T,
}

/// Reads every row that can be read; the others become findings. A missing file is a finding, too: not every run needs
/// every file. `written_by` is the schema version of the run: a cell that may be empty and that an earlier version did not
/// have yet is empty, and no finding.
pub(super) fn read<T>(
    folder: &Path,
    written_by: u32,
    findings: &mut Findings,
) -> Result<Vec<Line<T>>, LoadError>
where
    T: Table + DeserializeOwned,
{
    let path = folder.join(T::FILE);
    let text = match regular_file::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            findings.add(T::FILE, None, "missing");
            return Ok(Vec::new());
        }
        Err(source) => return Err(LoadError::Io { path, source }),
    };
    let unreadable = |reason: String| LoadError::Header { path: path.clone(), reason };
    let mut records = Records::new(&text).map_err(unreadable)?;
    let header = records.header().clone();
    check_header::<T>(&header, written_by, findings).map_err(unreadable)?;
    let version_at = header.iter().position(|name| name == "schema_version");
    let mut lines = Vec::new();
    while let Some((number, record)) = records.next() {
        if let Some(found) = record.as_ref().ok().zip(version_at).and_then(|(r, at)| newer_version(r, at)) {
            return Err(LoadError::NewerSchema { path, line: number, found, known: SCHEMA_VERSION });
        }
        let row = match record {
            Ok(record) => parse::<T>(&record, &header),
            Err(Broken::Line(reason)) => Err(reason.to_owned()),
            Err(Broken::OpenQuote) => return Err(LoadError::OpenQuote { path, line: number }),
        };
        match row {
            Ok(row) => lines.push(Line { number, row }),
            Err(reason) => findings.add(T::FILE, Some(number), reason),
        }
    }
    Ok(lines)
}

/// Columns may stand in any order and there may be more of them; without one of its own a file is not what this program
/// takes it for.
fn check_header<T: Table>(
    header: &StringRecord,
    written_by: u32,
    findings: &mut Findings,
) -> Result<(), String> {
    let may_come_later = |column: &Column| written_by < SCHEMA_VERSION && may_be_empty(column);
    let is_there = |column: &Column| header.iter().any(|name| name == column.name);
    let missing: Vec<_> =
        T::COLUMNS.iter().filter(|c| !is_there(c) && !may_come_later(c)).map(|c| c.name).collect();
    if !missing.is_empty() {
        return Err(format!("column missing: {}", missing.join(", ")));
    }
    let unknown: Vec<_> = header.iter().filter(|name| !T::COLUMNS.iter().any(|c| c.name == *name)).collect();
    if !unknown.is_empty() {
        findings.add(T::FILE, Some(1), format!("unknown column, not read: {}", unknown.join(", ")));
    }
    match header.iter().enumerate().find(|(at, name)| header.iter().take(*at).any(|earlier| earlier == *name))
    {
        Some((_, name)) => Err(format!("column {name} stands twice")),
        None => Ok(()),
    }
}

fn may_be_empty(column: &Column) -> bool {
    column.kind.starts_with("Option")
}

fn newer_version(record: &ByteRecord, at: usize) -> Option<u64> {
    let found: u64 = std::str::from_utf8(record.get(at)?).ok()?.parse().ok()?;
    (found > u64::from(SCHEMA_VERSION)).then_some(found)
}

/// One record as a row; the reason why not, with its column where that is known.
pub(crate) fn parse<T: DeserializeOwned>(record: &ByteRecord, header: &StringRecord) -> Result<T, String> {
    if record.len() != header.len() {
        return Err(format!("{} cells, the header has {}", record.len(), header.len()));
    }
    let text = StringRecord::from_byte_record(record.clone()).map_err(|_| "not UTF-8".to_owned())?;
    text.deserialize(Some(header)).map_err(|e| match e.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let reason = err.kind().to_string();
            let at = err.field().map(|at| at as usize).or_else(|| named_cell(&text, &reason));
            match at.and_then(|at| header.get(at)) {
                Some(column) => format!("column {column}: {reason}"),
                None => reason,
            }
        }
        _ => e.to_string(),
    })
}

/// The csv crate does not tell the column of an unknown enum value, but quotes the value.
fn named_cell(record: &StringRecord, reason: &str) -> Option<usize> {
    record.iter().position(|cell| reason.starts_with(&format!("unknown variant `{cell}`")))
}
