//! Every arm as a ratio to the floor: the arm without a runtime that does the same work in one loop.

use super::Metric;
use super::contrast::pairs;
use super::group::Group;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, Interval, hodges_lehmann};

/// Quantities that are shown as a multiple of the floor's.
pub const TO_FLOOR: [Metric; 4] =
    [Metric::CpuPerToken, Metric::DelayP50, Metric::DelayP99, Metric::SwitchesPerToken];

/// One arm over the floor by one quantity, paired by block: a description, no test.
#[derive(Debug, Clone, PartialEq)]
pub struct ToFloor {
    /// Arm label.
    pub arm: String,
    /// Quantity.
    pub metric: Metric,
    /// Blocks in which both trials tell.
    pub n: usize,
    /// Arm / floor: exp of the Hodges-Lehmann estimate of the log ratios.
    pub ratio: f64,
    /// Its 95 % interval; none under 6 blocks.
    pub ci: Option<Interval>,
}

/// The ratios of a cell; empty where the floor did not run.
pub(super) fn ratios(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    floor: Option<&str>,
) -> stats::Result<Vec<ToFloor>> {
    let Some(floor) = floor else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (arm, _) in group.arms.iter().filter(|(label, _)| label != floor) {
        for metric in TO_FLOOR {
            let logs: Vec<f64> = pairs(run, outcomes, group, floor, arm, |outcome| {
                metric.of(outcome.counted()?).filter(|value| *value > 0.0).map(f64::ln)
            })
            .into_iter()
            .map(|(_, log)| log)
            .collect();
            if let Some(estimate) = hodges_lehmann::hodges_lehmann(&logs, 0.95)? {
                found.push(ToFloor {
                    arm: arm.clone(),
                    metric,
                    n: logs.len(),
                    ratio: estimate.value.exp(),
                    ci: estimate.ci.map(|ci| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() }),
                });
            }
        }
    }
    Ok(found)
}
