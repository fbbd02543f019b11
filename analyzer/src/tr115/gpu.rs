//! What one token costs alone and together, and the efficiency that this implies.

use super::flags::Flags;
use super::study::{Agent, Call, Run, Sharing, Tier};
use crate::stats::quantile::{median, median_interval, quantiles};
use crate::stats::{Interval, Result};
use std::collections::BTreeSet;

/// Decoding alone and together in one tier.
#[derive(Debug, Clone)]
pub struct Decoding {
    /// Median ms per token of calls in serialised runs that nothing disturbed, and how many calls.
    pub alone: (f64, usize),
    /// Calls of serialised runs that were slowed and are left out of `alone`.
    pub slowed: usize,
    /// Median ms per token of calls in overlapping runs, and how many calls.
    pub together: (f64, usize),
    /// Hosts of the agents' servers.
    pub hosts: BTreeSet<String>,
    /// Efficiency estimated run by run from the rate alone.
    pub by_rate: Option<Estimated>,
    /// Per runtime: name, runs, median of that estimate.
    pub by_runtime: Vec<(String, usize, f64)>,
    /// Efficiency estimated by configuration from the walls of undisturbed serialised runs: configurations, median.
    pub by_wall: Option<(usize, f64)>,
}

/// An efficiency that was not measured; fractions.
#[derive(Debug, Clone, Copy)]
pub struct Estimated {
    /// Runs it rests on.
    pub runs: usize,
    /// Median over runs.
    pub median: f64,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
    /// Quartiles over runs.
    pub quartiles: (f64, f64),
}

/// None without calls of both serialised and overlapping runs.
pub fn decoding(tier: &Tier, flags: &Flags) -> Result<Option<Decoding>> {
    let rates = |sharing| {
        let of = move |(run, _, call): (&Run, &Agent, &Call)| {
            (run.sharing() == sharing).then(|| call.ms_per_token()).flatten()
        };
        tier.calls().filter_map(of).collect::<Vec<f64>>()
    };
    let (all, together) = (rates(Sharing::Serialised), rates(Sharing::Overlapping));
    let Some(usual) = median(&all)? else { return Ok(None) };
    let undisturbed: Vec<f64> =
        all.iter().copied().filter(|ms| *ms <= usual * super::flags::SLOW_FACTOR).collect();
    let (Some(alone), Some(together_median)) = (median(&undisturbed)?, median(&together)?) else {
        return Ok(None);
    };
    let mut estimates: Vec<(&str, f64)> = Vec::new();
    for run in tier.runs.iter().filter(|run| run.sharing() == Sharing::Overlapping && !flags.any(run)) {
        if let [Some(a), Some(b)] = [0, 1].map(|i| alone_s(&run.agents[i], alone)) {
            estimates.push((&run.runtime, (a + b) / (2.0 * run.wall_s)));
        }
    }
    let mut by_runtime = Vec::new();
    for runtime in tier.runtimes() {
        let own: Vec<f64> = estimates.iter().filter(|(name, _)| *name == runtime).map(|(_, e)| *e).collect();
        if let Some(median) = median(&own)? {
            by_runtime.push((runtime.to_owned(), own.len(), median));
        }
    }
    let values: Vec<f64> = estimates.iter().map(|(_, e)| *e).collect();
    let by_rate = match quantiles(&values, &[0.5, 0.25, 0.75])? {
        Some(q) => Some(Estimated {
            runs: values.len(),
            median: q[0],
            ci: median_interval(&values, 0.95)?.map(|ci| ci.interval),
            quartiles: (q[1], q[2]),
        }),
        None => None,
    };
    Ok(Some(Decoding {
        alone: (alone, undisturbed.len()),
        slowed: all.len() - undisturbed.len(),
        together: (together_median, together.len()),
        hosts: tier.runs.iter().flat_map(|run| &run.agents).map(|agent| host(&agent.url)).collect(),
        by_rate,
        by_runtime,
        by_wall: by_wall(tier, flags)?,
    }))
}

/// The agent's duration had it decoded at the rate of an agent alone, s; none when a call tells no tokens.
fn alone_s(agent: &Agent, ms_per_token: f64) -> Option<f64> {
    let mut saved_ms = 0.0;
    for call in &agent.calls {
        saved_ms += call.eval_ms? - call.tokens? as f64 * ms_per_token;
    }
    Some(agent.wall_s - saved_ms / 1000.0).filter(|s| !agent.calls.is_empty() && *s > 0.0)
}

/// In a serialised run each agent is alone, so its wall is the sum of two solo durations.
fn by_wall(tier: &Tier, flags: &Flags) -> Result<Option<(usize, f64)>> {
    let mut found = Vec::new();
    for config in tier.configs() {
        let walls = |sharing| {
            let runs = tier.runs.iter().filter(|run| run.config == config && run.sharing() == sharing);
            runs.filter(|run| !flags.any(run)).map(|run| run.wall_s).collect::<Vec<f64>>()
        };
        let (one_by_one, together) =
            (median(&walls(Sharing::Serialised))?, median(&walls(Sharing::Overlapping))?);
        if let (Some(one_by_one), Some(together)) = (one_by_one, together) {
            found.push(one_by_one / (2.0 * together));
        }
    }
    Ok(median(&found)?.map(|median| (found.len(), median)))
}

/// `http://localhost:11434/x` is `localhost`.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_owned()
}
