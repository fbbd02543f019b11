//! What became of a trial: its numbers, or the reason why it has none.

use super::requests;
use super::{
    AgentSummary, Factors, Goodput, OpenLoop, Queueing, RequestSummary, Slo, Violation, at_once,
    delivered_concurrency, factorise, median, open_loop, queueing, summarise, summarise_agents, times,
    violations,
};
use crate::load::Trial;
use tandem_records::{Capacity, Status, TrialRow};

/// The numbers of one trial. Times in ns, per-token values of the concurrent phase.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialMetrics {
    /// Efficiency and its factors; none in an open loop, whose agents have no common release.
    pub factors: Option<Factors>,
    /// The requests of an open loop; none in a closed one.
    pub open: Option<OpenLoop>,
    /// S_i of every agent, for the spread of the work.
    pub solo_ns: Vec<f64>,
    /// W.
    pub makespan_ns: f64,
    /// Last start minus first start; none in an open loop, where the schedule sets it.
    pub start_skew_ns: Option<f64>,
    /// Median over agents of start minus release; none in an open loop.
    pub start_delay_ns: Option<f64>,
    /// Requests of the concurrent phase.
    pub requests: RequestSummary,
    /// Agents of the concurrent phase.
    pub agents: AgentSummary,
    /// Tokens per second over the makespan, all agents together.
    pub tokens_per_s: Option<f64>,
    /// What was served within the objectives; none where nobody named any.
    pub goodput: Option<Goodput>,
    /// Cores that the arm kept busy: CPU time / makespan.
    pub busy_cores: Option<f64>,
    /// CPU time per token.
    pub cpu_per_token_ns: Option<f64>,
    /// Context switches, voluntary and not, per token.
    pub switches_per_token: Option<f64>,
    /// Most streams open at once / agents or permits.
    pub delivered_concurrency: Option<f64>,
    /// Most streams between first piece and end at once / agents or permits; none where no stream can wait.
    pub generated_at_once: Option<f64>,
    /// Requests that waited at their server; none where no stream can wait.
    pub queueing: Option<Queueing>,
    /// What the trial's process cost beside CPU time and switches.
    pub cost: Cost,
}

/// Counts of the concurrent phase that come straight from the trial's row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// 99.9th percentile of the client-added delay over all agents' tokens, ns.
    pub delay_p999_ns: Option<f64>,
    /// Largest client-added delay, ns.
    pub delay_max_ns: Option<f64>,
    /// 99th percentile of how far a gap seen is from the gap written, ns.
    pub gap_error_p99_ns: Option<f64>,
    /// Planned time of the longest response / makespan: the share of the ideal throughput that was delivered, a fraction.
    /// Only in a closed loop with as many permits as agents on servers that slow nobody: else the ideal is another.
    pub share_of_ideal: Option<f64>,
    /// (VmHWM - resident memory before the first connection) / agents, bytes.
    pub memory_per_stream_bytes: Option<f64>,
    /// Moves of threads between CPUs.
    pub migrations: Option<f64>,
    /// Page faults, with and without a disk.
    pub faults: Option<f64>,
    /// Threads.
    pub threads: Option<f64>,
    /// Share of their time that the runtime's workers were busy, a fraction; only of a runtime that tells.
    pub workers_busy: Option<f64>,
    /// Times that a worker went to sleep.
    pub worker_parks: Option<f64>,
    /// Largest depth of the runtime's global queue.
    pub queue_depth: Option<f64>,
}

