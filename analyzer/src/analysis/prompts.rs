//! Whether the prompts of a cell were read as the plan wants it: in the same state of the servers' caches alone and
//! together, and whole.

use super::group::Group;
use super::measured;
use crate::load::{Run, Trial};
use crate::metrics::{Outcome, median, time_per_output_token};
use std::collections::BTreeMap;
use std::fmt;
use tandem_records::{Cache, Phase, RequestRow, ServerKind};

/// Ratios of a prompt's evaluation time, together to alone, that pass. A prompt that stands in the cache takes a hundredth
/// of one that does not, while the same work varies by some percent.
pub(super) const PASSES: std::ops::RangeInclusive<f64> = 0.8..=1.25;

/// Share of the time alone from which a difference matters: it moves the efficiency by as much, twice the usual margin of
/// half a percentage point. Below, a ratio is that of two small numbers.
const MATTERS: f64 = 0.01;

/// Prompts that were evaluated anew in one phase and came from the cache in the other. Times in ns, medians over the
/// trials of the arm and agent that differ most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reread {
    /// Evaluation of the prompt alone.
    pub alone_ns: f64,
    /// The same together.
    pub together_ns: f64,
    /// Prompts that a server holds, and agents that it has; none where the number of slots is not known.
    pub slots_and_agents: Option<(u32, u32)>,
    /// What to change in the plan.
    pub remedy: &'static str,
}

impl fmt::Display for Reread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = if self.together_ns > self.alone_ns {
            "prompts were read again together"
        } else {
            "prompts were read anew alone and not together"
        };
        write!(f, "{read}: {} ms alone, {} ms together", millis(self.alone_ns), millis(self.together_ns))?;
        match self.slots_and_agents {
            Some((slots, agents)) if slots >= agents => {}
            Some((slots, agents)) => {
                write!(f, "; the server's slots hold fewer prompts than agents ({slots} for {agents})")?;
            }
            None => f.write_str("; the server's slots may hold fewer prompts than agents")?,
        }
        write!(f, "; {}", self.remedy)
    }
}

/// `0.9`, `340`.
fn millis(ns: f64) -> String {
    let decimals = if ns < 1e7 { 1 } else { 0 };
    format!("{:.decimals$}", ns / 1e6)
}

/// Prompts of the measured phases that fill the context of their server: what was beyond it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Requests with such a prompt.
    pub requests: usize,
    /// Requests that tell both numbers.
    pub of: usize,
    /// Tokens of the longest of these prompts.
    pub prompt_tokens: u64,
    /// The context length of its server.
    pub context_length: u64,
}

/// Whether prompts met another state of the cache together than alone, so that it matters.
///
/// Prompts that start with a nonce (`cache = "cold"`) are never in a cache, and an open loop has no efficiency that its
/// solo phase decides.
pub(super) fn reread(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    slots_and_agents: Option<(u32, u32)>,
) -> Option<Reread> {
    let cache = group.planned.iter().flatten().next().map(|place| run.plan[*place].cache);
    if cache == Some(Cache::Cold) || !group.facts.has_efficiency() {
        return None;
    }
    let remedy = match group.facts.server_kind {
        ServerKind::Sim => "give the simulator more slots",
        ServerKind::Ollama | ServerKind::Openai => "use cache = cold",
    };
    let arms = group.arms.iter().map(|(_, places)| places);
    let shifts = arms.flat_map(|places| {
        let complete = places.iter().filter(|place| outcomes[**place].complete().is_some());
        let mut agents = BTreeMap::<u32, Vec<Pair>>::new();
        for place in complete {
            for (agent, pair) in pairs(&run.trials[*place]) {
                agents.entry(agent).or_default().push(pair);
            }
        }
        agents.into_values().filter_map(|pairs| shift(&pairs))
    });
    let size = |(alone, together): &(f64, f64)| (together - alone).abs();
    let (alone_ns, together_ns) = shifts.max_by(|a, b| size(a).total_cmp(&size(b)))?;
    Some(Reread { alone_ns, together_ns, slots_and_agents, remedy })
}

/// One agent of one trial, ns.
#[derive(Default)]
struct Pair {
    alone: f64,
    together: f64,
    /// Time of its requests alone.
    whole: f64,
    /// Time per output token together / alone.
    slower: Option<f64>,
}

/// Every agent with its own solo phase, or that of the agent with the same role and server, as with all durations.
fn pairs(trial: &Trial) -> BTreeMap<u32, Pair> {
    let of = |phase: Phase| measured(trial).filter(move |row| row.phase == phase);
    let twin = |agent: u32| {
        let mut solo = trial.agents.iter().filter(|row| row.phase == Phase::Solo);
        let together =
            trial.agents.iter().find(|row| (row.phase, row.agent) == (Phase::Concurrent, agent))?;
        if solo.clone().any(|row| row.agent == agent) {
            return Some(agent);
        }
        solo.find(|row| (row.role, &row.server) == (together.role, &together.server)).map(|row| row.agent)
    };
    let mut found = BTreeMap::<u32, Pair>::new();
    for together in of(Phase::Concurrent) {
        let Some(agent) = twin(together.agent) else { continue };
        let Some(alone) = of(Phase::Solo).find(|row| (row.agent, row.call) == (agent, together.call)) else {
            continue;
        };
        let Some(times) = alone.prompt_eval_ns.zip(together.prompt_eval_ns) else { continue };
        let pair = found.entry(together.agent).or_default();
        pair.alone += times.0 as f64;
        pair.together += times.1 as f64;
        pair.whole += alone.e2e_ns.unwrap_or(0) as f64;
        pair.slower = slower(alone, together);
    }
    found
}

fn slower(alone: &RequestRow, together: &RequestRow) -> Option<f64> {
    Some(time_per_output_token(together)? / time_per_output_token(alone)?).filter(|ratio| ratio.is_finite())
}

/// Evaluation alone and together of an agent whose trials say that it differs and matters.
fn shift(pairs: &[Pair]) -> Option<(f64, f64)> {
    let over = |value: fn(&Pair) -> f64| median(pairs.iter().map(value));
    let (alone, together) = (over(|pair| pair.alone)?, over(|pair| pair.together)?);
    // Servers that share a machine are slower together; what slows the tokens slows the prompts as well.
    let slower = median(pairs.iter().filter_map(|pair| pair.slower)).unwrap_or(1.0).max(1.0);
    let matters = MATTERS * over(|pair| pair.whole)?;
    let longer = together > PASSES.end() * slower * alone && together - slower * alone > matters;
    let shorter = together < PASSES.start() * alone && alone - together > matters;
    (longer || shorter).then_some((alone, together))
}

/// Prompts that were cut; none where no prompt was.
pub(super) fn cut(run: &Run, group: &Group) -> Option<Cut> {
    let trials = group.places().map(|place| &run.trials[place]);
    let told: Vec<(u64, u64)> = trials
        .filter_map(|trial| Some((trial, trial.row.context_length.filter(|length| *length > 0)?)))
        .flat_map(|(trial, length)| measured(trial).filter_map(move |row| Some((row.prompt_tokens?, length))))
        .collect();
    let full = told.iter().filter(|(tokens, length)| tokens >= length);
    let (prompt_tokens, context_length) = *full.clone().max()?;
    Some(Cut { requests: full.count(), of: told.len(), prompt_tokens, context_length })
}
