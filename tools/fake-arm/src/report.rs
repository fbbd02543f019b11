//! The report of a fake trial: times that can be worked out on paper.

use crate::Behaviour;
use crate::book::{Book, alone_ns};
use tandem_records::{ArmReport, Client, Delays, Length, MicroBatch, Phase, PhaseOrder, TrialSpec};
use xxhash_rust::xxh3::xxh3_64;

/// Time of one token when an agent is alone.
pub const TOKEN_NS: u64 = 1_000_000;
/// Reading of the fake clock when the first phase releases its agents.
pub const CLOCK_START_NS: u64 = 1_000_000_000;
/// Work of its own that an agent of workload `report` does in each measured phase.
pub const LOCAL_NS: u64 = 4_000_000;
/// Pause between two phases.
pub(crate) const PAUSE_NS: u64 = 1_000_000;

/// The report of a trial.
///
/// Alone, agent i with t tokens takes S_i = t x [`TOKEN_NS`]; with workload `report`, whose two calls have t tokens each,
/// S_i = 2 t x [`TOKEN_NS`] + [`LOCAL_NS`]. Together, with n agents,
/// W = sum S_i / (n x efficiency) x (1 + noise x (u - 1/2)), where u in [0, 1) is a hash of seed, trial and
/// runtime, and agent i takes C_i = W x S_i / max S_j: the trial's efficiency is
/// efficiency / (1 + noise x (u - 1/2)), its overlap is 1. Above two agents one agent per server and role runs alone.
///
/// With a rate, agent i starts at i / rate whatever the arrivals, its request a quarter of a pause later, and the makespan
/// reaches to the last end.
pub fn report(spec: &TrialSpec, runtime: &str, behaviour: &Behaviour) -> ArmReport {
    let mut book = Book::new(spec, behaviour);
    let agents = spec.agents.max(1);
    let alone: Vec<u64> = (0..agents).map(|agent| alone_ns(spec, agent)).collect();
    let sum: u64 = alone.iter().sum();
    let longest = alone.iter().copied().max().unwrap_or(TOKEN_NS);
    let key = format!("{}/{}/{runtime}", spec.seed, spec.trial);
    let u = (xxh3_64(key.as_bytes()) >> 11) as f64 / (1u64 << 53) as f64;
    let ideal = sum as f64 / f64::from(agents);
    let together_ns = (ideal / behaviour.efficiency * (1.0 + behaviour.noise * (u - 0.5))).round() as u64;

    let mut now = CLOCK_START_NS;
    for agent in 0..agents {
        now = book.entry(Phase::Warmup, agent, now, TOKEN_NS);
    }
    let solo = |book: &mut Book, mut now: u64| {
        for agent in soloists(spec) {
            now = book.entry(Phase::Solo, agent, now, alone[agent as usize]);
        }
        now
    };
    let mut makespan = 0;
    let mut together = |book: &mut Book, now: u64| {
        let ends = (0..agents).map(|agent| {
            let share = alone[agent as usize] as f64 / longest as f64;
            book.entry(Phase::Concurrent, agent, now, (together_ns as f64 * share).round() as u64)
        });
        let next = ends.max().unwrap_or(now);
        makespan = next - PAUSE_NS - now;
        next
    };
    match spec.phase_order {
        PhaseOrder::SoloFirst => {
            now = solo(&mut book, now);
            together(&mut book, now);
        }
        PhaseOrder::ConcurrentFirst => {
            now = together(&mut book, now);
            solo(&mut book, now);
        }
    }

    let client = spec.client.unwrap_or(Client::Hyper);
    let is_micro = spec.workload.is_micro();
    ArmReport {
        runtime: runtime.to_string(),
        client,
        bridge: String::new(),
        read_cap_bytes: spec.read_cap.unwrap_or(0),
        status: behaviour.status,
        error: behaviour.error.clone(),
        makespan_ns: (!is_micro).then_some(makespan),
        startup_ns: Some(10_000),
        cpu_ns: Some(sum / 100),
        voluntary_switches: Some(sum / TOKEN_NS),
        involuntary_switches: Some(0),
        migrations: Some(0),
        minor_faults: Some(0),
        major_faults: Some(0),
        cpus_allowed: cpus_allowed(),
        workers: None,
        workers_busy_ns: None,
        worker_parks: None,
        queue_depth_max: None,
        delays: Delays::default(),
        thread_names: vec![runtime.to_string()],
        peak_rss_bytes: Some(4 << 20),
        start_rss_bytes: Some(3 << 20),
        agents: if is_micro { Vec::new() } else { book.agents },
        requests: if is_micro { Vec::new() } else { book.requests },
        micro: if is_micro { batches(behaviour) } else { Vec::new() },
    }
}