impl Cost {
    fn of(row: &TrialRow, makespan_ns: f64) -> Cost {
        let plain = |value: Option<u64>| value.map(|value| value as f64);
        let alone = row.rate_per_s.is_none()
            && row.permits >= row.agents
            && row.capacity == Some(Capacity::Independent);
        let memory = row.peak_rss_bytes.zip(row.start_rss_bytes);
        Cost {
            delay_p999_ns: plain(row.delay_p999_ns),
            delay_max_ns: plain(row.delay_max_ns),
            gap_error_p99_ns: plain(row.gap_error_p99_ns),
            share_of_ideal: plain(row.ideal_ns).filter(|_| alone).map(|ideal| ideal / makespan_ns),
            memory_per_stream_bytes: memory
                .map(|(peak, start)| peak.saturating_sub(start) as f64 / f64::from(row.agents)),
            migrations: plain(row.migrations),
            faults: row.minor_faults.zip(row.major_faults).map(|(minor, major)| (minor + major) as f64),
            threads: row.threads.map(f64::from),
            workers_busy: row
                .workers
                .filter(|&workers| workers > 0)
                .zip(row.workers_busy_ns)
                .map(|(workers, busy)| busy as f64 / (f64::from(workers) * makespan_ns)),
            worker_parks: plain(row.worker_parks),
            queue_depth: plain(row.queue_depth_max),
        }
    }
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Complete and valid.
    Counts(Box<TrialMetrics>),
    /// Complete, but the instrument's own error was too large: shown and counted, not averaged.
    Invalid(Option<Box<TrialMetrics>>, Vec<Violation>),
    /// Arm or server failed: a status other than `ok`, `invalid` and `aborted`, with its error.
    Failed(Status, String),
    /// Cut off by who ran it, or its rows do not hold what a trial needs.
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

/// What became of a trial. `slo` are the objectives that its requests should meet; `may_queue` says whether its servers let
/// streams wait.
pub fn outcome(trial: &Trial, slo: Option<&Slo>, may_queue: bool) -> Outcome {
    let row = &trial.row;
    match row.status {
        Status::Ok | Status::Invalid => {}
        // Ctrl-C is nothing that the arm did.
        Status::Aborted => return Outcome::Incomplete(format!("aborted: {}", row.error)),
        status => return Outcome::Failed(status, row.error.clone()),
    }
    let measured = measure(trial, slo, may_queue);
    let open = measured.as_ref().ok().and_then(|metrics| metrics.open);
    let mut broken = violations(row, open.as_ref());
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

fn measure(trial: &Trial, slo: Option<&Slo>, may_queue: bool) -> Result<TrialMetrics, String> {
    let row = &trial.row;
    let times = times(&trial.agents, row.agents)?;
    requests::check_whole(trial)?;
    let (factors, open) = if row.rate_per_s.is_some() {
        (None, Some(open_loop(&trial.requests, row.agents)?))
    } else {
        let factors = factorise(&times.solo, &times.concurrent, times.makespan);
        (Some(factors.ok_or("a duration of zero")?), None)
    };
    let closed = open.is_none();
    let queueing = if may_queue { queueing::of_trial(trial) } else { None };
    let requests = summarise(row, &trial.requests);
    let tokens = Some(requests.tokens as f64).filter(|tokens| *tokens > 0.0);
    let per_token = |count: Option<u64>| Some(count? as f64 / tokens?);
    let switches = row.voluntary_switches.zip(row.involuntary_switches).map(|(v, i)| v.saturating_add(i));
    Ok(TrialMetrics {
        factors,
        open,
        makespan_ns: times.makespan,
        start_skew_ns: closed.then_some(times.start_skew),
        start_delay_ns: median(times.start_delay.iter().copied()).filter(|_| closed),
        tokens_per_s: tokens.map(|tokens| tokens / (times.makespan / 1e9)),
        goodput: slo.and_then(|slo| slo.goodput(&trial.requests, times.makespan)),
        busy_cores: row.cpu_ns.map(|ns| ns as f64 / times.makespan),
        cpu_per_token_ns: per_token(row.cpu_ns),
        switches_per_token: per_token(switches),
        delivered_concurrency: delivered_concurrency(row),
        generated_at_once: queueing.and_then(|queue| at_once(row, queue.at_once)),
        queueing,
        cost: Cost::of(row, times.makespan),
        solo_ns: times.solo,
        agents: summarise_agents(&trial.agents),
        requests,
    })
}
