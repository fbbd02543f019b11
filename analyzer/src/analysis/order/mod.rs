//! What the order of the trials shows: drift over the blocks, neighbours that resemble each other, places inside a
//! block, single trials far from the rest. Nothing here removes a trial or changes a verdict.
//!
//! Everything is looked at after the arms: a trial's value is its efficiency minus the median of its arm. The shuffling
//! inside blocks is what makes the tests valid: without an effect of the order, any order inside a block was as likely.

mod flagged;
mod neighbours;

pub use flagged::{Flagged, Outlying};

use super::{Analysis, Cell, Settings};
use crate::load::Run;
use crate::metrics::Outcome;
use crate::parallel;
use crate::stats::blocked::Blocked;
use crate::stats::verdict::LEAST_N;
use crate::stats::{self, friedman, multiple, trend};
use neighbours::Neighbours;

/// Fewest blocks for the tests over blocks, as for the verdicts.
pub const LEAST_BLOCKS: usize = LEAST_N;

/// Fewest trials for the tests of neighbours: Ljung-Box needs a tenth lag.
pub const LEAST_TRIALS: usize = stats::autocorrelation::LJUNG_BOX_LAGS + 1;

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderTest {
    /// Do the blocks' levels rise or fall? Kendall.
    Drift,
    /// Do trials inside the blocks resemble those shortly before them, or differ from them? Ljung-Box.
    Neighbours,
    /// Do trials above and below the median follow each other at random? Runs.
    Runs,
    /// Does the place inside the block matter? Friedman.
    Place,
}

/// The p value of one test; none where there are too few trials or no variation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// What was tested.
    pub test: OrderTest,
    /// Its p value.
    pub p: Option<f64>,
    /// The same by Benjamini and Hochberg over all tests of order in the run.
    pub p_adjusted: Option<f64>,
}

impl Tested {
    fn new(test: OrderTest, p: Option<f64>) -> Self {
        Self { test, p, p_adjusted: None }
    }

    /// True when the adjusted p value is below .05.
    pub fn stands_out(&self) -> bool {
        self.p_adjusted.is_some_and(|p| p < 0.05)
    }
}

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
    /// Lag-1 autocorrelation inside the blocks, above what shuffling gives on average.
    pub acf1: Option<f64>,
    /// The four tests, in the order of [`OrderTest`].
    pub tests: [Tested; 4],
    /// Differences to the baseline far from the others of their arm.
    pub outlying: Outlying,
}

/// The cells that are looked at: the headline and those judged by efficiency, as far as they have trials that count.
pub(super) fn check(
    run: &Run,
    outcomes: &[Outcome],
    cells: &[Cell],
    settings: &Settings,
) -> stats::Result<Vec<Order>> {
    let looked_at = |(place, cell): &(usize, &Cell)| {
        let looked_at = cell.is_judged() || (*place == 0 && cell.facts.has_efficiency());
        looked_at && cell.has_counted_trials()
    };
    let looked_at: Vec<&Cell> = cells.iter().enumerate().filter(looked_at).map(|(_, cell)| cell).collect();
    let checked = parallel::map(&looked_at, |cell| check_cell(run, outcomes, cell, settings));
    let mut found = checked.into_iter().collect::<stats::Result<Vec<Order>>>()?;
    let tests = |orders: &[Order]| orders.iter().flat_map(|order| order.tests).collect::<Vec<Tested>>();
    let ps: Vec<f64> = tests(&found).iter().filter_map(|test| test.p).collect();
    let mut adjusted = multiple::benjamini_hochberg(&ps)?.into_iter();
    for test in found.iter_mut().flat_map(|order| &mut order.tests).filter(|test| test.p.is_some()) {
        test.p_adjusted = adjusted.next();
    }
    Ok(found)
}

fn check_cell(run: &Run, outcomes: &[Outcome], cell: &Cell, settings: &Settings) -> stats::Result<Order> {
    let blocks = blocks(run, outcomes, cell);
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
    Ok(Order {
        cell: cell.name.clone(),
        trials: blocks.iter().map(Vec::len).sum(),
        blocks: blocks.len(),
        complete_blocks: complete.len(),
        tau: drift.map(|drift| drift.tau),
        slope: if enough { trend::theil_sen(&levels)? } else { None },
        acf1: near.map(|near| near.acf1),
        tests: [
            Tested::new(OrderTest::Drift, drift.map(|drift| drift.p)),
            Tested::new(OrderTest::Neighbours, near.map(|near| near.ljung_box_p)),
            Tested::new(OrderTest::Runs, near.and_then(|near| near.runs_p)),
            Tested::new(OrderTest::Place, place.map(|place| place.p)),
        ],
        outlying: flagged::find(run, cell, &settings.baseline)?,
    })
}

/// Efficiency minus the arm's median, block by block, inside each in run order. Blocks without a trial that counts are
/// left out.
fn blocks(run: &Run, outcomes: &[Outcome], cell: &Cell) -> Vec<Vec<f64>> {
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

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Analysis<'_> {
    /// Tests of order that have a p value.
    pub fn order_tests(&self) -> impl Iterator<Item = (&Order, Tested)> {
        let each = |order| Order::tested(order).map(move |test| (order, test));
        self.order.iter().flat_map(each)
    }
}

impl Order {
    /// The tests that have a p value.
    fn tested(&self) -> impl Iterator<Item = Tested> {
        self.tests.into_iter().filter(|test| test.p.is_some())
    }
}
