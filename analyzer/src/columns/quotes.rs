//! Records whose quotes swallow what is no part of them.

use super::header::Roles;
use super::number;
use super::records::{Record, line_ends};
use crate::quoting::{self, Flaw};
use csv::ByteRecord;
use std::ops::Range;

/// Why a record is not used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing else is touched.
    Row(&'static str),
    /// Rows behind it may be part of it, so nothing can be said about the file.
    File(Swallowed),
}

/// A quote that may have swallowed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swallowed {
    /// Line on which the quote opens.
    pub(super) line: u64,
    /// What it does, in words.
    pub(super) what: &'static str,
}

/// What is wrong with the quotes of a record that begins on `line`.
pub(super) fn fault(line: u64, record: &Record, roles: &Roles) -> Option<Fault> {
    let Record::Parsed { record, raw, spans_lines } = record else { return None };
    let swallowed = |open: usize, what| Fault::File(Swallowed { line: line + line_ends(&raw[..open]), what });
    match quoting::flaw(raw, roles.delimiter) {
        Some(Flaw::Open(at)) => Some(swallowed(at, "opens here and nothing closes it")),
        Some(Flaw::TextBehind(at)) if *spans_lines => {
            Some(swallowed(at, "opens here and closes on a later line in the middle of a cell"))
        }
        Some(Flaw::TextBehind(_)) => Some(Fault::Row("text follows a closing quote")),
        None if !*spans_lines => None,
        None => holds_rows(record, raw, roles).map(|open| {
            swallowed(open, "opens here and closes on a later line, behind lines that look like rows")
        }),
    }
}

/// Where the quote stands that begins a cell of several lines, when these lines read like rows of the file.
fn holds_rows(record: &ByteRecord, raw: &[u8], roles: &Roles) -> Option<usize> {
    let (mut from, mut cells_before) = (0, 0);
    while let Some(Ok((open, end))) = quoting::next_quoted(raw, from, roles.delimiter) {
        cells_before += raw[from..open].iter().filter(|byte| **byte == roles.delimiter).count();
        if are_rows(&raw[open + 1..end - 1], cells_before, record, roles) {
            return Some(open);
        }
        from = end;
    }
    None
}

/// True when the lines of a cell read like rows, each with what stands before or behind it: with as many cells as the
/// header and a number in the column of the values. Text seldom does; of the lines that would not have all cells if the
/// cell were text, half must.
fn are_rows(cell: &[u8], cells_before: usize, record: &ByteRecord, roles: &Roles) -> bool {
    let line_end = if cell.contains(&b'\n') { b'\n' } else { b'\r' };
    let lines: Vec<&[u8]> =
        cell.split(|byte| *byte == line_end).map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let [first, inner @ .., last] = lines.as_slice() else { return false };
    let split = |line| <[u8]>::split(line, |byte| *byte == roles.delimiter);
    let outside = |range: Range<usize>| (range.start..range.end.min(record.len())).map(|at| &record[at]);
    let is_row = |cells: Vec<&[u8]>| {
        cells.len() == roles.width
            && cells.get(roles.value.at).is_some_and(|cell| number::parse(cell).is_ok())
    };
    let mut told: Vec<bool> = inner.iter().map(|line| is_row(split(line).collect())).collect();
    // A text in the last column has all cells in its first line in any case, and one in the first column in its last.
    if cells_before + 1 < roles.width {
        told.push(is_row(outside(0..cells_before).chain(split(first)).collect()));
    }
    if cells_before > 0 {
        told.push(is_row(split(last).chain(outside(cells_before + 1..record.len())).collect()));
    }
    let rows = told.iter().filter(|is_row| **is_row).count();
    rows > 0 && 2 * rows >= told.len()
}
