//! The report of a fake trial: times that can be worked out on paper.

use crate::Behaviour;
use tandem_records::{AgentRow, ArmReport, Client, Phase, PhaseOrder, RequestRow, Role, TrialSpec};
use xxhash_rust::xxh3::xxh3_64;

/// Time of one token when an agent is alone.
pub const TOKEN_NS: u64 = 1_000_000;
/// Reading of the fake clock when the first phase releases its agents.
pub const CLOCK_START_NS: u64 = 1_000_000_000;
/// Pause between two phases.
const PAUSE_NS: u64 = 1_000_000;
/// Time to first token: as long as any other token.
const TTFT_NS: u64 = TOKEN_NS;

/// The report of a trial.
///
/// Alone, agent i with t tokens takes S_i = t x [`TOKEN_NS`]. Together, with n agents,
/// W = sum S_i / (n x efficiency) x (1 + noise x (u - 1/2)), where u in [0, 1) is a hash of seed, trial and
/// runtime, and agent i takes C_i = W x S_i / max S_j: the trial's efficiency is
/// efficiency / (1 + noise x (u - 1/2)), its overlap is 1. Above two agents one agent per role runs alone.
pub fn report(spec: &TrialSpec, runtime: &str, behaviour: &Behaviour) -> ArmReport {
    let mut book = Book { spec, behaviour, agents: Vec::new(), requests: Vec::new() };
    let agents = spec.agents.max(1);
    let alone: Vec<u64> = (0..agents).map(|agent| tokens(spec, agent) * TOKEN_NS).collect();
    let sum: u64 = alone.iter().sum();
    let longest = alone.iter().copied().max().unwrap_or(TOKEN_NS);
    let key = format!("{}/{}/{runtime}", spec.seed, spec.trial);
    let u = (xxh3_64(key.as_bytes()) >> 11) as f64 / (1u64 << 53) as f64;
    let ideal = sum as f64 / f64::from(agents);
    let makespan = (ideal / behaviour.efficiency * (1.0 + behaviour.noise * (u - 0.5))).round() as u64;

    let mut now = CLOCK_START_NS;
    for agent in 0..agents {
        now = book.entry(Phase::Warmup, agent, now, TOKEN_NS);
    }
    let solo = |book: &mut Book, mut now: u64| {
        for agent in 0..agents.min(2) {
            now = book.entry(Phase::Solo, agent, now, alone[agent as usize]);
        }
        now
    };
    let together = |book: &mut Book, now: u64| {
        for agent in 0..agents {
            let share = alone[agent as usize] as f64 / longest as f64;
            book.entry(Phase::Concurrent, agent, now, (makespan as f64 * share).round() as u64);
        }
        now + makespan + PAUSE_NS
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
    ArmReport {
        runtime: runtime.to_string(),
        client,
        bridge: String::new(),
        read_cap_bytes: spec.read_cap.unwrap_or(0),
        status: behaviour.status,
        error: behaviour.error.clone(),
        makespan_ns: Some(makespan),
        startup_ns: Some(10_000),
        cpu_ns: Some(sum / 100),
        voluntary_switches: Some(sum / TOKEN_NS),
        involuntary_switches: Some(0),
        thread_names: vec![runtime.to_string()],
        peak_rss_bytes: Some(4 << 20),
        agents: book.agents,
        requests: book.requests,
    }
}

/// Response length of an agent: the first value for collectors, the last for insights.
fn tokens(spec: &TrialSpec, agent: u32) -> u64 {
    let lengths = &spec.tokens;
    let length = if agent.is_multiple_of(2) { lengths.first() } else { lengths.last() };
    u64::from(length.copied().unwrap_or(1))
}

struct Book<'a> {
    spec: &'a TrialSpec,
    behaviour: &'a Behaviour,
    agents: Vec<AgentRow>,
    requests: Vec<RequestRow>,
}

impl Book<'_> {
    /// Writes one agent's phase and its request; returns when the next phase may begin.
    fn entry(&mut self, phase: Phase, agent: u32, start: u64, length: u64) -> u64 {
        let spec = self.spec;
        let server = &spec.servers[agent as usize % spec.servers.len()];
        let role = if agent.is_multiple_of(2) { Role::Collector } else { Role::Insight };
        let count = if phase == Phase::Warmup { 1 } else { tokens(spec, agent) };
        let prepared = PAUSE_NS / 2; // from the agent's first action to its request and back: inside S_i and C_i
        let e2e = length.saturating_sub(prepared);
        let agent = AgentRow {
            status: self.behaviour.status,
            release_ns: start,
            start_ns: Some(start),
            end_ns: Some(start + length),
            ..AgentRow::of(spec, phase, agent, role, server)
        };
        self.requests.push(RequestRow {
            status: self.behaviour.status,
            error: self.behaviour.error.clone(),
            start_ns: start + prepared / 2,
            ttfc_ns: Some(TTFT_NS.min(e2e)),
            ttft_ns: Some(TTFT_NS.min(e2e)),
            e2e_ns: Some(e2e),
            chunks: Some(count + 1),
            output_tokens: Some(count),
            prompt_tokens: Some(8),
            digest: format!("{:016x}", xxh3_64(&spec.seed.to_le_bytes())),
            done_reason: "length".to_string(),
            prompt_eval_ns: Some(TTFT_NS),
            eval_ns: Some(e2e.saturating_sub(TTFT_NS)),
            server_total_ns: Some(e2e),
            itl_p50_ns: Some(TOKEN_NS),
            itl_p99_ns: Some(TOKEN_NS),
            itl_max_ns: Some(TOKEN_NS),
            ..RequestRow::of(&agent, 0)
        });
        self.agents.push(agent);
        start + length + PAUSE_NS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use proptest::prelude::*;

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
