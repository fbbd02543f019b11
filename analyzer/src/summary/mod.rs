//! Seven numbers of each group of a CSV file, for files of any size: `analyzer stats --summary`.

mod json;
mod sample;
mod text;

pub use sample::{Summary, summary};

use crate::columns::{Columns, ExcludedRow, Selection};
use crate::stats::Result;

/// The summary of a whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct Summaries {
    /// What was summarised.
    pub selection: Selection,
    /// In order of first appearance.
    pub cells: Vec<CellSummary>,
    /// Rows that belong to no cell.
    pub excluded: Vec<ExcludedRow>,
}

/// One combination of the `by` columns; without them, the only one.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSummary {
    /// The values of the `by` columns, in their order.
    pub by: Vec<String>,
    /// Names of the groups in order of first appearance, with their summaries.
    pub groups: Vec<(String, Summary)>,
    /// Data rows, the excluded ones too.
    pub n_rows: usize,
    /// Rows that are not used.
    pub excluded: Vec<ExcludedRow>,
}

/// Summarises the columns that [`crate::columns::read`] found by `selection`.
///
/// # Errors
/// Never for columns that were read from a file: their values are sound.
pub fn summarise(columns: Columns, selection: &Selection) -> Result<Summaries> {
    let mut cells = Vec::with_capacity(columns.cells.len());
    for cell in columns.cells {
        let mut groups = Vec::with_capacity(cell.groups.len());
        for mut group in cell.groups {
            if let Some(summary) = summary(&mut group.values)? {
                groups.push((group.name, summary));
            }
        }
        cells.push(CellSummary { by: cell.by, groups, n_rows: cell.n_rows, excluded: cell.excluded });
    }
    Ok(Summaries { selection: selection.clone(), cells, excluded: columns.excluded })
}
