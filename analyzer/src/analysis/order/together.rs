//! The cells of a run judged together: what hits the machine hits them all at one moment, though each has few blocks.
//!
//! A block runs through all cells before the next begins, so block k of every cell is one round of the run. A round's score is
//! the mean over cells and arms of how far the value lies from the others of its own arm and cell, in standard deviations.

use super::place::{self, Place};
use super::{ALPHA, LEAST_BLOCKS, Nulls, OrderTest, Tested};
use crate::analysis::Cell;
use crate::load::Run;
use crate::metrics::{Outcome, TrialMetrics};
use crate::stats::{self, quantile, step, trend};
use std::collections::{BTreeMap, BTreeSet};

/// What may step or drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Efficiency, a fraction.
    Efficiency,
    /// Logarithm of the agents' mean duration alone.
    TimeAlone,
    /// Logarithm of the CPU time per token.
    CpuPerToken,
    /// Difference of an arm's efficiency to the baseline's within the block, a fraction.
    Difference(String),
}

impl Of {
    /// True for a level of trials, false for differences within blocks.
    pub fn is_level(&self) -> bool {
        !matches!(self, Of::Difference(_))
    }

    /// True for logarithms, whose changes are ratios.
    pub fn is_log(&self) -> bool {
        matches!(self, Of::TimeAlone | Of::CpuPerToken)
    }

    fn value(&self, trial: &TrialMetrics) -> Option<f64> {
        match self {
            Of::Efficiency => Some(trial.factors?.efficiency),
            Of::TimeAlone if trial.solo_ns.is_empty() => None,
            Of::TimeAlone => Some(super::mean(&trial.solo_ns).ln()),
            Of::CpuPerToken => trial.cpu_per_token_ns.map(f64::ln),
            Of::Difference(_) => None,
        }
        .filter(|value| value.is_finite())
    }
}

/// One quantity over the cells of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// The quantity.
    pub of: Of,
    /// Cells that tell it.
    pub cells: usize,
    /// Blocks.
    pub blocks: usize,
    /// Kendall's tau of the rounds' scores with their order.
    pub tau: Option<f64>,
    /// The step that fits best.
    pub place: Option<Place>,
    /// An even drift explains more of the scores' variation than that step.
    pub is_even: bool,
    /// Drift and step.
    pub tests: [Tested; 2],
    /// Least step in mid-run that four of five such runs would show, in the unit of the quantity.
    pub visible: Option<f64>,
}

/// One value of a trial, or of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) block: u32,
    /// Number of the trial, or of the block: grows with time.
    pub(super) key: u32,
    pub(super) value: f64,
}

/// The values of one arm in one cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) cell: usize,
    pub(super) points: Vec<Point>,
}

/// The values of one quantity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    pub(super) of: Of,
    pub(super) cells: usize,
    pub(super) rows: Vec<Row>,
}

impl Rows {
    /// Blocks with a value.
    pub(super) fn blocks(&self) -> usize {
        let blocks = self.rows.iter().flat_map(|row| &row.points).map(|point| point.block);
        blocks.collect::<BTreeSet<u32>>().len()
    }

    /// Score of every round.
    pub(super) fn scores(&self) -> stats::Result<Vec<(u32, f64)>> {
        let series = |row: &Row| row.points.iter().map(|point| (point.block, point.value)).collect();
        step::together(&self.rows.iter().map(series).collect::<Vec<_>>())
    }

    /// Every point with its own score.
    pub(super) fn scored(&self) -> stats::Result<Vec<(Point, f64)>> {
        let mut scored = Vec::new();
        for row in &self.rows {
            let values: Vec<f64> = row.points.iter().map(|point| point.value).collect();
            scored.extend(row.points.iter().copied().zip(step::scores(&values)?.into_iter().flatten()));
        }
        Ok(scored)
    }
}

/// The efficiency of some cells.
pub(super) fn efficiency(run: &Run, outcomes: &[Outcome], cells: &[&Cell]) -> Rows {
    levels(run, outcomes, cells, Of::Efficiency)
}

fn levels(run: &Run, outcomes: &[Outcome], cells: &[&Cell], of: Of) -> Rows {
    let point = |place: &usize| {
        let row = &run.trials[*place].row;
        let value = of.value(outcomes[*place].counted()?)?;
        Some(Point { block: row.block, key: row.trial, value })
    };
    let arms = cells.iter().enumerate().flat_map(|(cell, one)| one.arms.iter().map(move |arm| (cell, arm)));
    let rows = arms.map(|(cell, arm)| Row { cell, points: arm.counted.iter().filter_map(point).collect() });
    let rows = rows.collect();
    Rows { of, cells: cells.len(), rows }
}

