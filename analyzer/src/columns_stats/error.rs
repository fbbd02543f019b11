//! Why columns could not be analysed.

use super::settings::{LEAST_RESAMPLES, MOST_GROUPS};
use crate::report::{escape, format};
use crate::stats::StatsError;
use thiserror::Error;

/// Why columns could not be analysed.
#[derive(Debug, Error, PartialEq)]
pub enum AnalyseError {
    /// Nothing says which rows belong together.
    #[error("--group is missing: name the column whose values are to be compared, or ask for --summary")]
    NoGroupColumn,
    /// No group has the baseline's name.
    #[error("--baseline {}: no such group; give one of {}", escape::name(.name), format::listed(.groups))]
    NoSuchBaseline {
        /// What was asked for.
        name: String,
        /// The groups that there are, harmless to print.
        groups: Vec<String>,
    },
    /// A margin that bounds nothing.
    #[error("--margin {0}: give a finite number above 0, in the unit of the column")]
    Margin(f64),
    /// Too few resamples for a 95 % interval.
    #[error("--resamples {0}: a 95 % interval needs at least {LEAST_RESAMPLES}")]
    Resamples(usize),
    /// More groups than anyone compares in pairs.
    #[error(
        "column {}: {groups} groups in one cell, at most {MOST_GROUPS} can be compared in pairs; \
         give a --group with fewer values, or ask for --summary", escape::name(.column)
    )]
    TooManyGroups {
        /// The column.
        column: String,
        /// How many there are.
        groups: usize,
    },
    /// A number could not be computed.
    #[error(transparent)]
    Stats(#[from] StatsError),
}

impl AnalyseError {
    /// True when the user can remedy it, false for a fault of this program.
    pub fn is_users(&self) -> bool {
        // The reader lets no single value be too large, but a difference of two may be.
        !matches!(self, Self::Stats(source) if !matches!(source, StatsError::TooLarge { .. }))
    }
}
