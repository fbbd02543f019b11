//! Every arm as a ratio to the floor: the arm without a runtime that does the same work in one loop.

use super::Metric;
use super::group::Group;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, Interval, hodges_lehmann};
use std::collections::BTreeMap;

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
pub(super) fn ratios(run: &Run, outcomes: &[Outcome], group: &Group) -> stats::Result<Vec<ToFloor>> {
    let Some((_, floor)) = &group.floor else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (arm, places) in &group.arms {
        for metric in TO_FLOOR {
            let logs = |places: &[usize]| -> BTreeMap<u32, f64> {
                let log = |place: &usize| {
                    let value = metric.of(outcomes[*place].counted()?).filter(|value| *value > 0.0)?;
                    Some((run.trials[*place].row.block, value.ln()))
                };
                places.iter().filter_map(log).collect()
            };
            let (of_floor, of_arm) = (logs(&floor.ran), logs(places));
            let ratios: Vec<f64> =
                of_floor.iter().filter_map(|(block, floor)| Some(of_arm.get(block)? - floor)).collect();
            if let Some(estimate) = hodges_lehmann::hodges_lehmann(&ratios, 0.95)? {
                found.push(ToFloor {
                    arm: arm.clone(),
                    metric,
                    n: ratios.len(),
                    ratio: estimate.value.exp(),
                    ci: estimate.ci.map(|ci| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() }),
                });
            }
        }
    }
    Ok(found)
}
