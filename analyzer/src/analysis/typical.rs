//! Which trials stand for a cell where only one or two can be shown.

use super::Cell;
use crate::metrics::{Outcome, median};

/// The trials of a cell that are shown one by one, as places in `run.trials`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Examples {
    /// Median efficiency over all counted trials of the cell, a fraction.
    pub median: f64,
    /// The trial whose efficiency is closest to that median.
    pub typical: usize,
    /// The trial of lowest efficiency.
    pub worst: usize,
}

/// The typical and the worst of a cell's counted trials, all arms together; of equals the earlier trial. None where
/// no trial counts.
pub fn examples(outcomes: &[Outcome], cell: &Cell) -> Option<Examples> {
    let efficiency = |place: usize| Some((place, outcomes.get(place)?.counted()?.factors?.efficiency));
    // `run.trials` stands in the order of the trials' numbers, so the smaller place is the earlier trial.
    let mut trials: Vec<(usize, f64)> =
        cell.arms.iter().flat_map(|arm| &arm.counted).filter_map(|place| efficiency(*place)).collect();
    trials.sort_by_key(|(place, _)| *place);
    let median = median(trials.iter().map(|(_, e)| *e))?;
    let least = |cost: &dyn Fn(f64) -> f64| {
        trials.iter().min_by(|a, b| cost(a.1).total_cmp(&cost(b.1))).map(|(place, _)| *place)
    };
    Some(Examples { median, typical: least(&|e| (e - median).abs())?, worst: least(&|e| e)? })
}
