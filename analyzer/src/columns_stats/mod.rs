//! The full statistics of a table: `analyzer stats` without `--summary`.
//!
//! ```text
//! columns (CSV) -> one object per cell: groups, pairs, omnibus, multiple -> JSON, or text for people
//! ```

mod blocks;
mod bounds;
mod error;
mod group;
mod multiple;
mod notes;
mod object;
mod omnibus;
mod pair;
mod paired;
mod settings;
mod text;

pub use blocks::DroppedBlock;
pub use bounds::{Bounds, LocationBounds};
pub use error::AnalyseError;
pub use group::{GroupStats, Outliers, Quantiles, Series, ShapiroWilk};
pub use multiple::{Multiple, PairedAdjusted, Simultaneous, WelchAdjusted};
pub use object::{CellStats, Excluded, Object};
pub use omnibus::{Friedman, KruskalWallis, Omnibus, Rcbd, WelchAnova};
pub use pair::{BrownForsythe, HedgesG, MannWhitney, PairStats, RatioGeomean, TostWelch, Welch};
pub use paired::{Paired, Wilcoxon};
pub use settings::{DEFAULT_MARGIN, LEAST_RESAMPLES, MOST_GROUPS, Settings};

use crate::columns::{Columns, Selection};

/// The statistics of a table, one object per cell.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What was read.
    pub selection: Selection,
    /// The cells; exactly one without `--by`.
    pub cells: Vec<CellStats>,
    /// Rows that belong to no cell, which exist only with `--by`.
    pub excluded: Vec<Excluded>,
    /// What a user should know beside the numbers: one line each, harmless to print.
    pub notes: Vec<String>,
}

/// Computes everything.
///
/// # Errors
/// A setting out of range, no group column, nothing to analyse, an unknown baseline, too many groups, a value that
/// cannot be analysed.
pub fn analyse(
    columns: &Columns,
    selection: &Selection,
    settings: &Settings,
) -> Result<Analysis, AnalyseError> {
    settings.check()?;
    object::check(columns, selection, settings)?;
    let mut cells = Vec::with_capacity(columns.cells.len());
    for cell in &columns.cells {
        cells.push(object::of_cell(cell, selection, settings)?);
    }
    let excluded = columns.excluded.iter().map(Excluded::from).collect();
    let notes = notes::notes(columns, &cells, selection, settings);
    Ok(Analysis { selection: selection.clone(), cells, excluded, notes })
}

impl Analysis {
    /// One JSON object in one line; with `--by`, one of cells.
    pub fn json(&self) -> String {
        let text = match self.cells.as_slice() {
            [only] if self.selection.by.is_empty() => serde_json::to_string(&only.object),
            cells => serde_json::to_string(&object::Cells { cells, excluded_rows: &self.excluded }),
        };
        text.expect("names and numbers are always JSON") + "\n"
    }

    /// Tables for people.
    pub fn text(&self) -> String {
        text::text(self)
    }
}
