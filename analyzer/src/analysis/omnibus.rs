//! All arms of a cell at once, in complete blocks: is any different from any other?

use super::Arm;
use super::group::repeated;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats;
use crate::stats::blocked::{self, Blocked, RcbdF};
use crate::stats::friedman::{self, Friedman};
use crate::stats::pairwise::PairDifference;
use crate::stats::verdict::LEAST_N;
use std::collections::BTreeMap;

/// Tests of the efficiency of all arms of a cell but the second labels, which repeat one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Omnibus {
    /// Labels, in the order of the report.
    pub arms: Vec<String>,
    /// Blocks in which all of them count.
    pub blocks: usize,
    /// Analysis of variance; none below six blocks and without variation.
    pub rcbd: Option<RcbdF>,
    /// The same by ranks; none below six blocks and where no block tells its arms apart.
    pub friedman: Option<Friedman>,
    /// All pairs by Tukey's test, their intervals at 95 % together; places are those in `arms`.
    pub pairs: Vec<PairDifference>,
}

/// None for fewer than two arms.
pub(super) fn test(run: &Run, outcomes: &[Outcome], arms: &[Arm]) -> stats::Result<Option<Omnibus>> {
    let arms: Vec<&Arm> = arms.iter().filter(|arm| repeated(&arm.label).is_none()).collect();
    if arms.len() < 2 {
        return Ok(None);
    }
    let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for arm in &arms {
        for place in &arm.counted {
            let efficiency = outcomes[*place].counted().and_then(|metrics| Some(metrics.factors?.efficiency));
            blocks.entry(run.trials[*place].row.block).or_default().extend(efficiency);
        }
    }
    // Values stand in the order of the arms, so a whole block is one row of the design.
    let complete: Vec<Vec<f64>> = blocks.into_values().filter(|block| block.len() == arms.len()).collect();
    let mut found = Omnibus {
        arms: arms.iter().map(|arm| arm.label.clone()).collect(),
        blocks: complete.len(),
        rcbd: None,
        friedman: None,
        pairs: Vec::new(),
    };
    if complete.len() >= LEAST_N {
        let data = Blocked::new(&complete)?;
        found.rcbd = blocked::rcbd_f(&data);
        found.friedman = friedman::friedman(&data);
        found.pairs = blocked::tukey(&data, 0.95)?.unwrap_or_default();
    }
    Ok(Some(found))
}
