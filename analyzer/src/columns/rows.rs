//! Rows sorted by cell and group, block by block.

use super::header::{Column, Roles};
use super::names::Names;
use super::origin::{Rests, SHORT};
use super::quotes::{self, Swallowed};
use super::records::Record;
use super::{ExcludedRow, number};

/// The rows of some lines. Those of one block and those of the whole file have the same form, with lines counted from
/// the first of theirs.
#[derive(Default)]
pub(super) struct Rows {
    /// Line ends among them.
    pub(super) lines: u64,
    /// One key for each of `groups`: see [`Rows::key_of`].
    pub(super) keys: Names,
    pub(super) groups: Vec<GroupRows>,
    /// Names of the blocks.
    pub(super) blocks: Names,
    /// Rows that are no sound records, or have another number of cells than the header.
    pub(super) ragged: Vec<ExcludedRow>,
    /// The first quote that may have swallowed rows.
    pub(super) swallowed: Option<Swallowed>,
    key: Vec<u8>,
}

/// The rows of one combination of `by` columns and group column, whether it is a group or not.
#[derive(Default)]
pub(super) struct GroupRows {
    pub(super) n_rows: usize,
    pub(super) values: Vec<f64>,
    pub(super) rests: Rests,
    /// Block and line of each value; empty without a block column.
    pub(super) places: Vec<Place>,
    pub(super) excluded: Vec<ExcludedRow>,
    /// Why no row of this combination can be used.
    pub(super) fault: Option<Fault>,
}

/// In which block and on which line a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) block: u32,
    pub(super) line: u64,
}

/// Why a combination is no group.
pub(super) enum Fault {
    /// The `by` columns name no cell.
    NoCell(String),
    /// The group column names no group.
    NoGroup(String),
}

impl Rows {
    /// No rows yet, behind so many lines.
    pub(super) fn behind(lines: u64) -> Rows {
        Rows { lines, ..Rows::default() }
    }

    /// Takes one record.
    pub(super) fn add(&mut self, line: u64, record: &Record, roles: &Roles) {
        match quotes::fault(line, record, roles) {
            Some(quotes::Fault::File(swallowed)) => {
                self.swallowed.get_or_insert(swallowed);
                return;
            }
            Some(quotes::Fault::Row(why)) => {
                return self.ragged.push(ExcludedRow { line, reason: why.to_owned() });
            }
            None => {}
        }
        let cells = record.len();
        if cells != roles.width {
            let plural = if cells == 1 { "" } else { "s" };
            let reason = format!("{cells} cell{plural}, the header has {}", roles.width);
            return self.ragged.push(ExcludedRow { line, reason });
        }
        self.key_of(record, roles);
        let at = self.keys.number(&self.key) as usize;
        if at == self.groups.len() {
            self.groups.push(GroupRows { fault: fault(record, roles), ..GroupRows::default() });
        }
        let group = &mut self.groups[at];
        group.n_rows += 1;
        if let Err(reason) = group.take(line, record, roles, &mut self.blocks) {
            group.excluded.push(ExcludedRow { line, reason });
        }
    }

    /// Puts the combination together: each `by` column with its length in front, so that no two combinations make
    /// the same key, then the group column.
    fn key_of(&mut self, record: &Record, roles: &Roles) {
        self.key.clear();
        for column in &roles.by {
            let name = record.cell(column.at);
            self.key.extend_from_slice(&(name.len() as u32).to_le_bytes());
            self.key.extend_from_slice(name);
        }
        if let Some(column) = &roles.group {
            self.key.extend_from_slice(record.cell(column.at));
        }
    }

    /// Takes the rows of the lines that follow.
    pub(super) fn append(&mut self, later: Rows) {
        let lines = self.lines;
        self.ragged.extend(moved(later.ragged, lines));
        let swallowed = later.swallowed.map(|found| Swallowed { line: found.line + lines, ..found });
        self.swallowed = self.swallowed.or(swallowed);
        let blocks: Vec<u32> =
            later.blocks.into_ordered().iter().map(|name| self.blocks.number(name)).collect();
        for (key, rows) in later.keys.into_ordered().into_iter().zip(later.groups) {
            let at = self.keys.number(&key) as usize;
            if at == self.groups.len() {
                self.groups.push(GroupRows::default());
            }
            let group = &mut self.groups[at];
            group.n_rows += rows.n_rows;
            if !(group.rests.is_empty() && rows.rests.is_empty()) {
                group.rests.resize(group.values.len(), SHORT);
                group.rests.extend_from_slice(&rows.rests);
                group.rests.resize(group.values.len() + rows.values.len(), SHORT);
            }
            group.values.extend_from_slice(&rows.values);
            let places = rows.places.iter();
            group
                .places
                .extend(places.map(|p| Place { block: blocks[p.block as usize], line: p.line + lines }));
            group.excluded.extend(moved(rows.excluded, lines));
            group.fault = rows.fault;
        }
        self.lines += later.lines;
    }
}

impl GroupRows {
    /// Takes the value of a record; the reason why it cannot be used.
    fn take(&mut self, line: u64, record: &Record, roles: &Roles, blocks: &mut Names) -> Result<(), String> {
        if let Some(Fault::NoCell(reason) | Fault::NoGroup(reason)) = &self.fault {
            return Err(reason.clone());
        }
        let column = &roles.value;
        let number = number::parse(record.cell(column.at)).map_err(|why| format!("{} {why}", column.name))?;
        if let Some(column) = &roles.block {
            named(record, column)?;
            self.places.push(Place { block: blocks.number(record.cell(column.at)), line });
        }
        if number.rest.is_some() || !self.rests.is_empty() {
            self.rests.resize(self.values.len(), SHORT);
            self.rests.push(number.rest.unwrap_or(SHORT));
        }
        self.values.push(number.value);
        Ok(())
    }
}

fn fault(record: &Record, roles: &Roles) -> Option<Fault> {
    let by = roles.by.iter().find_map(|column| utf8(record, column).err());
    let group = || roles.group.as_ref().and_then(|column| named(record, column).err());
    by.map(Fault::NoCell).or_else(|| group().map(Fault::NoGroup))
}

fn utf8<'a>(record: &Record<'a>, column: &Column) -> Result<&'a str, String> {
    std::str::from_utf8(record.cell(column.at)).map_err(|_| format!("{} is not UTF-8", column.name))
}

fn named(record: &Record, column: &Column) -> Result<(), String> {
    let blank = utf8(record, column)?.trim().is_empty();
    if blank { Err(format!("{} is blank", column.name)) } else { Ok(()) }
}

fn moved(rows: Vec<ExcludedRow>, lines: u64) -> impl Iterator<Item = ExcludedRow> {
    rows.into_iter().map(move |row| ExcludedRow { line: row.line + lines, ..row })
}
