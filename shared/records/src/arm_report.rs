//! What an arm prints when its trial is over: one JSON object on the last line of standard output.

use crate::{AgentRow, Client, RequestRow, Status};
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
    /// Names of the threads at the end of the concurrent phase.
    pub thread_names: Vec<String>,
    /// VmHWM in bytes.
    pub peak_rss_bytes: Option<u64>,
    /// One row per agent and phase.
    pub agents: Vec<AgentRow>,
    /// One row per request.
    pub requests: Vec<RequestRow>,
}
