//! What a phase costs this process by the kernel's counters: CPU time, context switches, page faults, migrations.

use crate::clock::process_cpu_ns;
use crate::proc_self::Migrations;
use crate::runtime_watch::RuntimeCost;
use nix::sys::resource::{Usage, UsageWho, getrusage};

/// The running counters at the beginning of a phase.
pub struct Counters {
    migrations: Option<Migrations>,
    usage: Option<Usage>,
    cpu_ns: u64,
}

/// What one phase cost. `None` where the kernel or the runtime does not tell.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU time, user and system.
    pub cpu_ns: u64,
    /// Times that a thread waited.
    pub voluntary_switches: Option<u64>,
    /// Times that a thread was made to wait.
    pub involuntary_switches: Option<u64>,
    /// Page faults without a disk.
    pub minor_faults: Option<u64>,
    /// Page faults with a disk.
    pub major_faults: Option<u64>,
    /// Moves of the threads alive at the end between CPUs.
    pub migrations: Option<u64>,
    /// The runtime's own counters.
    pub runtime: Option<RuntimeCost>,
}

impl Counters {
    /// Reads the counters just before the release: what takes longest first, so that it is not counted.
    pub fn begin() -> Self {
        let migrations = Migrations::read();
        // getrusage sums over all threads, ended ones included; /proc/self/status knows only the main thread.
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
        Counters { migrations, usage, cpu_ns: process_cpu_ns() }
    }

    /// What was spent since, read just after the last end in the opposite order.
    pub fn cost(self) -> Cost {
        let cpu_ns = process_cpu_ns() - self.cpu_ns;
        let usage = self.usage.zip(getrusage(UsageWho::RUSAGE_SELF).ok());
        let counted = |count: fn(&Usage) -> i64| {
            usage.as_ref().and_then(|(before, after)| u64::try_from(count(after) - count(before)).ok())
        };
        let migrations = self.migrations.zip(Migrations::read()).map(|(before, after)| before.until(&after));
        Cost {
            cpu_ns,
            voluntary_switches: counted(Usage::voluntary_context_switches),
            involuntary_switches: counted(Usage::involuntary_context_switches),
            minor_faults: counted(Usage::minor_page_faults),
            major_faults: counted(Usage::major_page_faults),
            migrations,
            runtime: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counters;
    use std::hint::black_box;

    #[test]
    fn fresh_memory_costs_page_faults_and_cpu_time() {
        const PAGES: usize = 4_000;
        let before = Counters::begin();
        black_box(vec![black_box(1_u8); PAGES * 4096]);
        let cost = before.cost();
        // Huge pages may serve many at once, other tests of the process fault too.
        assert!(cost.minor_faults.is_some_and(|faults| faults > 0), "{cost:?}");
        assert!(cost.cpu_ns > 0 && cost.major_faults.is_some(), "{cost:?}");
    }
}
