//! Where in a run a step lies, and how large it is.

use super::together::{Point, Row, Rows};
use crate::load::Run;
use crate::stats::stratified::stratified;
use crate::stats::{self, step};

/// A share of the best split's that is as good: noise moves the best split by a trial or two, and a machine that is set up
/// anew between two blocks is the likelier cause.
const AS_GOOD: f64 = 0.95;

/// The step of one quantity over the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Blocks of the last trial before it and of the first after it; equal where it lies inside a block.
    pub blocks: (u32, u32),
    /// First trial after it; none for differences, which belong to a block.
    pub trial: Option<u32>,
    /// When that trial started (UTC).
    pub at: Option<String>,
    /// By how much the level changes, in the unit of the quantity: median of the differences within arms and cells.
    pub size: f64,
    /// The same of single cells: least and greatest.
    pub over_cells: (f64, f64),
}

/// The place of the step that the rounds show after block `before`; none where a side is empty.
pub(super) fn find(run: &Run, rows: &Rows, before: u32) -> stats::Result<Option<Place>> {
    let mut points = rows.scored()?;
    points.sort_by_key(|(point, _)| point.key);
    let scores: Vec<f64> = points.iter().map(|(_, score)| *score).collect();
    let between = points.partition_point(|(point, _)| point.block <= before);
    if between == 0 || between == points.len() {
        return Ok(None);
    }
    let inside = step::step(&scores)?
        .filter(|_| rows.of.is_level())
        .filter(|best| step::share_of(&scores, between) < AS_GOOD * best.share);
    let cut = inside.map_or(between, |best| best.before);
    let (last, first): (Point, Point) = (points[cut - 1].0, points[cut].0);
    let Some(size) = size(&rows.rows, first.key)? else { return Ok(None) };
    let mut sizes = Vec::new();
    for cell in 0..rows.cells {
        let own: Vec<Row> = rows.rows.iter().filter(|row| row.cell == cell).cloned().collect();
        sizes.extend(self::size(&own, first.key)?);
    }
    let trial = rows.of.is_level().then_some(first.key);
    let row = trial.and_then(|trial| run.trials.iter().map(|one| &one.row).find(|row| row.trial == trial));
    Ok(Some(Place {
        blocks: (last.block, first.block),
        trial,
        at: row.map(|row| row.started_utc.clone()),
        size,
        over_cells: sizes.iter().fold((size, size), |(lo, hi), one| (lo.min(*one), hi.max(*one))),
    }))
}

/// Median of the differences within rows, from `key` on minus before.
fn size(rows: &[Row], key: u32) -> stats::Result<Option<f64>> {
    let side = |row: &Row, later: bool| -> Vec<f64> {
        let points = row.points.iter().filter(|point| (point.key >= key) == later);
        points.map(|point| point.value).collect()
    };
    let sides: Vec<(Vec<f64>, Vec<f64>)> =
        rows.iter().map(|row| (side(row, false), side(row, true))).collect();
    let strata: Vec<(&[f64], &[f64])> = sides.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
    Ok(stratified(&strata)?.map(|found| found.shift))
}
