//! What the agents of one phase did beside their requests: the work of their own.

use super::median;
use tandem_records::{AgentRow, Phase};

/// The agents of a trial's concurrent phase. None where the workload has no work of the agent's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AgentSummary {
    /// Own work: local_ns / (end - start), a fraction; the median over the agents that tell.
    pub own_work: Option<f64>,
    /// Files that each agent read, over the agents that tell.
    pub files_read: Vec<u32>,
    /// Files that each agent skipped.
    pub files_skipped: Vec<u32>,
    /// Whether each agent's analysis came in the sections asked for.
    pub structured: Vec<bool>,
}

/// Summary of the agents of the concurrent phase.
pub fn summarise_agents(rows: &[AgentRow]) -> AgentSummary {
    let rows = || rows.iter().filter(|r| r.phase == Phase::Concurrent);
    AgentSummary {
        own_work: median(rows().filter_map(own_work)),
        files_read: rows().filter_map(|r| r.files_read).collect(),
        files_skipped: rows().filter_map(|r| r.files_skipped).collect(),
        structured: rows().filter_map(|r| r.structured).collect(),
    }
}

fn own_work(row: &AgentRow) -> Option<f64> {
    let whole = row.end_ns?.checked_sub(row.start_ns?).filter(|ns| *ns > 0)?;
    Some(row.local_ns? as f64 / whole as f64)
}
