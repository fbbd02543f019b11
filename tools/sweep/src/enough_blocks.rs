//! Whether a run has blocks enough for a verdict.

use crate::plan::{Cell, PlanFile};

/// The analyzer judges nothing below this number.
const FEWEST_BLOCKS: u32 = 6;

/// Comparisons that are judged together: the analyzer's families, each with an equal part of the 5 % of runs that may
/// hold a false claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// What it is of: `the primary cell`, `the other cells`, `open loops`.
    pub of: &'static str,
    /// Comparisons: in each cell every arm other than the baseline. The A/A arm is a control.
    pub comparisons: u32,
    /// Fewest blocks of its cells.
    pub blocks: u32,
    /// Least number of blocks with which one of its comparisons can get a verdict.
    pub least_blocks: u32,
}

/// The cell whose comparisons are the primary family: of the set that the plan names, or else of the first one that is
/// judged by efficiency, the first cell of two agents, or else the first.
pub fn primary_cell<'a>(cells: &'a [Cell], plan: &PlanFile) -> Option<&'a Cell> {
    let named = |cell: &&Cell| plan.primary.as_ref().is_some_and(|primary| cell.set.name == *primary);
    let judged = || cells.iter().filter(|cell| cell.set.is_judged());
    let set = &judged().find(named).or_else(|| judged().next())?.set.name;
    let of_set = || judged().filter(|cell| cell.set.name == *set);
    of_set().find(|cell| cell.agents == 2).or_else(|| of_set().next())
}

/// The families of a run that have a comparison.
pub fn families(cells: &[Cell], plan: &PlanFile) -> Vec<Family> {
    let primary = primary_cell(cells, plan).map(|cell| cell.name.as_str());
    let is_primary = |cell: &&Cell| Some(cell.name.as_str()) == primary;
    let judged = |cell: &&Cell| cell.set.is_judged();
    let open = |cell: &&Cell| cell.rate_per_s.is_some() && !cell.set.exploratory;
    let all: [(&'static str, Vec<&Cell>); 3] = [
        ("the primary cell", cells.iter().filter(is_primary).collect()),
        ("the other cells", cells.iter().filter(judged).filter(|cell| !is_primary(cell)).collect()),
        ("open loops", cells.iter().filter(open).collect()),
    ];
    let count = |cells: &[&Cell]| -> u32 {
        cells
            .iter()
            .map(|cell| cell.set.arms.iter().filter(|arm| **arm != plan.baseline).count() as u32)
            .sum()
    };
    let there: Vec<_> = all.iter().filter(|(_, cells)| count(cells) > 0).collect();
    let family = |(of, cells): &&(&'static str, Vec<&Cell>)| Family {
        of,
        comparisons: count(cells),
        blocks: cells.iter().map(|cell| cell.blocks).min().unwrap_or(0),
        least_blocks: least_blocks(there.len() as u32 * count(cells)),
    };
    there.iter().copied().map(|one| family(&one)).collect()
}

/// Least number of blocks with which an interval at 1 - .05/`share` exists: the smallest n >= 6 with 2/2^n <= .05/share.
///
/// Source: the exact interval from the Wilcoxon signed-rank distribution (Hollander, Wolfe & Chicken 2014,
/// section 3.2). The widest one with n blocks, from the least to the greatest Walsh average, leaves out the rank
/// sums 0 and n(n+1)/2, each one of 2^n sign patterns: its level is 1 - 2/2^n.
fn least_blocks(share: u32) -> u32 {
    let wanted = 0.05 / f64::from(share);
    let mut blocks = FEWEST_BLOCKS;
    while 2.0 / f64::from(blocks).exp2() > wanted {
        blocks += 1;
    }
    blocks
}

/// The warning for a run with too few blocks, naming the family that needs most.
pub(crate) fn too_few_blocks(cells: &[Cell], plan: &PlanFile) -> Option<String> {
    let short = families(cells, plan).into_iter().filter(|family| family.blocks < family.least_blocks);
    let Family { of, comparisons, blocks, least_blocks } = short.max_by_key(|family| family.least_blocks)?;
    let noun = if comparisons == 1 { "comparison" } else { "comparisons" };
    Some(format!(
        "warning: with {comparisons} {noun} in {of} a verdict needs at least {least_blocks} blocks, this run has {blocks}; raise BLOCKS"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_interval_reaches_the_level_and_one_block_less_does_not() {
        for (comparisons, blocks) in [(1, 6), (2, 7), (4, 8), (12, 9), (20, 10), (36, 11), (1000, 16)] {
            assert_eq!(least_blocks(comparisons), blocks, "{comparisons} comparisons");
        }
    }
}
