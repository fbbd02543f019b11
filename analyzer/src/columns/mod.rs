//! Columns of any CSV file as samples: what `analyzer stats` reads.
//!
//! The file is RFC 4180: the first record is the header, cells may be quoted, a line ends with CRLF, LF or CR. Where the
//! header says so, a semicolon or a tab stands in place of the comma. A row that cannot be used is excluded with its
//! line and the reason, never repaired; a quote that may have swallowed rows is an error. Reading takes one pass in
//! blocks cut at record ends, on all cores, and keeps the used values only; the result does not depend on blocks and
//! cores.

mod block;
mod cores;
mod error;
mod exact;
mod finish;
mod header;
mod names;
mod number;
mod origin;
mod quotes;
mod records;
mod rows;
#[cfg(test)]
mod tests;

pub use error::ColumnsError;
pub use origin::{Location, Origin};

use block::Blocks;
use header::Header;
use rows::Rows;
use std::io::{self, Read};
use std::path::Path;

/// Which columns of a CSV file are analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Column of the numbers.
    pub value: String,
    /// Column that names a row's group; without one, all values form one group named after the value column.
    pub group: Option<String>,
    /// Column that names a row's block; one value per block and group.
    pub block: Option<String>,
    /// Columns whose combinations are analysed apart.
    pub by: Vec<String>,
}

/// The whole file: cells in order of first appearance.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// At least one, and at least one of them with a value.
    pub cells: Vec<Cell>,
    /// Rows that belong to no cell (ragged, or not UTF-8 in a `by` column), by line. Empty without `by`: all rows
    /// belong to the one cell then.
    pub excluded: Vec<ExcludedRow>,
}

/// One combination of the `by` columns; without them, the only one.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The values of the `by` columns, in their order; empty without them.
    pub by: Vec<String>,
    /// What is subtracted from every value: nothing, unless the values share so many digits that their differences
    /// would be lost.
    pub origin: Option<Origin>,
    /// Groups with at least one value, in order of first appearance.
    pub groups: Vec<Group>,
    /// Names of the blocks with at least one value, in order of first appearance; empty without a block column.
    pub blocks: Vec<String>,
    /// Data rows of the cell, the excluded ones too.
    pub n_rows: usize,
    /// Rows that are not used, by line.
    pub excluded: Vec<ExcludedRow>,
}

/// One group's values in file order.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What stands in the group column.
    pub name: String,
    /// At least one; each finite and at most 1e100 in magnitude. What they are above [`Cell::origin`], if there is one.
    pub values: Vec<f64>,
    /// Index into [`Cell::blocks`] of each value, none twice; empty without a block column.
    pub blocks: Vec<u32>,
}

/// A row that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedRow {
    /// Line of the file on which the row begins; the header is on line 1.
    pub line: u64,
    /// Why, in a few words; cells are quoted with escapes and cut to 40 characters.
    pub reason: String,
}

/// Reads the selected columns of the file at `path`; `-` is standard input.
///
/// # Errors
/// When the file cannot be read, has no data, lacks a column, has a quote that may have swallowed rows, or has no row
/// that can be used.
pub fn read(path: &Path, selection: &Selection) -> Result<Columns, ColumnsError> {
    if path == Path::new("-") {
        return read_from(
            io::stdin(),
            block::SIZE,
            cores::available(),
            selection,
            Path::new("standard input"),
        );
    }
    let unreadable = |source| ColumnsError::Io { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(ColumnsError::Folder(path.to_owned()));
    }
    let file = tandem_records::regular_file::open(path).map_err(unreadable)?;
    read_from(file, block::SIZE, cores::available(), selection, path)
}

fn read_from<R: Read + Send>(
    mut source: R,
    block_size: usize,
    threads: usize,
    selection: &Selection,
    path: &Path,
) -> Result<Columns, ColumnsError> {
    let unreadable = |source| ColumnsError::Io { path: path.to_owned(), source };
    let mut head = Vec::new();
    Header::fetch(&mut source, &mut head).map_err(unreadable)?;
    let header = Header::parse(&head, &selection.value, path)?;
    let roles = header.select(selection, path)?;
    let rest = head[header.length..].chain(source);
    let blocks = Blocks::new(rest, block_size, roles.delimiter);
    let rows = cores::gather(blocks, header.lines, &roles, threads).map_err(unreadable)?;
    usable(sound(rows, &roles, path)?, path)
}

/// The columns of a file of which no row was lost.
fn sound(rows: Rows, roles: &header::Roles, path: &Path) -> Result<Columns, ColumnsError> {
    if let Some(found) = rows.swallowed {
        return Err(ColumnsError::Quote { path: path.to_owned(), line: found.line, what: found.what });
    }
    rows.finish(roles).map_err(|found| ColumnsError::TooFine {
        path: path.to_owned(),
        column: roles.value.name.clone(),
        near: found.near,
    })
}

/// Columns with at least one value.
fn usable(columns: Columns, path: &Path) -> Result<Columns, ColumnsError> {
    if columns.cells.iter().any(|cell| !cell.groups.is_empty()) {
        return Ok(columns);
    }
    let n_rows = columns.excluded.len() + columns.cells.iter().map(|cell| cell.n_rows).sum::<usize>();
    let excluded = columns.cells.into_iter().flat_map(|cell| cell.excluded).chain(columns.excluded);
    match excluded.min_by_key(|row| row.line) {
        None => Err(ColumnsError::NoRows(path.to_owned())),
        Some(ExcludedRow { line, reason }) => {
            Err(ColumnsError::NoUsableRow { path: path.to_owned(), n_rows, line, reason })
        }
    }
}
