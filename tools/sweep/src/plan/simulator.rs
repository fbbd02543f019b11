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
    /// Tokens per write.
    pub coalesce: u32,
    /// Bytes of text in a token; `None` where they vary.
    pub token_bytes: Option<u32>,
    /// What streams take from each other.
    pub capacity: Capacity,
    /// Slow-down of two streams at once under `shared`.
    pub factor: f64,
}

/// Levels of the simulator's factors in one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimLevels {
    /// Tokens per write.
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
        Pacing {
            ttft_ns: (sim.ttft_ms.map_or(pacing.ttft_ns, ns) as f64 / scale.time).round() as u64,
            itl_ns: sim.itl_ms.map_or(pacing.itl_ns, ns),
            coalesce: levels.coalesce,
            token_bytes: levels.token_bytes,
            capacity: levels.capacity.unwrap_or(Capacity::Independent),
            factor: sim.factor.unwrap_or(TR115_FACTOR),
        }
    }

    /// Whether it writes at deadlines.
    pub fn is_paced(&self) -> bool {
        self.ttft_ns > 0 || self.itl_ns > 0
    }

    /// Time from request to last byte of one stream of `tokens` tokens that is alone.
    pub fn alone_ns(&self, tokens: u64) -> u64 {
        self.ttft_ns + tokens * self.itl_ns
    }
}
