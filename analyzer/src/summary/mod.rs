//! Seven numbers of each group of a CSV file, for files of any size: `analyzer stats --summary`.

mod json;
mod sample;
mod text;

pub use sample::{Summary, summary};

use crate::columns::{Columns, ExcludedRow, Group, Origin, Selection};
use crate::stats::Result;
use std::panic::resume_unwind;
use std::thread;

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
    /// What was subtracted from the values, see [`crate::columns::Cell::origin`].
    pub origin: Option<Origin>,
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
pub fn summarise(mut columns: Columns, selection: &Selection) -> Result<Summaries> {
    let mut summaries =
        on_all_cores(columns.cells.iter_mut().flat_map(|cell| &mut cell.groups).collect())?.into_iter();
    let cells = columns.cells.into_iter().map(|cell| {
        // Every group has a value, so none is without a summary.
        let names = cell.groups.into_iter().map(|group| group.name);
        let groups = names.zip(summaries.by_ref()).filter_map(|(name, summary)| Some((name, summary?)));
        CellSummary {
            by: cell.by,
            origin: cell.origin,
            groups: groups.collect(),
            n_rows: cell.n_rows,
            excluded: cell.excluded,
        }
    });
    Ok(Summaries { selection: selection.clone(), cells: cells.collect(), excluded: columns.excluded })
}

/// The summary of each group, in their order.
fn on_all_cores(mut groups: Vec<&mut Group>) -> Result<Vec<Option<Summary>>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = groups.len().div_ceil(threads).max(1);
    let parts: Result<Vec<_>> = thread::scope(|scope| {
        let work =
            |part: &mut [&mut Group]| part.iter_mut().map(|group| summary(&mut group.values)).collect();
        let workers: Vec<_> = groups.chunks_mut(share).map(|part| scope.spawn(move || work(part))).collect();
        let done =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.collect::<Result<Vec<Vec<_>>>>()
    });
    Ok(parts?.concat())
}
