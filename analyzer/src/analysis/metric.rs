//! The quantities of a trial that arms are compared by.

use super::{At, Latency};
use crate::metrics::TrialMetrics;
use tandem_records::Stage;

/// One quantity of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// E, the primary quantity; a fraction.
    Efficiency,
    /// A factor of E.
    Balance,
    /// A factor of E.
    Overlap,
    /// A factor of E.
    Isolation,
    /// The published study's number; a fraction.
    RatioTr115,
    /// Median client-added delay over all tokens, ns.
    DelayP50,
    /// 99th percentile of the same, ns.
    DelayP99,
    /// 99.9th percentile of the client-added delay over all agents, ns.
    DelayP999,
    /// Largest client-added delay, ns.
    DelayMax,
    /// 99th percentile of how far a gap seen is from the gap written, ns.
    GapErrorP99,
    /// Ideal over real time of the concurrent phase; a fraction.
    ShareOfIdeal,
    /// Memory per agent beyond that of the program, bytes.
    MemoryPerStream,
    /// Moves of threads between CPUs.
    Migrations,
    /// Page faults.
    Faults,
    /// Threads.
    Threads,
    /// Share of their time that the runtime's workers were busy; a fraction.
    WorkersBusy,
    /// Times that a worker of the runtime went to sleep.
    WorkerParks,
    /// Largest depth of the runtime's global queue.
    QueueDepth,
    /// CPU time per token, ns.
    CpuPerToken,
    /// Context switches per token.
    SwitchesPerToken,
    /// Send to first piece, ns.
    Ttft,
    /// Send to first piece of the answer, where it is another, ns.
    FirstAnswer,
    /// Send to first token of the requests of a stage, ns.
    TtftOf(Stage),
    /// Largest minus smallest TTFT among the requests of a stage, ns.
    TtftSpread,
    /// Time per output token after the first, ns.
    Tpot,
    /// Median gap between pieces, ns.
    ItlP50,
    /// 99th percentile of the gaps, ns.
    ItlP99,
    /// 99th percentile of a request's gaps minus their median, ns.
    ItlSpread,
    /// Share of an agent's time that is work of its own; a fraction.
    OwnWork,
    /// CPU time / makespan: cores that the arm kept busy.
    BusyCores,
    /// Tokens per second, all agents together.
    TokensPerSecond,
    /// Requests within the objectives / all requests; a fraction.
    Goodput,
    /// Requests within the objectives per second.
    GoodRequests,
    /// Mean of C_i / S_i.
    Antt,
    /// Last start minus first start, ns.
    StartSkew,
    /// Median over agents of start minus release, ns.
    StartDelay,
    /// A time of the open loop's requests, ns.
    Open(Latency, At),
}

/// How two arms are compared by a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// b minus a: quantities that may be 0.
    Difference,
    /// b / a, by differences of logarithms: positive quantities without a natural zero point in reach.
    Ratio,
}

/// What is compared without a verdict in an open loop, after the others.
pub const EXPLORATORY_OPEN: [Metric; 5] = [
    Metric::Open(Latency::TtftIntended, At::P50),
    Metric::Open(Latency::TtftIntended, At::P99),
    Metric::Open(Latency::E2eIntended, At::P99),
    Metric::Open(Latency::StartLate, At::P50),
    Metric::Open(Latency::StartLate, At::P99),
];

/// The quantities compared without a verdict in every cell that tells them, in the order of the report.
pub const EXPLORATORY: [Metric; 6] = [
    Metric::DelayP50,
    Metric::DelayP99,
    Metric::CpuPerToken,
    Metric::SwitchesPerToken,
    Metric::Ttft,
    Metric::FirstAnswer,
];

impl Metric {
    /// The value of one trial; none where the trial does not tell.
    pub fn of(self, trial: &TrialMetrics) -> Option<f64> {
        let factors = trial.factors.as_ref();
        let requests = &trial.requests;
        match self {
            Metric::Efficiency => factors.map(|f| f.efficiency),
            Metric::Balance => factors.map(|f| f.balance),
            Metric::Overlap => factors.map(|f| f.overlap),
            Metric::Isolation => factors.map(|f| f.isolation),
            Metric::RatioTr115 => factors.map(|f| f.ratio_tr115),
            Metric::DelayP50 => requests.delay_p50_ns,
            Metric::DelayP99 => requests.delay_p99_ns,
            Metric::DelayP999 => trial.cost.delay_p999_ns,
            Metric::DelayMax => trial.cost.delay_max_ns,
            Metric::GapErrorP99 => trial.cost.gap_error_p99_ns,
            Metric::ShareOfIdeal => trial.cost.share_of_ideal,
            Metric::MemoryPerStream => trial.cost.memory_per_stream_bytes,
            Metric::Migrations => trial.cost.migrations,
            Metric::Faults => trial.cost.faults,
            Metric::Threads => trial.cost.threads,
            Metric::WorkersBusy => trial.cost.workers_busy,
            Metric::WorkerParks => trial.cost.worker_parks,
            Metric::QueueDepth => trial.cost.queue_depth,
            Metric::CpuPerToken => trial.cpu_per_token_ns,
            Metric::SwitchesPerToken => trial.switches_per_token,
            Metric::Ttft => requests.ttft_ns,
            Metric::FirstAnswer => requests.first_answer_ns,
            Metric::TtftOf(stage) => requests.ttft_by_stage.get(&stage).copied(),
            Metric::TtftSpread => requests.ttft_spread_ns,
            Metric::Tpot => requests.tpot_ns,
            Metric::ItlP50 => requests.itl_p50_ns,
            Metric::ItlP99 => requests.itl_p99_ns,
            Metric::ItlSpread => requests.itl_spread_ns,
            Metric::OwnWork => trial.agents.own_work,
            Metric::BusyCores => trial.busy_cores,
            Metric::TokensPerSecond => trial.tokens_per_s,
            Metric::Goodput => trial.goodput.map(|goodput| goodput.share),
            Metric::GoodRequests => trial.goodput.map(|goodput| goodput.per_s),
            Metric::Antt => factors.map(|f| f.antt),
            Metric::StartSkew => trial.start_skew_ns,
            Metric::StartDelay => trial.start_delay_ns,
            Metric::Open(latency, at) => Some(latency.of(trial.open.as_ref()?, at)),
        }
    }

