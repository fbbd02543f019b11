//! Rows sorted into cells and groups, block by block.

use super::header::{Column, Roles};
use super::names::{Names, NoName};
use super::records::Record;
use super::{Cell, Columns, ExcludedRow, Group, number};
use std::collections::HashMap;

/// The rows of some lines. Those of one block and of the whole file have the same form, with lines counted from the
/// first of theirs.
#[derive(Default)]
pub(super) struct Rows {
    /// Line ends among them.
    pub(super) lines: u64,
    keys: Names,
    cells: Vec<CellRows>,
    excluded: Vec<ExcludedRow>,
    /// Where a row's key is put together.
    key: Vec<u8>,
}

#[derive(Default)]
struct CellRows {
    by: Vec<String>,
    group_names: Names,
    groups: Vec<GroupRows>,
    block_names: Names,
    n_rows: usize,
    excluded: Vec<ExcludedRow>,
}

/// Blocks and lines only where there is a block column.
#[derive(Default)]
struct GroupRows {
    values: Vec<f64>,
    blocks: Vec<u32>,
    lines: Vec<u64>,
}

impl Rows {
    /// No rows yet, behind so many lines.
    pub(super) fn behind(lines: u64) -> Rows {
        Rows { lines, ..Rows::default() }
    }

    /// Takes one record.
    pub(super) fn add(&mut self, line: u64, record: &Record, roles: &Roles) {
        let ragged = record.len() != roles.width;
        let cell = if ragged && !roles.by.is_empty() {
            Err(ragged_row(record, roles))
        } else {
            self.cell(record, roles)
        };
        let cell = match cell {
            Ok(cell) => &mut self.cells[cell],
            Err(reason) => return self.excluded.push(ExcludedRow { line, reason }),
        };
        cell.n_rows += 1;
        let taken = if ragged { Err(ragged_row(record, roles)) } else { cell.take(line, record, roles) };
        if let Err(reason) = taken {
            cell.excluded.push(ExcludedRow { line, reason });
        }
    }

    /// The cell of a record, a new one when its `by` columns say so; the reason why it belongs to none.
    fn cell(&mut self, record: &Record, roles: &Roles) -> Result<usize, String> {
        self.key.clear();
        for column in &roles.by {
            let name = record.cell(column.at);
            // With its length in front, no two combinations make the same key.
            self.key.extend_from_slice(&(name.len() as u64).to_le_bytes());
            self.key.extend_from_slice(name);
        }
        if let Some(known) = self.keys.get(&self.key) {
            return Ok(known as usize);
        }
        let text = |column: &Column| {
            let text = String::from_utf8(record.cell(column.at).to_vec());
            text.map_err(|_| not_a_name(NoName::NotUtf8, column))
        };
        let by = roles.by.iter().map(text).collect::<Result<_, _>>()?;
        self.cells.push(CellRows { by, ..CellRows::default() });
        Ok(self.keys.number(&self.key) as usize)
    }

    /// Takes the rows of the lines that follow.
    pub(super) fn append(&mut self, later: Rows) {
        let lines = self.lines;
        self.excluded.extend(moved(later.excluded, lines));
        for (key, cell) in later.keys.into_ordered().into_iter().zip(later.cells) {
            let at = self.keys.number(&key) as usize;
            if at == self.cells.len() {
                self.cells.push(CellRows { by: cell.by.clone(), ..CellRows::default() });
            }
            self.cells[at].append(cell, lines);
        }
        self.lines += later.lines;
    }

    /// The file's columns.
    pub(super) fn finish(self) -> Columns {
        Columns { cells: self.cells.into_iter().map(CellRows::finish).collect(), excluded: self.excluded }
    }
}

