//! The simulator that a cell asks for: its command line, and the numbers behind it.

use super::{SimFile, SimProfile};
use tandem_records::Capacity;

/// One distinct simulator: cells with equal configurations share a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SimConfig {
    /// Number of ports, each a server to the arms.
    pub ports: u32,
    /// Pacing and capacity flags, without ports, seed and model.
    pub flags: Vec<String>,
}

/// The planned times of a simulator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pacing {
    /// Time to first token in ns.
    pub ttft_ns: u64,
    /// Time between two tokens in ns; 0 when unpaced.
    pub itl_ns: u64,
    /// What streams take from each other.
    pub capacity: Capacity,
    /// Slow-down of two streams at once under `shared`.
    pub factor: f64,
}

/// Slow-down of two streams that the study measured: 24.2 against 9.2 ms per token.
const TR115_FACTOR: f64 = 2.6;

impl SimConfig {
    /// The configuration that a set asks for at one level of the coalesce factor.
    pub fn new(sim: &SimFile, ports: u32, coalesce: u32) -> SimConfig {
        let mut flags = Vec::new();
        let mut add = |flag: &str, value: String| flags.extend([format!("--{flag}"), value]);
        add("profile", sim.profile.unwrap_or(SimProfile::Fast).as_str().to_string());
        for (flag, value) in [("ttft-ms", sim.ttft_ms), ("itl-ms", sim.itl_ms), ("jitter", sim.jitter)] {
            if let Some(value) = value {
                add(flag, value.to_string());
            }
        }
        if let Some(capacity) = sim.capacity {
            add("capacity", capacity.as_str().to_string());
        }
        if sim.capacity == Some(Capacity::Shared) {
            add("factor", sim.factor.unwrap_or(TR115_FACTOR).to_string());
        }
        if coalesce != 1 {
            add("coalesce", coalesce.to_string());
        }
        SimConfig { ports, flags }
    }
}

impl Pacing {
    /// The numbers behind a set's simulator: the profile's, with the set's own in their place.
    pub fn of(sim: &SimFile) -> Pacing {
        let profile = match sim.profile {
            Some(SimProfile::Instant) => ollama_sim::Profile::Instant,
            None | Some(SimProfile::Fast) => ollama_sim::Profile::Fast,
            Some(SimProfile::Tr115) => ollama_sim::Profile::Tr115,
        };
        let pacing = profile.pacing();
        let ns = |ms: f64| (ms * 1e6).round() as u64;
        Pacing {
            ttft_ns: sim.ttft_ms.map_or(pacing.ttft_ns, ns),
            itl_ns: sim.itl_ms.map_or(pacing.itl_ns, ns),
            capacity: sim.capacity.unwrap_or(Capacity::Independent),
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
