//! Whether a run has blocks enough for a verdict.

use crate::plan::Cell;
use tandem_records::Workload;

/// The analyzer judges nothing below this number.
const FEWEST_BLOCKS: u32 = 6;

/// Comparisons that get a verdict: in every cell that [`is_judged`] each arm other than the baseline. The A/A arm is a
/// control.
pub fn comparisons(cells: &[Cell], baseline: &str) -> u32 {
    count(cells.iter().filter(|cell| is_judged(cell)), baseline)
}

fn count<'a>(cells: impl Iterator<Item = &'a Cell>, baseline: &str) -> u32 {
    cells.map(|cell| cell.set.arms.iter().filter(|arm| *arm != baseline).count() as u32).sum()
}

/// Least number of blocks with which any of `comparisons` can get a verdict: the smallest n >= 6 with
/// 2/2^n <= .05/k.
///
/// Source: the exact interval from the Wilcoxon signed-rank distribution (Hollander, Wolfe & Chicken 2014,
/// section 3.2). The widest one with n blocks, from the least to the greatest Walsh average, leaves out the rank
/// sums 0 and n(n+1)/2, each one of 2^n sign patterns: its level is 1 - 2/2^n. It must reach 1 - .05/k.
pub fn least_blocks(comparisons: u32) -> u32 {
    let wanted = 0.05 / f64::from(comparisons.max(1));
    let mut blocks = FEWEST_BLOCKS;
    while 2.0 / f64::from(blocks).exp2() > wanted {
        blocks += 1;
    }
    blocks
}

/// The warning for a run with too few blocks. Open loops are a family of their own.
pub(crate) fn too_few_blocks(cells: &[Cell], baseline: &str) -> Option<String> {
    let of = |family: fn(&Cell) -> bool| shortage(cells.iter().filter(|cell| family(cell)), baseline);
    let (comparisons, least, there) = of(is_judged).or(of(is_judged_open_loop))?;
    let noun = if comparisons == 1 { "comparison" } else { "comparisons" };
    Some(format!(
        "warning: with {comparisons} {noun} a verdict needs at least {least} blocks, this run has {there}; raise BLOCKS"
    ))
}

/// Comparisons of a family, the blocks that they need, and the fewer that there are.
fn shortage<'a>(family: impl Iterator<Item = &'a Cell> + Clone, baseline: &str) -> Option<(u32, u32, u32)> {
    let comparisons = count(family.clone(), baseline);
    let (least, there) = (least_blocks(comparisons), family.map(|cell| cell.blocks).min()?);
    (comparisons > 0 && there < least).then_some((comparisons, least, there))
}

/// Whether a cell's comparisons get verdicts by efficiency: a flood, an open loop and a micro workload are compared by
/// other quantities, an exploratory set is only shown.
pub fn is_judged(cell: &Cell) -> bool {
    matches!(cell.set.workload, Workload::Stream | Workload::Report)
        && cell.rate_per_s.is_none()
        && !cell.set.exploratory
}

/// Whether a cell's comparisons get verdicts by latency.
fn is_judged_open_loop(cell: &Cell) -> bool {
    cell.rate_per_s.is_some() && !cell.set.exploratory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_interval_reaches_the_level_and_one_block_less_does_not() {
        for (comparisons, blocks) in [(0, 6), (1, 6), (2, 7), (4, 8), (12, 9), (20, 10), (36, 11), (1000, 16)]
        {
            assert_eq!(least_blocks(comparisons), blocks, "{comparisons} comparisons");
        }
    }
}
