//! Names numbered in order of first appearance.

use std::collections::HashMap;

/// Names as bytes, numbered from 0.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
}

/// Why a cell is no name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NoName {
    Blank,
    NotUtf8,
}

impl Names {
    /// The number of a name that has been seen.
    pub(super) fn get(&self, name: &[u8]) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number of a name, the next one when it is new.
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        self.get(name).unwrap_or_else(|| {
            let next = self.numbers.len() as u32;
            self.numbers.insert(name.into(), next);
            next
        })
    }

    /// The same for a cell that may hold no name.
    pub(super) fn number_of_cell(&mut self, cell: &[u8]) -> Result<u32, NoName> {
        if let Some(number) = self.get(cell) {
            return Ok(number);
        }
        match std::str::from_utf8(cell) {
            Err(_) => Err(NoName::NotUtf8),
            Ok(text) if text.trim().is_empty() => Err(NoName::Blank),
            Ok(_) => Ok(self.number(cell)),
        }
    }

    /// All names by number.
    pub(super) fn into_ordered(self) -> Vec<Box<[u8]>> {
        let mut ordered: Vec<_> = self.numbers.into_iter().collect();
        ordered.sort_unstable_by_key(|(_, number)| *number);
        ordered.into_iter().map(|(name, _)| name).collect()
    }
}
