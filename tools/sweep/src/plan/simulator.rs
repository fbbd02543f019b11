//! The simulator that a cell asks for: its command line, and the numbers behind it.

use super::{Capacity, SimFile, SimProfile};

/// One distinct simulator: cells with equal configurations share a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SimConfig {
    /// Number of ports, each a server to the arms.
    pub ports: u32,
    /// Pacing and capacity flags, without ports, seed and model.
    pub flags: Vec<String>,
}

/// The planned times of a simulator, where the plan or the profile fixes them.
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
        if let Some(factor) = sim.factor {
            add("factor", factor.to_string());
        }
        if coalesce != 1 {
            add("coalesce", coalesce.to_string());
        }
        SimConfig { ports, flags }
    }
}

impl Pacing {
    /// The numbers behind a set's simulator. Validation has seen to it that they are there.
    pub fn of(sim: &SimFile) -> Pacing {
        let ns = |ms: Option<f64>| (ms.unwrap_or(0.0) * 1e6).round() as u64;
        Pacing {
            ttft_ns: ns(sim.ttft_ms),
            itl_ns: ns(sim.itl_ms),
            capacity: sim.capacity.unwrap_or(Capacity::Independent),
            factor: sim.factor.unwrap_or(1.0),
        }
    }

    /// Time from request to last byte of one stream of `tokens` tokens that is alone.
    pub fn alone_ns(&self, tokens: u64) -> u64 {
        self.ttft_ns + tokens * self.itl_ns
    }
}
