//! Complete blocks: those in which every group of the cell has a value.

use crate::columns::Cell;
use crate::stats::Result;
use crate::stats::blocked::Blocked;
use serde::Serialize;

/// The values of the complete blocks.
#[derive(Debug, Clone)]
pub struct Complete {
    /// One column per group, in the order of the groups; one value per complete block, in the order of the blocks.
    pub values: Vec<Vec<f64>>,
    /// The blocks that lack a group.
    pub dropped: Vec<DroppedBlock>,
}

/// A block in which a group has no value: its values count in their groups only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DroppedBlock {
    /// Name of the block.
    pub block: String,
    /// Groups without a value in it.
    pub missing: Vec<String>,
}

impl Complete {
    /// The same values, one row per block.
    pub(super) fn design(&self) -> Result<Blocked> {
        let blocks = self.values.first().map_or(0, Vec::len);
        let rows: Vec<Vec<f64>> =
            (0..blocks).map(|block| self.values.iter().map(|column| column[block]).collect()).collect();
        Blocked::new(&rows)
    }
}

/// Sorts the values of a cell into its blocks. The reader has seen to it that a group has one value in a block.
pub fn complete(cell: &Cell) -> Complete {
    let table: Vec<Vec<Option<f64>>> = cell
        .groups
        .iter()
        .map(|group| {
            let mut places = vec![None; cell.blocks.len()];
            for (block, value) in group.blocks.iter().zip(&group.values) {
                if let Some(place) = places.get_mut(*block as usize) {
                    *place = Some(*value);
                }
            }
            places
        })
        .collect();
    let mut values = vec![Vec::new(); cell.groups.len()];
    let mut dropped = Vec::new();
    for (index, block) in cell.blocks.iter().enumerate() {
        let missing: Vec<String> = (cell.groups.iter().zip(&table))
            .filter(|(_, places)| places[index].is_none())
            .map(|(group, _)| group.name.clone())
            .collect();
        if missing.is_empty() {
            for (column, places) in values.iter_mut().zip(&table) {
                column.extend(places[index]);
            }
        } else {
            dropped.push(DroppedBlock { block: block.clone(), missing });
        }
    }
    Complete { values, dropped }
}
