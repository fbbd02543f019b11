//! Differences to the baseline whose neighbours are alike: every interval of them takes the blocks for independent.

use crate::analysis::Cell;
use crate::stats;
use crate::stats::autocorrelation::{self, Alike};

/// The within-block differences of one arm in block order.
#[derive(Debug, Clone, PartialEq)]
pub struct AlikeDifferences {
    /// Arm label.
    pub arm: String,
    /// Their lag-1 autocorrelation with its p, which stands for itself: a warning that comes by chance costs a second look,
    /// one that is missing a false verdict.
    pub found: Alike,
}

/// Of every arm with enough blocks, the A/A arm first.
pub(super) fn find(cell: &Cell, seed: u64) -> stats::Result<Vec<AlikeDifferences>> {
    let control = cell.control.iter().map(|control| (&control.b, &control.differences));
    let contrasts = cell.contrasts.iter().map(|one| (&one.arm, &one.differences));
    let mut found = Vec::new();
    for (arm, differences) in control.chain(contrasts) {
        let values: Vec<f64> = differences.iter().map(|(_, difference)| *difference).collect();
        if values.len() >= super::LEAST_BLOCKS {
            let alike = autocorrelation::alike(&values, seed)?;
            found.extend(alike.map(|found| AlikeDifferences { arm: arm.clone(), found }));
        }
    }
    Ok(found)
}
