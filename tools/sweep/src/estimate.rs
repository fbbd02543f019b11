//! How long a trial will take on a simulator, from the simulator's own numbers.

use crate::plan::Cell;
use crate::schedule::PlannedTrial;
use std::collections::BTreeMap;
use std::time::Duration;
use tandem_records::{Capacity, Length, Role, Workload};

/// Process start and end, building the runtime, connecting, and the driver's questions to the simulator.
const PROCESS_NS: u64 = 25_000_000;
/// Opening an agent's connection, readying it again before the concurrent phase, and writing its rows.
const AGENT_NS: u64 = 200_000;
/// Unpaced tokens: client and simulator together on two cores, per token of all streams.
const UNPACED_TOKEN_NS: u64 = 6_000;
/// Tokens of a warm-up response.
const WARMUP_TOKENS: u64 = 2;

/// Expected time of one trial; `None` on servers whose speed the plan does not know.
pub fn trial_time(trial: &PlannedTrial) -> Option<Duration> {
    let cell = &trial.cell;
    if cell.set.workload.is_micro() {
        return Some(micro_time(cell.set.workload));
    }
    let (_, pacing) = cell.sim.as_ref()?;
    // A free length is reckoned at its longest: an agent waits for the longest of its responses.
    let spread = cell.set.sim.length_spread.filter(|_| cell.set.length() == Length::Free).unwrap_or(0.0);
    let longest_of = |&tokens: &u32| (f64::from(tokens) * (1.0 + spread)).ceil() as u64;
    let tokens: Vec<u64> = cell.tokens.iter().map(longest_of).collect();
    let (collector, insight) = (*tokens.first()?, *tokens.last()?);
    let of = |role| if role == Role::Collector { collector } else { insight };
    let longest = collector.max(insight);
    let (agents, permits) = (u64::from(cell.agents), u64::from(cell.permits()));
    let token_ns = if pacing.itl_ns == 0 { UNPACED_TOKEN_NS } else { 0 };
    let alone = |tokens: u64| pacing.alone_ns(tokens) + tokens * token_ns;

    let together = |tokens: u64| {
        let at_once = agents.min(permits).max(1);
        let waves = agents.div_ceil(at_once);
        let paced = pacing.alone_ns(tokens);
        let slowed = match pacing.capacity {
            Capacity::Independent => paced,
            Capacity::Shared if at_once == 1 => paced,
            Capacity::Shared => (paced as f64 * pacing.factor * at_once as f64 / 2.0) as u64,
            Capacity::Serial => paced * at_once.div_ceil(u64::from(cell.servers)),
        };
        waves * (slowed + at_once * tokens * token_ns)
    };
    let solos: u64 = soloists(cell).into_iter().map(|role| alone(of(role))).sum();
    let calls = u64::from(cell.calls()) * (together(WARMUP_TOKENS) + solos + together(longest));
    // An open loop is reckoned as if its work began with the last start: exact with a permit for each agent, else too long.
    Some(Duration::from_nanos(PROCESS_NS + agents * AGENT_NS + calls) + cell.starts_span())
}

/// A micro trial, as measured on two CPUs. Their loads are fixed, so that this is all there is to know.
fn micro_time(workload: Workload) -> Duration {
    Duration::from_millis(match workload {
        Workload::Wake => 120,
        Workload::Behaviour | Workload::Streams | Workload::Yield => 190,
        Workload::Startup => 220,
        Workload::Http | Workload::Workers => 480,
        Workload::Spawn => 650,
        Workload::Timer => 750,
        Workload::Bridge | Workload::Memory => 1_300,
        Workload::Blocking => 1_400,
        Workload::Stream | Workload::Flood | Workload::Report => 0,
    })
}

/// Roles of the agents of a cell that run alone.
pub(crate) fn soloists(cell: &Cell) -> Vec<Role> {
    soloists_of(cell.agents, cell.servers, cell.set.length())
}

/// Every agent of up to two, and every one whose length is its own; above that one per server and role.
fn soloists_of(agents: u32, servers: u32, length: Length) -> Vec<Role> {
    let mut kinds: Vec<(u32, u32)> = Vec::new();
    for agent in 0..agents {
        let kind = (agent % 2, agent % servers.max(1));
        if agents <= 2 || length == Length::Free || !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.into_iter().map(|(side, _)| if side == 0 { Role::Collector } else { Role::Insight }).collect()
}

/// Expected time of the block that takes longest; `None` where a trial's is not known.
pub(crate) fn longest_block(
    trials: &[PlannedTrial],
    time: impl Fn(&PlannedTrial) -> Option<Duration>,
) -> Option<Duration> {
    let mut blocks: BTreeMap<u32, Duration> = BTreeMap::new();
    for trial in trials {
        *blocks.entry(trial.row.block).or_default() += time(trial)?;
    }
    blocks.into_values().max()
}

/// A duration as people say it: `48 s`, `3 min 20 s`, `1 h 05 min`.
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_per_server_and_role_runs_alone() {
        for (agents, servers, expected) in
            [(1, 2, 1), (2, 2, 2), (2, 1, 2), (16, 2, 2), (16, 1, 2), (16, 3, 6), (3, 4, 3)]
        {
            let alone = |length| soloists_of(agents, servers, length).len();
            assert_eq!(alone(Length::Fixed), expected, "{agents} agents on {servers} servers");
            assert_eq!(alone(Length::Free), agents as usize, "no agent's free length stands for another's");
        }
    }

    #[test]
    fn durations_read_as_people_say_them() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            (words(48), words(200), words(3900)),
            ("48 s".into(), "3 min 20 s".into(), "1 h 05 min".into())
        );
    }
}
