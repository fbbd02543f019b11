//! The noise of a single agent: what lets efficiency fall with many agents even without contention.

use super::group::Group;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, mean, quantile};
use std::collections::BTreeMap;

/// CV of the solo durations of a cell inside its blocks, a fraction: the standard deviation over the blocks of
/// ln S minus the block's mean of ln S over the arms, per arm and agent, then the median over those.
///
/// A block's common level is taken out because both phases of a trial share it: it moves S and C alike and
/// leaves efficiency as it is. With k arms, the residuals lack 1/k of the variance, which the factor
/// sqrt(k / (k - 1)) gives back. One arm alone has no common level; then it is the plain CV. None below two
/// blocks.
pub(super) fn solo_cv(run: &Run, outcomes: &[Outcome], group: &Group) -> stats::Result<Option<f64>> {
    // block -> arm -> ln S of every agent
    let mut blocks: BTreeMap<u32, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for (arm, places) in &group.arms {
        for place in places {
            if let Some(metrics) = outcomes[*place].counted() {
                let logs = metrics.solo_ns.iter().map(|s| s.ln()).collect();
                blocks.entry(run.trials[*place].row.block).or_default().insert(arm, logs);
            }
        }
    }
    let arms = group.arms.len() as f64;
    let mut residuals: BTreeMap<(&str, usize), Vec<f64>> = BTreeMap::new();
    for by_arm in blocks.values() {
        // Where an arm is missing, the block's mean is of other arms than elsewhere.
        if by_arm.len() < group.arms.len() {
            continue;
        }
        for agent in 0..by_arm.values().map(Vec::len).min().unwrap_or(0) {
            let level = by_arm.values().map(|logs| logs[agent]).sum::<f64>() / arms;
            let level = if arms > 1.0 { level } else { 0.0 };
            for (arm, logs) in by_arm {
                residuals.entry((arm, agent)).or_default().push(logs[agent] - level);
            }
        }
    }
    let lost = if arms > 1.0 { (arms / (arms - 1.0)).sqrt() } else { 1.0 };
    let mut cvs = Vec::new();
    for values in residuals.values() {
        cvs.extend(mean::sample_sd(values)?.map(|sd| sd * lost));
    }
    quantile::median(&cvs)
}
