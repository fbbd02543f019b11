//! The values of a cell by block, and which blocks count: all pairs of groups are compared in the same blocks, those that
//! have every group, so that their answers fit together. A rare group, such as a misspelt name, is not asked for.

use crate::columns::Cell;
use crate::stats::Result;
use crate::stats::blocked::Blocked;
use serde::Serialize;

/// The values of each group by block.
#[derive(Debug, Clone)]
pub struct Blocks {
    /// One row per group, in the order of the groups; one place per block, in the order of the blocks.
    table: Vec<Vec<Option<f64>>>,
}

/// A block in which a group has no value: its values count in their groups and in the pairs that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DroppedBlock {
    /// Name of the block.
    pub block: String,
    /// Groups without a value in it.
    pub missing: Vec<String>,
}

impl Blocks {
    /// Sorts the values of a cell into its blocks. The reader has seen to it that a group has one value in a block.
    pub(super) fn of(cell: &Cell) -> Blocks {
        let places = |group: &crate::columns::Group| {
            let mut places = vec![None; cell.blocks.len()];
            for (block, value) in group.blocks.iter().zip(&group.values) {
                if let Some(place) = places.get_mut(*block as usize) {
                    *place = Some(*value);
                }
            }
            places
        };
        Blocks { table: cell.groups.iter().map(places).collect() }
    }

    /// True for a group that has a value in under half of the blocks.
    fn is_rare(places: &[Option<f64>]) -> bool {
        2 * places.iter().flatten().count() < places.len()
    }

    /// The values of two groups, by their numbers, in the blocks that have every group but the rare ones, and both.
    pub(super) fn pair(&self, a: usize, b: usize) -> (Vec<f64>, Vec<f64>) {
        let asked: Vec<&Vec<Option<f64>>> =
            self.table.iter().filter(|places| !Self::is_rare(places)).collect();
        let counts = |block: &usize| asked.iter().all(|places| places[*block].is_some());
        let both = |block: usize| self.table[a][block].zip(self.table[b][block]);
        (0..self.table[a].len()).filter(counts).filter_map(both).unzip()
    }

    /// The blocks that have all groups.
    pub(super) fn complete(&self) -> Result<Blocked> {
        let blocks = self.table.first().map_or(0, Vec::len);
        let row = |block: usize| self.table.iter().map(|places| places[block]).collect::<Option<Vec<f64>>>();
        Blocked::new(&(0..blocks).filter_map(row).collect::<Vec<_>>())
    }

    /// The other blocks.
    pub(super) fn dropped(&self, cell: &Cell) -> Vec<DroppedBlock> {
        let lacking = |(index, block): (usize, &String)| {
            let missing: Vec<String> = (cell.groups.iter().zip(&self.table))
                .filter(|(_, places)| places[index].is_none())
                .map(|(group, _)| group.name.clone())
                .collect();
            (!missing.is_empty()).then(|| DroppedBlock { block: block.clone(), missing })
        };
        cell.blocks.iter().enumerate().filter_map(lacking).collect()
    }
}
