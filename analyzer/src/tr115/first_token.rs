//! Time to the first token, by stage and runtime, and whether one runtime is later than all others.

use super::study::{Call, Sharing, Tier, identity};
use crate::stats::effect::cliffs_delta;
use crate::stats::shift::hodges_lehmann_shift;
use crate::stats::{Estimate, Result, quantile};

/// One runtime in one stage; times in ms.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Runtime.
    pub runtime: String,
    /// How its agents shared time.
    pub sharing: Sharing,
    /// Median time to first token over all its finished calls.
    pub ttft: f64,
    /// Median of the part that loading and prompt do not explain.
    pub unexplained: f64,
    /// That part of every finished call.
    pub values: Vec<f64>,
    /// Median decoding time per token.
    pub ms_per_token: Option<f64>,
}

/// The latest runtime against another, by the unexplained part; ms.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// The other runtime.
    pub other: String,
    /// Difference of the medians.
    pub medians: f64,
    /// Hodges-Lehmann shift with its 95 % interval.
    pub shift: Estimate,
    /// Cliff's delta.
    pub cliffs: f64,
}

/// One stage of a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// One row for each runtime with a finished call.
    pub rows: Vec<Row>,
    /// Of the overlapping runtimes, the one with the largest median of the unexplained part; none below two.
    pub latest: Option<String>,
    /// The latest against each other overlapping runtime.
    pub versus: Vec<Versus>,
}

/// What the delay of the latest runtime does to the study's number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unseen {
    /// Delay over the stages of an agent, ms: the sum of the stages' median shifts.
    pub delay_ms: f64,
    /// Median over the runtime's overlapping runs of the number as it is minus the number without the delay, a fraction.
    pub change: f64,
    /// Median duration of its agents, ms.
    pub agent_ms: f64,
}

impl Stage {
    /// Whether the latest runtime is later than every other with a 95 % interval above 0.
    pub fn is_clear(&self) -> bool {
        !self.versus.is_empty() && self.versus.iter().all(|v| v.shift.ci.is_some_and(|ci| ci.lo > 0.0))
    }

    /// The shifts against the others in tokens at the latest runtime's own rate: least and largest.
    pub fn in_tokens(&self) -> Option<(f64, f64)> {
        let rate = self.rows.iter().find(|row| Some(&row.runtime) == self.latest.as_ref())?.ms_per_token?;
        let tokens = self.versus.iter().map(|v| v.shift.value / rate);
        let ends = tokens.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        (rate > 0.0 && !self.versus.is_empty()).then_some(ends)
    }
}

/// One entry for each stage of a tier; none without calls.
pub fn stages(tier: &Tier) -> Result<Vec<Stage>> {
    let mut found = Vec::new();
    for name in tier.stages() {
        let mut rows = Vec::new();
        for runtime in tier.runtimes() {
            let calls: Vec<&Call> =
                tier.calls().filter(|c| c.0.runtime == runtime && c.2.stage == name).map(|c| c.2).collect();
            let finished: Vec<(&Call, f64)> =
                calls.iter().filter_map(|call| Some((*call, call.unexplained_ms()?))).collect();
            let values: Vec<f64> = finished.iter().map(|(_, ms)| *ms).collect();
            let ttft: Vec<f64> = finished.iter().map(|(call, _)| call.ttft_ms).collect();
            let rates: Vec<f64> = finished.iter().filter_map(|(call, _)| call.ms_per_token()).collect();
            let (Some(ttft), Some(unexplained)) = (quantile::median(&ttft)?, quantile::median(&values)?)
            else {
                continue;
            };
            let ms_per_token = quantile::median(&rates)?;
            let sharing = tier.sharing_of(runtime);
            rows.push(Row { runtime: runtime.to_owned(), sharing, ttft, unexplained, values, ms_per_token });
        }
        found.push(stage(name, rows)?);
    }
    Ok(found)
}

fn stage(name: &str, rows: Vec<Row>) -> Result<Stage> {
    let overlapping: Vec<&Row> = rows.iter().filter(|row| row.sharing == Sharing::Overlapping).collect();
    let latest = overlapping
        .iter()
        .filter(|_| overlapping.len() > 1)
        .max_by(|a, b| a.unexplained.total_cmp(&b.unexplained))
        .copied();
    let mut versus = Vec::new();
    if let Some(latest) = latest {
        for other in overlapping.iter().filter(|row| row.runtime != latest.runtime) {
            let shift = hodges_lehmann_shift(&other.values, &latest.values, 0.95)?;
            let (Some(shift), Some(cliffs)) = (shift, cliffs_delta(&other.values, &latest.values)?) else {
                continue;
            };
            let medians = latest.unexplained - other.unexplained;
            versus.push(Versus { other: other.runtime.clone(), medians, shift, cliffs });
        }
    }
    let latest = latest.map(|row| row.runtime.clone());
    Ok(Stage { name: name.to_owned(), versus, latest, rows })
}

/// The effect of a runtime's delay on its number, when it is the latest in every stage of the tier.
pub fn unseen(tier: &Tier, stages: &[Stage], runtime: &str) -> Result<Option<Unseen>> {
    let mut delay_ms = 0.0;
    for stage in stages {
        let shifts: Vec<f64> = stage.versus.iter().map(|v| v.shift.value).collect();
        let Some(shift) = quantile::median(&shifts)? else { return Ok(None) };
        delay_ms += shift;
    }
    let overlapping = || tier.runs_of(runtime).filter(|run| run.sharing() == Sharing::Overlapping);
    let without = overlapping().filter_map(|run| {
        let left = run.durations().map(|s| s - delay_ms / 1000.0);
        left.iter().all(|s| *s > 0.0).then(|| run.identity() - identity(left))
    });
    let change = quantile::median(&without.collect::<Vec<f64>>())?;
    let durations: Vec<f64> = overlapping().flat_map(|run| run.durations()).map(|s| s * 1000.0).collect();
    let agent_ms = quantile::median(&durations)?;
    Ok(change.zip(agent_ms).map(|(change, agent_ms)| Unseen { delay_ms, change, agent_ms }))
}
