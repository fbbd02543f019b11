//! The simulator that a cell asks for: its command line, and the numbers behind it.

use super::{SetFile, SimFile, SimProfile, SimScale};
use tandem_records::{Capacity, Length, Pin};

/// One distinct simulator: cells with equal configurations share a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SimConfig {
    /// Number of ports, each a server to the arms.
    pub ports: u32,
    /// Pacing, capacity and fault flags, without ports, seed and model.
    pub flags: Vec<String>,
    /// Where it may run.
    pub pin: Pin,
}

/// The planned times of a simulator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pacing {
    /// Time to first token in ns.
    pub ttft_ns: u64,
    /// Time between two tokens in ns; 0 when unpaced.
    pub itl_ns: u64,
    /// What comes before the time to first token in ns: a prompt that no slot holds is read, a runner is waited for.
    pub lead_ns: u64,
    /// Pieces per write.
    pub coalesce: u32,
    /// Bytes of text in a token; `None` where they vary.
    pub token_bytes: Option<u32>,
    /// Streams that a port serves at once; `None` without a limit.
    pub slots: Option<u32>,
    /// What streams take from each other; one slot is `serial`.
    pub capacity: Capacity,
    /// Slow-down of two streams at once under `shared`.
    pub factor: f64,
}

/// Levels of the simulator's factors in one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimLevels {
    /// Pieces per write.
    pub coalesce: u32,
    /// Bytes of text in a token; `None` where they vary.
    pub token_bytes: Option<u32>,
    /// What streams take from each other; the simulator's own default when the set does not say.
    pub capacity: Option<Capacity>,
}

/// Slow-down of two streams that the study measured: 24.2 against 9.2 ms per token.
const TR115_FACTOR: f64 = 2.6;

impl SimConfig {
    /// The configuration that a set asks for at these levels and this scale.
    pub fn new(set: &SetFile, levels: SimLevels, scale: SimScale, ports: u32, pin: Pin) -> SimConfig {
        let sim = &set.sim;
        let mut flags = Vec::new();
        let mut add = |flag: &str, value: String| flags.extend([format!("--{flag}"), value]);
        add("profile", sim.profile.unwrap_or(SimProfile::Fast).as_str().to_string());
        let ttft_ns = Pacing::of(sim, levels, scale).ttft_ns;
        let scaled = (scale.time != 1.0 && ttft_ns > 0).then_some(ttft_ns as f64 / 1e6);
        for (flag, value) in
            [("ttft-ms", scaled.or(sim.ttft_ms)), ("itl-ms", sim.itl_ms), ("jitter", sim.jitter)]
        {
            if let Some(value) = value {
                add(flag, value.to_string());
            }
        }
        if let Some(capacity) = levels.capacity {
            add("capacity", capacity.as_str().to_string());
        }
        if levels.capacity == Some(Capacity::Shared) {
            add("factor", sim.factor.unwrap_or(TR115_FACTOR).to_string());
        }
        let counts = [("slots", sim.slots), ("tokens-per-piece", sim.tokens_per_piece)];
        let thinking = sim.thinking.map(|tokens| scale.thinking(tokens));
        for (flag, count) in counts.into_iter().chain([("thinking", thinking)]) {
            if let Some(count) = count {
                add(flag, count.to_string());
            }
        }
        let prompt_eval_ms = sim.prompt_eval_ms.map(|ms| ms / scale.time);
        for (flag, ms) in [
            ("prompt-eval-ms", prompt_eval_ms),
            ("load-ms", sim.load_ms),
            ("false-load-ms", sim.false_load_ms),
        ] {
            if let Some(ms) = ms {
                add(flag, ms.to_string());
            }
        }
        if levels.coalesce != 1 {
            add("coalesce", levels.coalesce.to_string());
        }
        if let Some(bytes) = levels.token_bytes {
            add("token-bytes", bytes.to_string());
        }
        if set.length() == Length::Free {
            // The requests name no length: the simulator has to know it.
            add("tokens", scale.length(set.tokens[0]).to_string());
            if let Some(spread) = sim.length_spread {
                add("length-spread", spread.to_string());
            }
        }
        for fault in &sim.faults {
            add("fault", fault.to_string());
        }
        SimConfig { ports, flags, pin }
    }
}

