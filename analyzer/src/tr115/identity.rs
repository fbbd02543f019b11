//! How far the study's efficiency is from 50 (a + b) / max(a, b).

use super::study::{Run, Sharing, Tier};
use crate::stats::{Result, quantile};

/// The identity in the runs of one runtime.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Runtime.
    pub runtime: String,
    /// Its runs: overlapping, serialised, unclear.
    pub runs: [usize; 3],
    /// |efficiency - identity| of its runs, fractions: median and largest.
    pub apart: (f64, f64),
    /// |efficiency - (a + b) / 2W|, largest: whether the published number is what it is said to be.
    pub from_ratio: f64,
    /// (a + b) / W: least and largest.
    pub sum_to_wall: (f64, f64),
    /// max(a, b) / W: least and largest. This is the factor overlap.
    pub longer_to_wall: (f64, f64),
    /// Median efficiency, a fraction.
    pub efficiency: f64,
}

/// |efficiency - identity| of a run, a fraction.
pub fn apart(run: &Run) -> f64 {
    (run.efficiency - run.identity()).abs()
}

/// Median and largest of `apart` over runs; none without a run.
pub fn disagreement<'a>(runs: impl Iterator<Item = &'a Run>) -> Result<Option<(f64, f64)>> {
    let apart: Vec<f64> = runs.map(apart).collect();
    Ok(quantile::quantiles(&apart, &[0.5, 1.0])?.map(|q| (q[0], q[1])))
}

/// One entry for each runtime of a tier.
pub fn identities(tier: &Tier) -> Result<Vec<Identity>> {
    let mut found = Vec::new();
    for runtime in tier.runtimes() {
        let runs: Vec<&Run> = tier.runs_of(runtime).collect();
        let Some(apart) = disagreement(runs.iter().copied())? else { continue };
        let ends = |value: fn(&Run) -> f64| {
            runs.iter()
                .map(|run| value(run))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
        };
        let count = |sharing| runs.iter().filter(|run| run.sharing() == sharing).count();
        let efficiencies: Vec<f64> = runs.iter().map(|run| run.efficiency).collect();
        found.push(Identity {
            runtime: runtime.to_owned(),
            runs: [Sharing::Overlapping, Sharing::Serialised, Sharing::Unclear].map(count),
            apart,
            from_ratio: ends(|run| (run.efficiency - run.ratio()).abs()).1,
            sum_to_wall: ends(|run| run.durations().iter().sum::<f64>() / run.wall_s),
            longer_to_wall: ends(|run| run.durations()[0].max(run.durations()[1]) / run.wall_s),
            efficiency: quantile::median(&efficiencies)?.unwrap_or_default(),
        });
    }
    Ok(found)
}
