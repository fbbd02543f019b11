//! Runs that something other than the runtime changed: reloads, responses of unusual length, responses without an
//! end, and decoding slowed from outside. Named, never removed in silence.

use super::study::{Agent, Call, Run, Sharing, Tier};
use crate::stats::{Result, quantile};

/// Loading a model that is already in memory is answered in a fraction of a second; from a second on it was loaded.
pub const RELOAD_MS: f64 = 1000.0;

/// A response is long or short when its tokens are beyond this factor of the median of its tier, stage and role:
/// beyond it two agents with such responses alone read at most 75 %.
pub const LENGTH_FACTOR: f64 = 2.0;

/// An agent that is alone decodes at one rate; a call beyond this factor of the median was slowed by something else.
pub const SLOW_FACTOR: f64 = 1.5;

/// A first token that is later than this, loading and prompt taken off, waited for something.
pub const STALL_MS: f64 = 1000.0;

/// A model loaded during a run.
#[derive(Debug, Clone)]
pub struct Reload<'a> {
    /// The run.
    pub run: &'a Run,
    /// Loading of either agent, ms, the slowest of its calls; none where not told.
    pub load_ms: [Option<f64>; 2],
}

/// What is unusual about a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Over [`LENGTH_FACTOR`] times the median.
    Long,
    /// Under its reciprocal.
    Short,
    /// No final record, so no number of tokens.
    Unfinished,
}

/// A response of unusual length.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// The run.
    pub run: &'a Run,
    /// Role of the agent.
    pub agent: &'a Agent,
    /// The call.
    pub call: &'a Call,
    /// What is unusual.
    pub length: Length,
    /// Median tokens of its tier, stage and role.
    pub usual_tokens: Option<f64>,
}

/// A run with calls that waited or decoded slowly for no reason inside it.
#[derive(Debug, Clone)]
pub struct Disturbed<'a> {
    /// The run.
    pub run: &'a Run,
    /// Calls that waited over [`STALL_MS`] for no told reason, and the longest such wait, ms.
    pub stalled: (usize, f64),
    /// Calls of a serialised run over [`SLOW_FACTOR`] times the median, and the slowest, ms per token.
    pub slow: (usize, f64),
}

/// Everything unusual in a tier, in the order of time.
#[derive(Debug, Clone)]
pub struct Flags<'a> {
    /// Reloads.
    pub reloads: Vec<Reload<'a>>,
    /// Responses of unusual length.
    pub responses: Vec<Response<'a>>,
    /// Runs disturbed from outside.
    pub disturbed: Vec<Disturbed<'a>>,
}

impl Reload<'_> {
    /// Whether one agent loaded over [`RELOAD_MS`] longer than the other.
    pub fn is_uneven(&self) -> bool {
        match self.load_ms {
            [Some(a), Some(b)] => (a - b).abs() > RELOAD_MS,
            _ => false,
        }
    }
}

impl Flags<'_> {
    /// Whether anything is unusual about a run.
    pub fn any(&self, run: &Run) -> bool {
        self.reloads.iter().any(|r| std::ptr::eq(r.run, run)) || self.beyond_reload(run)
    }

    /// Whether something other than a reload is.
    pub fn beyond_reload(&self, run: &Run) -> bool {
        self.responses.iter().any(|r| std::ptr::eq(r.run, run))
            || self.disturbed.iter().any(|d| std::ptr::eq(d.run, run))
    }
}

/// Finds them. Without calls only reloads can be found.
pub fn find(tier: &Tier) -> Result<Flags<'_>> {
    Ok(Flags { reloads: reloads(tier), responses: responses(tier)?, disturbed: disturbed(tier)? })
}

/// Median efficiency of the unflagged runs that share a run's runtime and configuration, or its runtime where there are
/// none, and how many they are: what the run would be expected to read. None where there are none either.
pub fn usual(tier: &Tier, flags: &Flags, run: &Run) -> Result<Option<(f64, usize)>> {
    let values = |same_config: bool| -> Vec<f64> {
        let alike = tier.runs_of(&run.runtime).filter(|other| !same_config || other.config == run.config);
        alike.filter(|other| !flags.any(other)).map(|other| other.efficiency).collect()
    };
    let mut alike = values(true);
    if alike.is_empty() {
        alike = values(false);
    }
    Ok(quantile::median(&alike)?.map(|median| (median, alike.len())))
}

fn reloads(tier: &Tier) -> Vec<Reload<'_>> {
    let all =
        tier.runs.iter().map(|run| Reload { run, load_ms: [0, 1].map(|i| slowest_load(&run.agents[i])) });
    all.filter(|found| found.load_ms.iter().flatten().any(|ms| *ms > RELOAD_MS)).collect()
}

/// The slowest loading of an agent's calls; without calls their sum, which the agent's row has.
fn slowest_load(agent: &Agent) -> Option<f64> {
    agent.calls.iter().filter_map(|call| call.load_ms).reduce(f64::max).or(agent.load_ms)
}

fn responses(tier: &Tier) -> Result<Vec<Response<'_>>> {
    let mut found = Vec::new();
    for (run, agent, call) in tier.calls() {
        let alike = |(_, a, c): &(&Run, &Agent, &Call)| a.role == agent.role && c.stage == call.stage;
        let tokens: Vec<f64> =
            tier.calls().filter(alike).filter_map(|c| c.2.tokens).map(|t| t as f64).collect();
        let usual_tokens = quantile::median(&tokens)?;
        let length = match (call.tokens.map(|tokens| tokens as f64), usual_tokens) {
            (None, _) => Length::Unfinished,
            (Some(tokens), Some(usual)) if tokens > usual * LENGTH_FACTOR => Length::Long,
            (Some(tokens), Some(usual)) if tokens * LENGTH_FACTOR < usual => Length::Short,
            _ => continue,
        };
        found.push(Response { run, agent, call, length, usual_tokens });
    }
    Ok(found)
}

fn disturbed(tier: &Tier) -> Result<Vec<Disturbed<'_>>> {
    let serialised = |run: &Run| run.sharing() == Sharing::Serialised;
    let alone: Vec<f64> =
        tier.calls().filter(|c| serialised(c.0)).filter_map(|(_, _, call)| call.ms_per_token()).collect();
    let usual = quantile::median(&alone)?;
    let mut found = Vec::new();
    for run in &tier.runs {
        let calls = || run.agents.iter().flat_map(|agent| &agent.calls);
        let beyond = |values: Vec<f64>| (values.len(), values.into_iter().fold(0.0, f64::max));
        let waits = calls().filter_map(Call::unexplained_ms).filter(|ms| *ms > STALL_MS).collect();
        let rates = calls().filter_map(Call::ms_per_token);
        let slow =
            rates.filter(|ms| serialised(run) && usual.is_some_and(|u| *ms > u * SLOW_FACTOR)).collect();
        let found_here = Disturbed { run, stalled: beyond(waits), slow: beyond(slow) };
        if found_here.stalled.0 + found_here.slow.0 > 0 {
            found.push(found_here);
        }
    }
    Ok(found)
}
