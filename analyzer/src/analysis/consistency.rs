//! Whether equal work gave equal answers: texts, times to evaluate the prompt, connections that stayed open.

use super::{measured, prompts};
use crate::load::{Run, Trial};
use std::collections::{BTreeMap, BTreeSet};
use tandem_records::{Cache, Client, Connection, Phase, PlanRow, RequestRow, ServerKind};

/// How many of those that could be checked did not pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flagged {
    /// Did not pass.
    pub flagged: usize,
    /// Could be checked.
    pub of: usize,
}

impl Flagged {
    fn note(&mut self, passes: bool) {
        self.of += 1;
        self.flagged += usize::from(!passes);
    }
}

/// What requests of equal work have to share, counted over the last attempts of all trials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consistency {
    /// Real servers: requests that one agent sent alone and together, by whether the texts are equal. Without
    /// trials of a cold cache, whose prompts differ on purpose.
    pub digests: Flagged,
    /// Real servers: agents of trials, by whether evaluating their prompts took as long together as alone.
    pub prompt_eval: Flagged,
    /// Simulators: requests of a cell, block, agent and phase that several arms sent, by whether all got one text.
    pub arms: Flagged,
    /// The first of those that did not pass, in words.
    pub arms_first: Option<String>,
    /// Measured requests on prepared connections that the client watches, by whether the connection was still open.
    pub connections: Flagged,
    /// Measured requests on prepared connections by clients that do not tell whether they opened one.
    pub unwatched: BTreeMap<Client, usize>,
}

/// Checks the requests of a run.
pub(super) fn check(run: &Run) -> Consistency {
    let plan: BTreeMap<u32, &PlanRow> = run.plan.iter().map(|row| (row.trial, row)).collect();
    let mut found = Consistency::default();
    for trial in &run.trials {
        let planned = plan.get(&trial.row.trial);
        if trial.row.server_kind != ServerKind::Sim {
            if planned.is_some_and(|row| row.cache != Cache::Cold) {
                digests(trial, &mut found.digests);
            }
            prompt_eval(trial, &mut found.prompt_eval);
        }
        if planned.is_some_and(|row| row.connection == Connection::Prepared) {
            for row in measured(trial) {
                match trial.row.client {
                    Client::Hyper => found.connections.note(row.connect_ns.is_none()),
                    client => *found.unwatched.entry(client).or_default() += 1,
                }
            }
        }
    }
    arms(run, &plan, &mut found);
    found
}

/// Pairs (alone, together) of the same request of the same agent.
fn pairs(trial: &Trial) -> impl Iterator<Item = (&RequestRow, &RequestRow)> {
    let of = |phase: Phase| measured(trial).filter(move |row| row.phase == phase);
    of(Phase::Solo).filter_map(move |alone| {
        let same = |row: &&RequestRow| (row.agent, row.call) == (alone.agent, alone.call);
        Some((alone, of(Phase::Concurrent).find(same)?))
    })
}

fn digests(trial: &Trial, count: &mut Flagged) {
    for (alone, together) in pairs(trial) {
        if !alone.digest.is_empty() && !together.digest.is_empty() {
            count.note(alone.digest == together.digest);
        }
    }
}

fn prompt_eval(trial: &Trial, count: &mut Flagged) {
    let mut agents = BTreeMap::<u32, (u64, u64)>::new();
    for (alone, together) in pairs(trial) {
        let Some((alone_ns, together_ns)) = alone.prompt_eval_ns.zip(together.prompt_eval_ns) else {
            continue;
        };
        let sums = agents.entry(alone.agent).or_default();
        *sums = (sums.0.saturating_add(alone_ns), sums.1.saturating_add(together_ns));
    }
    for (alone, together) in agents.into_values().filter(|(alone, _)| *alone > 0) {
        count.note(prompts::PASSES.contains(&(together as f64 / alone as f64)));
    }
}

/// Equal seeds must give equal texts, whatever the arm.
fn arms(run: &Run, plan: &BTreeMap<u32, &PlanRow>, found: &mut Consistency) {
    let mut texts = BTreeMap::<_, (BTreeSet<&str>, BTreeSet<&str>)>::new();
    for trial in run.trials.iter().filter(|trial| trial.row.server_kind == ServerKind::Sim) {
        // A cold prompt starts with a nonce of its trial, so its text is its own.
        if plan.get(&trial.row.trial).is_some_and(|row| row.cache == Cache::Cold) {
            continue;
        }
        for row in measured(trial).filter(|row| !row.digest.is_empty()) {
            let work = (&trial.row.cell, trial.row.block, row.agent, row.phase, row.call);
            let (arms, digests) = texts.entry(work).or_default();
            arms.insert(&trial.row.arm);
            digests.insert(&row.digest);
        }
    }
    for ((cell, block, agent, phase, _), (arms, digests)) in texts {
        if arms.len() < 2 {
            continue;
        }
        found.arms.note(digests.len() == 1);
        if digests.len() > 1 && found.arms_first.is_none() {
            let phase = format!("{phase:?}").to_lowercase();
            found.arms_first = Some(format!(
                "{} texts over {} arms in {cell}, block {block}, agent {agent}, {phase} phase",
                digests.len(),
                arms.len()
            ));
        }
    }
}