/// Agents that run alone, as in every arm: all of up to two, all whose length is their own, else one per server and role.
fn soloists(spec: &TrialSpec) -> Vec<u32> {
    let servers = spec.servers.len().max(1) as u32;
    let mut kinds = Vec::new();
    let agents = 0..spec.agents.max(1);
    agents
        .filter(|&agent| {
            let kind = (agent % 2, agent % servers);
            let is_new = !kinds.contains(&kind);
            kinds.push(kind);
            is_new || spec.agents <= 2 || spec.length == Length::Free
        })
        .collect()
}

/// Batches of a micro workload: a microsecond an operation, longer as efficiency is lower.
fn batches(behaviour: &Behaviour) -> Vec<MicroBatch> {
    let batch = |case: &str, batch, operations, ns: f64| MicroBatch {
        case: case.to_string(),
        batch,
        operations,
        elapsed_ns: Some((ns * operations as f64).round() as u64),
        cpu_ns: None,
        bytes: None,
    };
    let timed = (0..3).map(|number| batch("known", number, 1_000, 1_000.0 / behaviour.efficiency));
    std::iter::once(batch("empty", 0, 1, 30.0)).chain(timed).collect()
}

/// What the kernel really allows, so that the driver's placement can be tested.
fn cpus_allowed() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.unwrap_or_default().trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use proptest::prelude::*;
    use tandem_records::{RequestRow, Stage, Workload};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        spec: TrialSpec,
    }

    fn spec(seed: u64, tokens: Vec<u32>, agents: u32) -> TrialSpec {
        let line = Line::try_parse_from(["fake", "--server", "http://127.0.0.1:1", "--model", "m"]).unwrap();
        TrialSpec { seed, tokens, agents, ..line.spec }
    }

    fn lengths(report: &ArmReport, phase: Phase) -> Vec<u64> {
        let rows = report.agents.iter().filter(|row| row.phase == phase);
        rows.map(|row| row.end_ns.unwrap() - row.start_ns.unwrap()).collect()
    }

    proptest! {
        #[test]
        fn the_efficiency_of_two_agents_is_the_chosen_one(
            seed: u64, a in 2u32..500, b in 2u32..500, efficiency in 0.3f64..1.05,
        ) {
            let spec = spec(seed, vec![a, b], 2);
            let behaviour = Behaviour { efficiency, noise: 0.0, ..Behaviour::read(&spec, "x").unwrap() };
            let report = report(&spec, "x", &behaviour);
            let sum: u64 = lengths(&report, Phase::Solo).iter().sum();
            let makespan = report.makespan_ns.unwrap();
            prop_assert!((sum as f64 / (2.0 * makespan as f64) - efficiency).abs() < 1e-6);
            prop_assert_eq!(lengths(&report, Phase::Concurrent).into_iter().max(), Some(makespan));
        }
    }

    #[test]
    fn an_agent_of_workload_report_makes_two_calls_around_work_of_its_own() {
        let mut spec = spec(7, vec![30, 50], 2);
        spec.workload = Workload::Report;
        let behaviour = Behaviour { efficiency: 0.8, noise: 0.0, ..Behaviour::read(&spec, "x").unwrap() };
        let report = report(&spec, "x", &behaviour);
        let (a, b) = (2 * 30 * TOKEN_NS + LOCAL_NS, 2 * 50 * TOKEN_NS + LOCAL_NS);
        assert_eq!(lengths(&report, Phase::Solo), [a, b]);
        assert_eq!(report.makespan_ns, Some(((a + b) as f64 / 1.6).round() as u64));
        for agent in &report.agents {
            let measured = agent.phase != Phase::Warmup;
            assert_eq!(agent.local_ns, measured.then_some(LOCAL_NS));
            assert_eq!((agent.files_read.is_some(), agent.structured), (measured, measured.then_some(true)));
            let calls: Vec<&RequestRow> = report
                .requests
                .iter()
                .filter(|row| (row.phase, row.agent) == (agent.phase, agent.agent))
                .collect();
            let stages: Vec<(u32, Stage)> = calls.iter().map(|row| (row.call, row.stage)).collect();
            if !measured {
                assert_eq!(stages, [(0, Stage::Stream)]);
                continue;
            }
            assert_eq!(stages, [(0, Stage::Analysis), (1, Stage::Report)]);
            // Inside the agent's time, one after the other, and apart by work of its own.
            assert!(agent.start_ns.unwrap() < calls[0].start_ns);
            assert!(calls[0].start_ns + calls[0].e2e_ns.unwrap() < calls[1].start_ns);
            assert!(calls[1].start_ns + calls[1].e2e_ns.unwrap() < agent.end_ns.unwrap());
            let streamed: u64 = calls.iter().map(|row| row.e2e_ns.unwrap()).sum();
            assert_eq!(streamed + LOCAL_NS, agent.end_ns.unwrap() - agent.start_ns.unwrap());
        }
    }

    #[test]
    fn with_a_rate_the_agents_start_one_after_the_other() {
        let mut spec = spec(7, vec![30], 4);
        spec.rate = Some(50.0);
        let behaviour = Behaviour { noise: 0.0, ..Behaviour::read(&spec, "x").unwrap() };
        let report = report(&spec, "x", &behaviour);
        assert_eq!(report.makespan_ns, Some(3 * 20_000_000 + 30 * TOKEN_NS));
        for row in &report.requests {
            let agent = report.agents.iter().find(|a| (a.phase, a.agent) == (row.phase, row.agent)).unwrap();
            let intended = agent.release_ns + u64::from(row.agent) * 20_000_000;
            let expected = (row.phase == Phase::Concurrent).then_some(intended);
            assert_eq!(row.intended_ns, expected, "{:?}", row.phase);
            assert_eq!(row.start_ns - expected.unwrap_or(agent.release_ns), PAUSE_NS / 4);
        }
    }

    #[test]
    fn noise_depends_on_the_seed_and_stays_in_its_width() {
        let makespan = |seed| {
            let spec = spec(seed, vec![100], 2);
            report(&spec, "x", &Behaviour::read(&spec, "x").unwrap()).makespan_ns.unwrap() as f64
        };
        assert_eq!(makespan(1), makespan(1));
        assert_ne!(makespan(1), makespan(2));
        assert!((makespan(3) / 1e8 - 1.0).abs() <= 0.0005);
    }

    #[test]
    fn options_choose_the_behaviour_by_arm() {
        let mut spec = spec(1, vec![10], 2);
        let options = r#"{"fake_efficiency": {"a": 0.9, "b": 0.8}, "fake_status": {"b": "timeout"}, "fake_sleep_ms": 5}"#;
        spec.options_a = serde_json::from_str(options).unwrap();
        let (a, b) = (Behaviour::read(&spec, "a").unwrap(), Behaviour::read(&spec, "b").unwrap());
        assert_eq!((a.efficiency, a.sleep_ms, a.status.as_str()), (0.9, 5, "ok"));
        assert_eq!((b.efficiency, b.sleep_ms, b.status.as_str()), (0.8, 5, "timeout"));
        spec.options_a = serde_json::from_str(r#"{"fake_speed": 1}"#).unwrap();
        assert!(Behaviour::read(&spec, "a").unwrap_err().contains("fake_speed is unknown"));
    }
}
