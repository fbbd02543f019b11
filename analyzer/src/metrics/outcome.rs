//! What became of a trial: its numbers, or the reason why it has none.

use super::{
    AgentSummary, Factors, RequestSummary, Violation, delivered_concurrency, factorise, median, summarise,
    summarise_agents, times, violations,
};
use crate::load::Trial;
use tandem_records::Status;

/// The numbers of one trial. Times in ns, per-token values of the concurrent phase.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialMetrics {
    /// Efficiency and its factors.
    pub factors: Factors,
    /// S_i of every agent, for the spread of the work.
    pub solo_ns: Vec<f64>,
    /// W.
    pub makespan_ns: f64,
    /// Last start minus first start.
    pub start_skew_ns: f64,
    /// Median over agents of start minus release.
    pub start_delay_ns: Option<f64>,
    /// Requests of the concurrent phase.
    pub requests: RequestSummary,
    /// Agents of the concurrent phase.
    pub agents: AgentSummary,
    /// Tokens per second over the makespan, all agents together.
    pub tokens_per_s: Option<f64>,
    /// Cores that the arm kept busy: CPU time / makespan.
    pub busy_cores: Option<f64>,
    /// CPU time per token.
    pub cpu_per_token_ns: Option<f64>,
    /// Context switches, voluntary and not, per token.
    pub switches_per_token: Option<f64>,
    /// Most streams open at once / agents or permits.
    pub delivered_concurrency: Option<f64>,
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Complete and valid.
    Counts(Box<TrialMetrics>),
    /// Complete, but the instrument's own error was too large: shown and counted, not averaged.
    Invalid(Option<Box<TrialMetrics>>, Vec<Violation>),
    /// Ended with another status than `ok`.
    Failed(Status, String),
    /// Says `ok`, but its rows do not hold what a trial needs.
    Incomplete(String),
}

impl Outcome {
    /// The numbers, if the trial counts.
    pub fn counted(&self) -> Option<&TrialMetrics> {
        match self {
            Outcome::Counts(metrics) => Some(metrics),
            _ => None,
        }
    }

    /// The numbers of a trial that counts or would but for the instrument's own error.
    pub fn complete(&self) -> Option<&TrialMetrics> {
        match self {
            Outcome::Counts(metrics) | Outcome::Invalid(Some(metrics), _) => Some(metrics),
            _ => None,
        }
    }

    /// The numbers of a trial that counts or whose only fault is that its streams were not open at once. A client
    /// that makes its agents wait for each other looks like that; a late simulator does not.
    pub fn on_time(&self) -> Option<&TrialMetrics> {
        let concurrency = |broken: &Violation| matches!(broken, Violation::Concurrency(_));
        match self {
            Outcome::Invalid(_, broken) if !broken.iter().all(concurrency) => None,
            _ => self.complete(),
        }
    }
}

/// What became of a trial.
pub fn outcome(trial: &Trial) -> Outcome {
    let row = &trial.row;
    if row.status != Status::Ok && row.status != Status::Invalid {
        return Outcome::Failed(row.status, row.error.clone());
    }
    let measured = measure(trial);
    let mut broken = violations(row);
    if row.status == Status::Invalid && broken.is_empty() {
        let text = if row.error.is_empty() { "status invalid" } else { &row.error };
        broken.push(Violation::Told(text.to_owned()));
    }
    match (measured, broken.is_empty()) {
        (Ok(metrics), true) => Outcome::Counts(Box::new(metrics)),
        (Err(reason), true) => Outcome::Incomplete(reason),
        (measured, false) => Outcome::Invalid(measured.ok().map(Box::new), broken),
    }
}

fn measure(trial: &Trial) -> Result<TrialMetrics, String> {
    let row = &trial.row;
    let times = times(&trial.agents, row.agents)?;
    let factors =
        factorise(&times.solo, &times.concurrent, times.makespan).ok_or("a duration of zero".to_owned())?;
    let requests = summarise(row, &trial.requests);
    let tokens = Some(requests.tokens as f64).filter(|tokens| *tokens > 0.0);
    let per_token = |count: Option<u64>| Some(count? as f64 / tokens?);
    let switches = row.voluntary_switches.zip(row.involuntary_switches).map(|(v, i)| v.saturating_add(i));
    Ok(TrialMetrics {
        factors,
        makespan_ns: times.makespan,
        start_skew_ns: times.start_skew,
        start_delay_ns: median(times.start_delay.iter().copied()),
        tokens_per_s: tokens.map(|tokens| tokens / (times.makespan / 1e9)),
        busy_cores: row.cpu_ns.map(|ns| ns as f64 / times.makespan),
        cpu_per_token_ns: per_token(row.cpu_ns),
        switches_per_token: per_token(switches),
        delivered_concurrency: delivered_concurrency(row),
        solo_ns: times.solo,
        agents: summarise_agents(&trial.agents),
        requests,
    })
}
