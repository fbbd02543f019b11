//! The order of one cell's trials.

use super::neighbours::{self, Neighbours};
use super::{AlikeDifferences, Nulls, OrderTest, Outlying, Tested, alike, flagged, mean, together};
use crate::analysis::{Cell, Settings};
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::blocked::Blocked;
use crate::stats::verdict::LEAST_N;
use crate::stats::{self, friedman, step, trend};
use std::collections::BTreeSet;

/// Fewest blocks for the tests over blocks, as for the verdicts.
pub const LEAST_BLOCKS: usize = LEAST_N;

/// Fewest trials for the tests of neighbours: Ljung-Box needs a tenth lag.
pub const LEAST_TRIALS: usize = stats::autocorrelation::LJUNG_BOX_LAGS + 1;

/// The order of one cell's trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Cell.
    pub cell: String,
    /// Trials that count.
    pub trials: usize,
    /// Blocks with a trial that counts.
    pub blocks: usize,
    /// Blocks in which every arm counts.
    pub complete_blocks: usize,
    /// Kendall's tau of the blocks' mean levels with their order.
    pub tau: Option<f64>,
    /// Theil-Sen slope of those levels, a fraction per block.
    pub slope: Option<f64>,
    /// The last block before the step that fits best.
    pub step_after: Option<u32>,
    /// Lag-1 autocorrelation inside the blocks, above what shuffling gives on average.
    pub acf1: Option<f64>,
    /// The five tests, in the order of [`OrderTest`].
    pub tests: [Tested; 5],
    /// Differences to the baseline far from the others of their arm.
    pub outlying: Outlying,
    /// Whether neighbouring blocks are alike, arm by arm.
    pub alike: Vec<AlikeDifferences>,
}

/// Blocks in which a trial of the cell counts.
pub(super) fn blocks(run: &Run, cell: &Cell) -> usize {
    let places = cell.arms.iter().flat_map(|arm| &arm.counted);
    places.map(|place| run.trials[*place].row.block).collect::<BTreeSet<u32>>().len()
}

pub(super) fn check(
    run: &Run,
    outcomes: &[Outcome],
    cell: &Cell,
    settings: &Settings,
    nulls: &Nulls,
) -> stats::Result<Order> {
    let blocks = values(run, outcomes, cell);
    let levels: Vec<f64> = blocks.iter().map(|block| mean(block)).collect();
    let complete: Vec<&Vec<f64>> = blocks.iter().filter(|block| block.len() == cell.arms.len()).collect();
    let enough = levels.len() >= LEAST_BLOCKS;
    let drift = if enough { trend::kendall(&levels)? } else { None };
    let place = if complete.len() >= LEAST_BLOCKS {
        friedman::friedman(&Blocked::new(&complete)?).and_then(|found| found.iman_davenport)
    } else {
        None
    };
    let near: Option<Neighbours> = neighbours::look(&blocks, settings.seed)?;
    let (rounds, scores): (Vec<u32>, Vec<f64>) =
        together::efficiency(run, outcomes, &[cell]).scores()?.into_iter().unzip();
    let step = step::step(&scores)?;
    Ok(Order {
        cell: cell.name.clone(),
        trials: blocks.iter().map(Vec::len).sum(),
        blocks: blocks.len(),
        complete_blocks: complete.len(),
        tau: drift.map(|drift| drift.tau),
        slope: if enough { trend::theil_sen(&levels)? } else { None },
        step_after: step.map(|step| rounds[step.before - 1]),
        acf1: near.map(|near| near.acf1),
        tests: [
            Tested::new(OrderTest::Drift, drift.map(|drift| drift.p)),
            Tested::new(OrderTest::Step, step.and_then(|step| Some(nulls.of(step.n)?.p(step)))),
            Tested::new(OrderTest::Neighbours, near.map(|near| near.ljung_box_p)),
            Tested::new(OrderTest::Runs, near.and_then(|near| near.runs_p)),
            Tested::new(OrderTest::Place, place.map(|place| place.p)),
        ],
        outlying: flagged::find(run, cell, &settings.baseline)?,
        alike: alike::find(cell, settings.seed)?,
    })
}

/// Efficiency minus the arm's median, block by block, inside each in run order. Blocks without a trial that counts are
/// left out.
fn values(run: &Run, outcomes: &[Outcome], cell: &Cell) -> Vec<Vec<f64>> {
    let mut seen: Vec<((u32, u32), f64)> = Vec::new();
    for arm in &cell.arms {
        let Some(location) = arm.efficiency else { continue };
        for place in &arm.counted {
            let row = &run.trials[*place].row;
            let value = outcomes[*place]
                .counted()
                .and_then(|metrics| Some(metrics.factors?.efficiency - location.median));
            seen.extend(value.map(|value| ((row.block, row.trial), value)));
        }
    }
    seen.sort_by_key(|(at, _)| *at);
    let same_block = |a: &((u32, u32), f64), b: &((u32, u32), f64)| a.0.0 == b.0.0;
    seen.chunk_by(same_block).map(|block| block.iter().map(|(_, value)| *value).collect()).collect()
}