impl CellRows {
    /// Takes the value of a record with all its cells; the reason why it has none.
    fn take(&mut self, line: u64, record: &Record, roles: &Roles) -> Result<(), String> {
        let group = match &roles.group {
            Some(column) => number_of(record, column, &mut self.group_names)?,
            None => self.group_names.number(roles.value.name.as_bytes()),
        };
        let group = entry(&mut self.groups, group);
        let column = &roles.value;
        let value = number::parse(record.cell(column.at)).map_err(|why| format!("{} {why}", column.name))?;
        if let Some(column) = &roles.block {
            group.blocks.push(number_of(record, column, &mut self.block_names)?);
            group.lines.push(line);
        }
        group.values.push(value);
        Ok(())
    }

    fn append(&mut self, later: CellRows, lines: u64) {
        self.n_rows += later.n_rows;
        self.excluded.extend(moved(later.excluded, lines));
        let blocks: Vec<u32> =
            later.block_names.into_ordered().iter().map(|name| self.block_names.number(name)).collect();
        for (name, rows) in later.group_names.into_ordered().into_iter().zip(later.groups) {
            let group = entry(&mut self.groups, self.group_names.number(&name));
            group.values.extend_from_slice(&rows.values);
            group.blocks.extend(rows.blocks.iter().map(|&block| blocks[block as usize]));
            group.lines.extend(rows.lines.iter().map(|line| line + lines));
        }
    }

    fn finish(mut self) -> Cell {
        let mut groups = Vec::new();
        for (name, mut rows) in self.group_names.into_ordered().into_iter().zip(self.groups) {
            rows.exclude_repeats(&mut self.excluded);
            if !rows.values.is_empty() {
                groups.push(Group { name: text(name), values: rows.values, blocks: rows.blocks });
            }
        }
        self.excluded.sort_by_key(|row| row.line);
        let blocks = self.block_names.into_ordered().into_iter().map(text).collect();
        Cell { by: self.by, groups, blocks, n_rows: self.n_rows, excluded: self.excluded }
    }
}

impl GroupRows {
    /// Keeps the first value of each block.
    fn exclude_repeats(&mut self, excluded: &mut Vec<ExcludedRow>) {
        let mut first_lines = HashMap::new();
        let mut kept = 0;
        for at in 0..self.blocks.len() {
            let (block, line) = (self.blocks[at], self.lines[at]);
            let first = *first_lines.entry(block).or_insert(line);
            if first == line {
                self.values[kept] = self.values[at];
                self.blocks[kept] = block;
                kept += 1;
            } else {
                let reason = format!("repeats line {first}: one value per block and group");
                excluded.push(ExcludedRow { line, reason });
            }
        }
        if !self.blocks.is_empty() {
            self.values.truncate(kept);
            self.blocks.truncate(kept);
        }
    }
}

fn number_of(record: &Record, column: &Column, names: &mut Names) -> Result<u32, String> {
    names.number_of_cell(record.cell(column.at)).map_err(|why| not_a_name(why, column))
}

fn not_a_name(why: NoName, column: &Column) -> String {
    match why {
        NoName::Blank => format!("{} is blank", column.name),
        NoName::NotUtf8 => format!("{} is not UTF-8", column.name),
    }
}

fn ragged_row(record: &Record, roles: &Roles) -> String {
    let cells = record.len();
    format!("{cells} cell{}, the header has {}", if cells == 1 { "" } else { "s" }, roles.width)
}

fn moved(rows: Vec<ExcludedRow>, lines: u64) -> impl Iterator<Item = ExcludedRow> {
    rows.into_iter().map(move |row| ExcludedRow { line: row.line + lines, ..row })
}

/// The item of a number that is known or the next one.
fn entry<T: Default>(items: &mut Vec<T>, number: u32) -> &mut T {
    let at = number as usize;
    if at == items.len() {
        items.push(T::default());
    }
    &mut items[at]
}

/// A name, which was seen to be UTF-8 when it got its number.
fn text(name: Box<[u8]>) -> String {
    String::from_utf8_lossy(&name).into_owned()
}
