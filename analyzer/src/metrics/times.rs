//! Durations of a trial's agents from its rows.

use tandem_records::{AgentRow, Phase};

/// Durations of one trial in ns, agents in order of their number.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// S_i: end minus start alone.
    pub solo: Vec<f64>,
    /// C_i: end minus start together.
    pub concurrent: Vec<f64>,
    /// W: last end minus release.
    pub makespan: f64,
    /// Start minus release of each agent; with fewer permits than agents this contains the waiting.
    pub start_delay: Vec<f64>,
    /// Last start minus first start.
    pub start_skew: f64,
}

/// Durations of a trial with `agents` agents.
///
/// An agent without a solo row of its own takes that of the agent with the same role and server: above two
/// agents one solo per role and server is run.
///
/// # Errors
/// In words, when a row is missing, failed, or its stamps are not in order.
pub fn times(rows: &[AgentRow], agents: u32) -> Result<Times, String> {
    let solo: Vec<&AgentRow> = rows.iter().filter(|r| r.phase == Phase::Solo).collect();
    let mut result = Times {
        solo: Vec::new(),
        concurrent: Vec::new(),
        makespan: 0.0,
        start_delay: Vec::new(),
        start_skew: 0.0,
    };
    let (mut release, mut first_start, mut last_start, mut last_end) = (None, u64::MAX, 0, 0);
    for number in 0..agents {
        let together = rows
            .iter()
            .find(|r| r.phase == Phase::Concurrent && r.agent == number)
            .ok_or_else(|| format!("no concurrent row of agent {number}"))?;
        let alone = solo
            .iter()
            .find(|r| r.agent == number)
            .or_else(|| solo.iter().find(|r| r.role == together.role && r.server == together.server))
            .ok_or_else(|| format!("no solo row for agent {number}"))?;
        let (start, end) = stamps(together)?;
        let (solo_start, solo_end) = stamps(alone)?;
        // All agents are released by one stamp; a later one would shorten the makespan.
        let released = *release.get_or_insert(together.release_ns);
        if released != together.release_ns {
            return Err(format!("agent {number} was released at another time than agent 0"));
        }
        result.solo.push((solo_end - solo_start) as f64);
        result.concurrent.push((end - start) as f64);
        result.start_delay.push((start - released) as f64);
        (first_start, last_start, last_end) =
            (first_start.min(start), last_start.max(start), last_end.max(end));
    }
    let release = release.ok_or("no agents")?;
    result.makespan = (last_end - release) as f64;
    result.start_skew = (last_start - first_start) as f64;
    Ok(result)
}

/// Start and end of a row that is ok, checked to be in order.
fn stamps(row: &AgentRow) -> Result<(u64, u64), String> {
    let name = format!("agent {} in the {:?} phase", row.agent, row.phase).to_lowercase();
    if !row.status.is_ok() {
        return Err(format!("{name} ended with {}", row.status));
    }
    match (row.start_ns, row.end_ns) {
        (Some(start), Some(end)) if row.release_ns <= start && start < end => Ok((start, end)),
        (Some(_), Some(_)) => Err(format!("{name} has stamps out of order")),
        _ => Err(format!("{name} has no start or end")),
    }
}
