//! What an arm prints when its trial is over: one JSON object on the last line of standard output.

use crate::{AgentRow, Client, DelaySource, RequestRow, Status};
use serde::{Deserialize, Serialize};

/// The facts of one trial as the arm saw them. No statistics: those live in the analyzer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmReport {
    /// The arm's own name (`Runtime::NAME`); the driver checks it against the binary it started.
    pub runtime: String,
    /// HTTP client used.
    pub client: Client,
    /// [`crate::VIA_TOKIO_BRIDGE`] or empty.
    pub bridge: String,
    /// Cap of one read in bytes; 0 is uncapped.
    pub read_cap_bytes: u32,
    /// `ok`, or the first thing that went wrong.
    pub status: Status,
    /// What went wrong; empty when `ok`.
    #[serde(with = "crate::text")]
    pub error: String,
    /// Concurrent phase: last end minus release.
    pub makespan_ns: Option<u64>,
    /// From before the runtime is built to the first poll of a future on it.
    pub startup_ns: Option<u64>,
    /// CPU time of the process in the concurrent phase.
    pub cpu_ns: Option<u64>,
    /// Voluntary context switches in the concurrent phase.
    pub voluntary_switches: Option<u64>,
    /// Involuntary context switches in the concurrent phase.
    pub involuntary_switches: Option<u64>,
    /// Moves between CPUs in the concurrent phase.
    pub migrations: Option<u64>,
    /// Page faults without a disk in the concurrent phase.
    pub minor_faults: Option<u64>,
    /// Page faults with a disk in the concurrent phase.
    pub major_faults: Option<u64>,
    /// CPUs allowed, as the kernel lists them.
    #[serde(default)]
    pub cpus_allowed: String,
    /// Tokio's worker threads.
    pub workers: Option<u32>,
    /// Busy time of these in the concurrent phase.
    pub workers_busy_ns: Option<u64>,
    /// Times that one of these went to sleep in the concurrent phase.
    pub worker_parks: Option<u64>,
    /// Largest depth of the global queue seen at the release and after each agent's end in the concurrent phase.
    pub queue_depth_max: Option<u64>,
    /// Client-added delay over all agents' tokens in the concurrent phase.
    #[serde(default)]
    pub delays: Delays,
    /// Names of the threads at the end of the concurrent phase.
    pub thread_names: Vec<String>,
    /// VmHWM in bytes.
    pub peak_rss_bytes: Option<u64>,
    /// Resident memory in bytes before the first connection.
    pub start_rss_bytes: Option<u64>,
    /// One row per agent and phase.
    pub agents: Vec<AgentRow>,
    /// One row per request.
    pub requests: Vec<RequestRow>,
    /// What a micro workload measured; empty for all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub micro: Vec<MicroBatch>,
}

/// One batch of a micro workload, or one quantile of it. What was not measured is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MicroBatch {
    /// What was done, parts divided by `/`.
    pub case: String,
    /// Number of the batch inside trial and case, from 0.
    pub batch: u32,
    /// Operations that the figures are the sum of.
    pub operations: u64,
    /// Time that they took together.
    pub elapsed_ns: Option<u64>,
    /// CPU time of the process meanwhile.
    pub cpu_ns: Option<u64>,
    /// Memory that they hold together.
    pub bytes: Option<u64>,
}

/// Client-added delay of the tokens of a phase, pooled over its agents: the exact quantiles of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    /// Number of tokens whose delay is known.
    pub tokens: Option<u64>,
    /// Median.
    pub p50_ns: Option<u64>,
    /// 90th percentile.
    pub p90_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile.
    pub p999_ns: Option<u64>,
    /// Largest.
    pub max_ns: Option<u64>,
    /// 99th percentile of how far the gaps that the agents saw are from those between the reference stamps.
    pub gap_error_p99_ns: Option<u64>,
    /// Where the reference stamps come from.
    pub source: DelaySource,
}

impl Default for Delays {
    fn default() -> Self {
        Delays {
            tokens: None,
            p50_ns: None,
            p90_ns: None,
            p99_ns: None,
            p999_ns: None,
            max_ns: None,
            gap_error_p99_ns: None,
            source: DelaySource::None,
        }
    }
}