    /// How it is compared.
    pub fn scale(self) -> Scale {
        match self {
            Metric::CpuPerToken | Metric::SwitchesPerToken => Scale::Ratio,
            Metric::Ttft | Metric::FirstAnswer | Metric::Open(..) => Scale::Ratio,
            _ => Scale::Difference,
        }
    }

    /// Its name in running text.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Efficiency => "efficiency",
            Metric::Balance => "balance",
            Metric::Overlap => "overlap",
            Metric::Isolation => "isolation",
            Metric::RatioTr115 => "ratio_tr115",
            Metric::DelayP50 => "added delay per token at the median",
            Metric::DelayP99 => "added delay per token at the 99th percentile",
            Metric::DelayP999 => "added delay per token at the 99.9th percentile",
            Metric::DelayMax => "largest added delay of a token",
            Metric::GapErrorP99 => "error of the gaps at the 99th percentile",
            Metric::ShareOfIdeal => "share of the ideal throughput",
            Metric::MemoryPerStream => "memory per stream",
            Metric::Migrations => "moves between CPUs",
            Metric::Faults => "page faults",
            Metric::Threads => "threads",
            Metric::WorkersBusy => "busy share of the workers",
            Metric::WorkerParks => "parks of the workers",
            Metric::QueueDepth => "depth of the global queue",
            Metric::CpuPerToken => "CPU time per token",
            Metric::SwitchesPerToken => "context switches per token",
            Metric::Ttft => "time to first token",
            Metric::FirstAnswer => "time to first token of the answer",
            Metric::TtftOf(Stage::Analysis) => "time to first token of the analysis",
            Metric::TtftOf(Stage::Report) => "time to first token of the report",
            Metric::TtftOf(Stage::Stream) => "time to first token of the stream",
            Metric::TtftSpread => "spread of the time to first token",
            Metric::Tpot => "time per output token",
            Metric::ItlP50 => "gap between tokens at the median",
            Metric::ItlP99 => "gap between tokens at the 99th percentile",
            Metric::ItlSpread => "spread of the gaps between tokens",
            Metric::OwnWork => "own work",
            Metric::BusyCores => "busy cores",
            Metric::TokensPerSecond => "tokens per second",
            Metric::Goodput => "goodput",
            Metric::GoodRequests => "requests within the objectives per second",
            Metric::Antt => "mean slowdown",
            Metric::StartSkew => "start skew",
            Metric::StartDelay => "start delay",
            Metric::Open(latency, at) => latency.name(at),
        }
    }
    /// Its name in files, with the unit.
    pub fn key(self) -> &'static str {
        match self {
            Metric::Efficiency => "efficiency",
            Metric::Balance => "balance",
            Metric::Overlap => "overlap",
            Metric::Isolation => "isolation",
            Metric::RatioTr115 => "ratio_tr115",
            Metric::DelayP50 => "delay_p50_ns",
            Metric::DelayP99 => "delay_p99_ns",
            Metric::DelayP999 => "delay_p999_ns",
            Metric::DelayMax => "delay_max_ns",
            Metric::GapErrorP99 => "gap_error_p99_ns",
            Metric::ShareOfIdeal => "share_of_ideal",
            Metric::MemoryPerStream => "memory_per_stream_bytes",
            Metric::Migrations => "migrations",
            Metric::Faults => "faults",
            Metric::Threads => "threads",
            Metric::WorkersBusy => "workers_busy",
            Metric::WorkerParks => "worker_parks",
            Metric::QueueDepth => "queue_depth_max",
            Metric::CpuPerToken => "cpu_per_token_ns",
            Metric::SwitchesPerToken => "switches_per_token",
            Metric::Ttft => "ttft_ns",
            Metric::FirstAnswer => "first_answer_ns",
            Metric::TtftOf(Stage::Analysis) => "ttft_analysis_ns",
            Metric::TtftOf(Stage::Report) => "ttft_report_ns",
            Metric::TtftOf(Stage::Stream) => "ttft_stream_ns",
            Metric::TtftSpread => "ttft_spread_ns",
            Metric::Tpot => "tpot_ns",
            Metric::ItlP50 => "itl_p50_ns",
            Metric::ItlP99 => "itl_p99_ns",
            Metric::ItlSpread => "itl_spread_ns",
            Metric::OwnWork => "own_work",
            Metric::BusyCores => "busy_cores",
            Metric::TokensPerSecond => "tokens_per_s",
            Metric::Goodput => "goodput",
            Metric::GoodRequests => "good_requests_per_s",
            Metric::Antt => "antt",
            Metric::StartSkew => "start_skew_ns",
            Metric::StartDelay => "start_delay_ns",
            Metric::Open(latency, at) => latency.key(at),
        }
    }
}
