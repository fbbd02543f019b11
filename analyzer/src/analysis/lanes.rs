//! What each agent of one trial did from the release to the end of the last agent: who waited for what.

use crate::load::Trial;
use crate::metrics::TrialMetrics;
use std::cmp::Reverse;
use tandem_records::{AgentRow, Phase, RequestRow};

/// What an agent did for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// Released, not yet started: a permit or the scheduler kept it.
    Start,
    /// Before, between and after its requests.
    OwnWork,
    /// A request was sent and no token had come.
    FirstToken,
    /// Tokens came in.
    Tokens,
    /// Done, while another agent was not.
    Others,
}

/// A part of an agent's time, ns since the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// What the agent did.
    pub activity: Activity,
    /// Begin.
    pub from_ns: u64,
    /// End, later than the begin.
    pub to_ns: u64,
}

/// One agent's concurrent phase; its spans follow each other without gaps from the release to the makespan.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Number of the agent.
    pub agent: u32,
    /// What it did, in order of time.
    pub spans: Vec<Span>,
    /// Start and end, ns since the release.
    pub start_ns: u64,
    /// End, ns since the release.
    pub end_ns: u64,
    /// S: the duration alone.
    pub solo_ns: f64,
}

impl Lane {
    /// C / S.
    pub fn slowdown(&self) -> f64 {
        (self.end_ns - self.start_ns) as f64 / self.solo_ns
    }
}

/// The agents of a trial with its metrics, in order of their number; of more than `most` those that ended last.
pub fn lanes(trial: &Trial, metrics: &TrialMetrics, most: usize) -> Vec<Lane> {
    let mut rows: Vec<&AgentRow> = trial.agents.iter().filter(|r| r.phase == Phase::Concurrent).collect();
    rows.sort_by_key(|row| (Reverse(row.end_ns), row.agent));
    rows.truncate(most);
    rows.sort_by_key(|row| row.agent);
    let lane = |row: &AgentRow| {
        let since = |ns: u64| ns.saturating_sub(row.release_ns);
        let (start, end) = (since(row.start_ns?), since(row.end_ns?));
        let solo_ns = *metrics.solo_ns.get(row.agent as usize)?;
        let spans = spans(trial, row, (start, end), metrics.makespan_ns as u64);
        Some(Lane { agent: row.agent, spans, start_ns: start, end_ns: end, solo_ns })
    };
    rows.into_iter().filter_map(lane).collect()
}

fn spans(trial: &Trial, agent: &AgentRow, (start, end): (u64, u64), makespan: u64) -> Vec<Span> {
    let mine = |r: &&RequestRow| r.phase == Phase::Concurrent && r.agent == agent.agent;
    let mut requests: Vec<&RequestRow> = trial.requests.iter().filter(mine).collect();
    requests.sort_by_key(|r| r.start_ns);
    let mut line = Line { spans: Vec::new(), at: 0 };
    line.go_on(Activity::Start, start);
    for request in requests {
        let sent = request.start_ns.saturating_sub(agent.release_ns);
        // Rows are measured apart from each other: none may reach over the end of its agent.
        let after = |ns: Option<u64>| ns.map(|ns| sent.saturating_add(ns).min(end));
        line.go_on(Activity::OwnWork, sent.min(end));
        if let Some(first) = after(request.ttft_ns) {
            line.go_on(Activity::FirstToken, first);
        }
        match (request.ttft_ns, after(request.e2e_ns)) {
            (Some(_), Some(last)) => line.go_on(Activity::Tokens, last),
            (None, Some(last)) => line.go_on(Activity::FirstToken, last),
            (_, None) => {}
        }
    }
    line.go_on(Activity::OwnWork, end);
    line.go_on(Activity::Others, makespan);
    line.spans
}

/// Spans in order of time, each from the end of the one before.
struct Line {
    spans: Vec<Span>,
    at: u64,
}

impl Line {
    fn go_on(&mut self, activity: Activity, to_ns: u64) {
        if to_ns > self.at {
            self.spans.push(Span { activity, from_ns: self.at, to_ns });
            self.at = to_ns;
        }
    }
}
