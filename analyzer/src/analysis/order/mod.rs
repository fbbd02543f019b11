//! What the order of the trials shows: steps and drift over the blocks, neighbours that resemble each other, places inside
//! a block, single trials far from the rest. Nothing here removes a trial or changes a verdict.
//!
//! Everything is looked at after the arms: a trial's value is compared with those of its own arm only. The shuffling
//! inside blocks is what makes the tests of neighbours and places valid: without an effect of the order, any order inside a
//! block was as likely. What comes over the whole machine hits all cells at one moment, so steps and drift are tested over
//! the cells together, too.

mod alike;
mod cell;
mod flagged;
mod neighbours;
mod place;
mod together;

pub use alike::AlikeDifferences;
pub use cell::{LEAST_BLOCKS, LEAST_TRIALS, Order};
pub use flagged::{Flagged, Outlying};
pub use place::Place;
pub use together::{Of, Together};

use super::{Analysis, Cell, Settings};
use crate::load::Run;
use crate::metrics::Outcome;
use crate::parallel;
use crate::stats::step::NoStep;
use crate::stats::{self, multiple};
use std::collections::BTreeMap;

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderTest {
    /// Do the blocks' levels rise or fall? Kendall.
    Drift,
    /// Does the level change at one moment? Alexandersson.
    Step,
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
        self.p_adjusted.is_some_and(|p| p < ALPHA)
    }
}

/// Level of the tests of order.
const ALPHA: f64 = 0.05;

/// What the order of a run's trials shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOrder {
    /// Cell by cell: the headline and those judged by efficiency, as far as they have trials that count.
    pub cells: Vec<Order>,
    /// The same cells judged together.
    pub together: Vec<Together>,
}

impl RunOrder {
    /// Every test that has a p value.
    pub fn tests(&self) -> impl Iterator<Item = Tested> {
        let cells = self.cells.iter().flat_map(|order| order.tests);
        let together = self.together.iter().flat_map(|one| one.tests);
        cells.chain(together).filter(|test| test.p.is_some())
    }

    fn tests_mut(&mut self) -> impl Iterator<Item = &mut Tested> {
        let cells = self.cells.iter_mut().flat_map(|order| &mut order.tests);
        let together = self.together.iter_mut().flat_map(|one| &mut one.tests);
        cells.chain(together).filter(|test| test.p.is_some())
    }

    /// The order of a cell.
    pub fn of_cell(&self, name: &str) -> Option<&Order> {
        self.cells.iter().find(|order| order.cell == name)
    }
}

impl Analysis<'_> {
    /// Differences of an arm in a cell whose neighbours are alike: its interval is too narrow.
    pub fn alike(&self, cell: &str, arm: &str) -> Option<&AlikeDifferences> {
        let all = &self.order.of_cell(cell)?.alike;
        all.iter().find(|one| one.arm == arm && one.found.is_shown())
    }
}

/// Null distributions of the step by number of blocks, which many series share.
struct Nulls(BTreeMap<usize, NoStep>);

impl Nulls {
    fn draw(sizes: impl Iterator<Item = usize>, seed: u64) -> Self {
        let mut drawn = BTreeMap::new();
        for n in sizes {
            if let (false, Some(null)) = (drawn.contains_key(&n), NoStep::draw(n, seed)) {
                drawn.insert(n, null);
            }
        }
        Self(drawn)
    }

    fn of(&self, n: usize) -> Option<&NoStep> {
        self.0.get(&n)
    }
}

/// Looks at the headline and the cells judged by efficiency, as far as they have trials that count.
pub(super) fn check(
    run: &Run,
    outcomes: &[Outcome],
    cells: &[Cell],
    settings: &Settings,
) -> stats::Result<RunOrder> {
    let looked_at = |(place, cell): &(usize, &Cell)| {
        let looked_at = cell.is_judged() || (*place == 0 && cell.facts.has_efficiency());
        looked_at && cell.has_counted_trials()
    };
    let looked_at: Vec<&Cell> = cells.iter().enumerate().filter(looked_at).map(|(_, cell)| cell).collect();
    let rows = together::rows(run, outcomes, &looked_at);
    let sizes =
        looked_at.iter().map(|cell| cell::blocks(run, cell)).chain(rows.iter().map(together::Rows::blocks));
    let nulls = Nulls::draw(sizes, settings.seed);
    let checked = parallel::map(&looked_at, |cell| cell::check(run, outcomes, cell, settings, &nulls));
    let mut together = Vec::new();
    for rows in &rows {
        together.extend(together::test(run, rows, &nulls)?);
    }
    let mut found = RunOrder { cells: checked.into_iter().collect::<stats::Result<_>>()?, together };
    let ps: Vec<f64> = found.tests().filter_map(|test| test.p).collect();
    let mut adjusted = multiple::benjamini_hochberg(&ps)?.into_iter();
    found.tests_mut().for_each(|test| test.p_adjusted = adjusted.next());
    for (one, rows) in found.together.iter_mut().zip(rows.iter().filter(|rows| rows.blocks() > 0)) {
        one.visible = together::visible(rows, &nulls, ps.len())?;
    }
    Ok(found)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