/// Every quantity that is looked at: the levels, then each arm's differences to the baseline.
pub(super) fn rows(run: &Run, outcomes: &[Outcome], cells: &[&Cell]) -> Vec<Rows> {
    let quantities = [Of::Efficiency, Of::TimeAlone, Of::CpuPerToken];
    let mut all: Vec<Rows> = quantities.into_iter().map(|of| levels(run, outcomes, cells, of)).collect();
    let mut arms: Vec<&str> = Vec::new();
    let mut differences: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for (cell, one) in cells.iter().enumerate() {
        let control = one.control.iter().map(|control| (control.b.as_str(), &control.differences));
        let contrasts = one.contrasts.iter().map(|contrast| (contrast.arm.as_str(), &contrast.differences));
        for (arm, values) in control.chain(contrasts) {
            let points =
                values.iter().map(|(block, value)| Point { block: *block, key: *block, value: *value });
            differences.entry(arm).or_insert_with(|| {
                arms.push(arm);
                Vec::new()
            });
            differences.entry(arm).or_default().push(Row { cell, points: points.collect() });
        }
    }
    all.extend(arms.into_iter().map(|arm| Rows {
        of: Of::Difference(arm.to_owned()),
        cells: cells.len(),
        rows: differences.remove(arm).unwrap_or_default(),
    }));
    all
}

/// Drift and step of one quantity; none where nothing tells it.
pub(super) fn test(run: &Run, rows: &Rows, nulls: &Nulls) -> stats::Result<Option<Together>> {
    if rows.blocks() == 0 {
        return Ok(None);
    }
    let (blocks, scores): (Vec<u32>, Vec<f64>) = rows.scores()?.into_iter().unzip();
    let drift = if scores.len() >= LEAST_BLOCKS { trend::kendall(&scores)? } else { None };
    let found = step::step(&scores)?;
    let place = match found {
        Some(found) => place::find(run, rows, blocks[found.before - 1])?,
        None => None,
    };
    let told = rows.rows.iter().filter(|row| !row.points.is_empty()).map(|row| row.cell);
    Ok(Some(Together {
        of: rows.of.clone(),
        cells: told.collect::<BTreeSet<usize>>().len(),
        blocks: rows.blocks(),
        tau: drift.map(|drift| drift.tau),
        place,
        is_even: found.is_some_and(|found| share_of_a_line(&scores) > found.share),
        tests: [
            Tested::new(OrderTest::Drift, drift.map(|drift| drift.p)),
            Tested::new(OrderTest::Step, found.and_then(|found| Some(nulls.of(found.n)?.p(found)))),
        ],
        visible: None,
    }))
}

/// Share of the variation that a straight line over the order explains.
fn share_of_a_line(values: &[f64]) -> f64 {
    let (middle, mean) = ((values.len() as f64 - 1.0) / 2.0, super::mean(values));
    let deviations = || (0..).map(f64::from).map(|place| place - middle).zip(values.iter().map(|v| v - mean));
    let [xy, xx, yy] =
        deviations().fold([0.0; 3], |[xy, xx, yy], (x, y)| [xy + x * y, xx + x * x, yy + y * y]);
    if yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
}

/// Least step in mid-run that four of five such runs would show, where `tests` p values share 5 % of false alarms. The noise of
/// the blocks' levels is taken from the differences of neighbours, at their median: one step leaves that alone.
pub(super) fn visible(rows: &Rows, nulls: &Nulls, tests: usize) -> stats::Result<Option<f64>> {
    const MAD_OF_A_NORMAL: f64 = 0.674_489_750_196_081_7;
    let levels = levels_of_blocks(rows)?;
    let steps: Vec<f64> = levels.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let (Some(null), Some(jump)) = (nulls.of(levels.len()), quantile::median(&steps)?) else {
        return Ok(None);
    };
    let sd = jump / (MAD_OF_A_NORMAL * std::f64::consts::SQRT_2);
    let least = step::least_visible(null, levels.len(), sd, ALPHA / tests.max(1) as f64);
    Ok(Some(least).filter(|least| *least > 0.0))
}

/// Mean over cells and arms of every block's distance from the arm's median.
fn levels_of_blocks(rows: &Rows) -> stats::Result<Vec<f64>> {
    let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for row in &rows.rows {
        let values: Vec<f64> = row.points.iter().map(|point| point.value).collect();
        let Some(median) = quantile::median(&values)? else { continue };
        row.points.iter().for_each(|point| blocks.entry(point.block).or_default().push(point.value - median));
    }
    Ok(blocks.values().map(|values| super::mean(values)).collect())
}