impl Pacing {
    /// The numbers behind a set's simulator: the profile's, with the set's own in their place, then scaled.
    pub fn of(sim: &SimFile, levels: SimLevels, scale: SimScale) -> Pacing {
        let profile = match sim.profile {
            Some(SimProfile::Instant) => ollama_sim::Profile::Instant,
            None | Some(SimProfile::Fast) => ollama_sim::Profile::Fast,
            Some(SimProfile::Tr115) => ollama_sim::Profile::Tr115,
        };
        let pacing = profile.pacing();
        let ns = |ms: f64| (ms * 1e6).round() as u64;
        let unnamed = if sim.slots == Some(1) { Capacity::Serial } else { Capacity::Independent };
        let capacity = levels.capacity.unwrap_or(unnamed);
        Pacing {
            ttft_ns: (sim.ttft_ms.map_or(pacing.ttft_ns, ns) as f64 / scale.time).round() as u64,
            itl_ns: sim.itl_ms.map_or(pacing.itl_ns, ns),
            lead_ns: sim.prompt_eval_ms.map_or(0, |ms_full| ns(ms_full / scale.time))
                + sim.false_load_ms.map_or(0, ns),
            coalesce: levels.coalesce,
            token_bytes: levels.token_bytes,
            slots: if capacity == Capacity::Serial { Some(1) } else { sim.slots },
            capacity,
            factor: sim.factor.unwrap_or(TR115_FACTOR),
        }
    }

    /// Whether it writes at deadlines.
    pub fn is_paced(&self) -> bool {
        self.ttft_ns > 0 || self.itl_ns > 0
    }

    /// Time from request to last byte of one stream of `tokens` tokens that is alone and whose prompt no slot holds.
    pub fn alone_ns(&self, tokens: u64) -> u64 {
        self.lead_ns + self.ttft_ns + tokens * self.itl_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::parse_plan;

    const LEVELS: SimLevels = SimLevels { coalesce: 1, token_bytes: None, capacity: None };

    /// A set with these keys of its simulator.
    fn set(sim: &str) -> SetFile {
        let plan = format!(
            r#"description = "one"
blocks = 2
seed = 1
baseline = "arm-a"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "one"
arms = ["arm-a"]
client = "hyper"
agents = [2]
workload = "stream"
scenario = "chimera_homo"
tokens = [100]
options_a = {{}}
[sets.sim]
{sim}"#
        );
        parse_plan("test", &plan).unwrap().sets.remove(0)
    }

    fn flags(sim: &str, scale: SimScale) -> String {
        SimConfig::new(&set(sim), LEVELS, scale, 1, Pin::None).flags.join(" ")
    }

    #[test]
    fn what_a_server_does_like_ollama_reaches_the_command_line() {
        let sim = "slots = 2\nprompt_eval_ms = 200\nload_ms = 300\nfalse_load_ms = 40\nthinking = 30\ntokens_per_piece = 4\n";
        assert_eq!(
            flags(sim, SimScale::FULL),
            "--profile fast --slots 2 --tokens-per-piece 4 --thinking 30 --prompt-eval-ms 200 --load-ms 300 --false-load-ms 40"
        );
        let short = flags(sim, SimScale { time: 10.0, tokens: 40.0 });
        assert!(short.contains("--thinking 1 ") && short.contains("--prompt-eval-ms 20 "), "{short}");
        assert_eq!(flags("", SimScale::FULL), "--profile fast");
    }

    #[test]
    fn what_the_simulator_is_told_it_understands() {
        let sim = "slots = 1\nprompt_eval_ms = 0.5\nload_ms = 1\nfalse_load_ms = 0\nthinking = 3\ntokens_per_piece = 2\n";
        let set = set(sim);
        let config = SimConfig::new(&set, LEVELS, SimScale { time: 3.0, tokens: 1.0 }, 1, Pin::None);
        let args = std::iter::once("ollama-sim").chain(config.flags.iter().map(String::as_str));
        let args = <ollama_sim::args::Args as clap::Parser>::try_parse_from(args).unwrap().check().unwrap();
        assert_eq!((args.config().slots, args.config().prompt_eval_ns), (Some(1), Some(166_667)));
    }

    #[test]
    fn one_slot_is_serial_and_a_prompt_takes_its_time() {
        let of = |sim: &str| Pacing::of(&set(sim).sim, LEVELS, SimScale { time: 2.0, tokens: 1.0 });
        let pacing = of("ttft_ms = 10\nitl_ms = 1\nslots = 1\nprompt_eval_ms = 200\nfalse_load_ms = 7\n");
        assert_eq!((pacing.capacity, pacing.alone_ns(5)), (Capacity::Serial, 117_000_000));
        let two = of("slots = 2\n");
        assert_eq!((two.capacity, two.slots), (Capacity::Independent, Some(2)));
    }
}
