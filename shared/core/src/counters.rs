//! What the kernel counts for this process: CPU time, context switches, threads, memory.

use crate::clock::process_cpu_ns;
use nix::sys::resource::{UsageWho, getrusage};
use std::fs;

/// A reading of the running counters; subtract two for a phase.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    cpu_ns: u64,
    switches: Option<(u64, u64)>,
}

/// What one phase cost. `None` where the kernel does not tell.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU time, user and system.
    pub cpu_ns: u64,
    /// Times that a thread waited.
    pub voluntary_switches: Option<u64>,
    /// Times that a thread was made to wait.
    pub involuntary_switches: Option<u64>,
}

impl Counters {
    /// Reads the counters now.
    pub fn read() -> Self {
        // getrusage sums over all threads, ended ones included; /proc/self/status knows only the main thread.
        let switches = getrusage(UsageWho::RUSAGE_SELF)
            .ok()
            .map(|u| (u.voluntary_context_switches() as u64, u.involuntary_context_switches() as u64));
        Counters { cpu_ns: process_cpu_ns(), switches }
    }

    /// What was spent from this reading to a later one.
    pub fn cost_until(self, later: Counters) -> Cost {
        let switches = self.switches.zip(later.switches);
        Cost {
            cpu_ns: later.cpu_ns - self.cpu_ns,
            voluntary_switches: switches.map(|(a, b)| b.0 - a.0),
            involuntary_switches: switches.map(|(a, b)| b.1 - a.1),
        }
    }
}

/// Names of the threads this process really has, in the order the kernel lists them.
pub(crate) fn thread_names() -> Vec<String> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .map(|name| name.trim_end().to_string())
        .collect()
}

/// Largest resident memory so far in bytes. VmHWM, because ru_maxrss survives exec and would report the parent's.
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?;
    kib.parse::<u64>().ok().map(|kib| kib * 1024)
}
