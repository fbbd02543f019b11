//! From the rows of a whole file to its cells.

use super::header::Roles;
use super::names::Names;
use super::origin::{Rests, TooFine};
use super::rows::{Fault, GroupRows, Rows};
use super::{Cell, Columns, ExcludedRow, Group};
use std::collections::HashMap;

impl Rows {
    /// The columns of the file that these rows are.
    pub(super) fn finish(self, roles: &Roles) -> Result<Columns, TooFine> {
        let mut cells: Vec<Cell> = Vec::new();
        let mut rests: Vec<Vec<Rests>> = Vec::new();
        let mut cell_keys = Names::default();
        let mut excluded = self.ragged;
        for (key, mut rows) in self.keys.into_ordered().into_iter().zip(self.groups) {
            if let Some(Fault::NoCell(_)) = rows.fault {
                excluded.append(&mut rows.excluded);
                continue;
            }
            let (by, name) = names_of(&key, roles);
            let at = cell_keys.number(&key[..key.len() - name.len()]) as usize;
            let name = if roles.group.is_some() { text(name) } else { roles.value.name.clone() };
            if at == cells.len() {
                cells.push(Cell::empty(by));
                rests.push(Vec::new());
            }
            rests[at].extend(cells[at].take(name, rows));
        }
        if roles.by.is_empty() {
            if cells.is_empty() {
                cells.push(Cell::empty(Vec::new()));
                rests.push(Vec::new());
            }
            cells[0].n_rows += excluded.len();
            cells[0].excluded.append(&mut excluded);
        }
        excluded.sort_by_key(|row| row.line);
        let blocks: Vec<String> = self.blocks.into_ordered().iter().map(|name| text(name)).collect();
        for (cell, rests) in cells.iter_mut().zip(rests) {
            cell.excluded.sort_by_key(|row| row.line);
            cell.number_blocks(&blocks);
            cell.set_origin(&rests)?;
        }
        Ok(Columns { cells, excluded })
    }
}

impl Cell {
    fn empty(by: Vec<String>) -> Cell {
        Cell { by, origin: None, groups: Vec::new(), blocks: Vec::new(), n_rows: 0, excluded: Vec::new() }
    }

    /// Takes the rows of one group, with the file's numbers of blocks; what f64 lost of its values, if it has some.
    fn take(&mut self, name: String, mut rows: GroupRows) -> Option<Rests> {
        exclude_repeats(&mut rows);
        self.n_rows += rows.n_rows;
        self.excluded.append(&mut rows.excluded);
        if rows.values.is_empty() {
            return None;
        }
        let blocks = rows.places.iter().map(|place| place.block).collect();
        self.groups.push(Group { name, values: rows.values, blocks });
        Some(rows.rests)
    }

    /// From the file's numbers of blocks to the cell's own, in the same order.
    fn number_blocks(&mut self, names: &[String]) {
        let mut used: Vec<u32> = self.groups.iter().flat_map(|group| &group.blocks).copied().collect();
        used.sort_unstable();
        used.dedup();
        let numbers: HashMap<u32, u32> = used.iter().copied().zip(0..).collect();
        for group in &mut self.groups {
            group.blocks.iter_mut().for_each(|block| *block = numbers[block]);
        }
        self.blocks = used.iter().map(|&block| names[block as usize].clone()).collect();
    }
}

/// Keeps the first value of each block.
fn exclude_repeats(rows: &mut GroupRows) {
    let mut first_lines = HashMap::new();
    let mut kept = 0;
    for at in 0..rows.places.len() {
        let place = rows.places[at];
        let first = *first_lines.entry(place.block).or_insert(place.line);
        if first == place.line {
            rows.values[kept] = rows.values[at];
            rows.places[kept] = place;
            if let Some(rest) = rows.rests.get(at).copied() {
                rows.rests[kept] = rest;
            }
            kept += 1;
        } else {
            let reason = format!("repeats line {first}: one value per block and group");
            rows.excluded.push(ExcludedRow { line: place.line, reason });
        }
    }
    if kept > 0 {
        rows.values.truncate(kept);
        rows.rests.truncate(kept);
        rows.places.truncate(kept);
    }
}

/// What [`Rows::key_of`] put together.
fn names_of<'a>(mut key: &'a [u8], roles: &Roles) -> (Vec<String>, &'a [u8]) {
    let mut by = Vec::with_capacity(roles.by.len());
    while by.len() < roles.by.len()
        && let Some((length, rest)) = key.split_first_chunk()
    {
        let (name, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        by.push(text(name));
        key = rest;
    }
    (by, key)
}

/// A name; those that are used were seen to be UTF-8 when they first appeared.
fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
