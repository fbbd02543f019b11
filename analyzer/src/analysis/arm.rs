//! What one arm did in one cell.

use super::{At, Fates, Latency, Metric};
use crate::load::Run;
use crate::metrics::{Outcome, TrialMetrics};
use crate::stats::bootstrap::{Resampling, bootstrap_t};
use crate::stats::{self, Estimate, Interval, mean, quantile};
use tandem_records::{Client, PlanRow, Stage, TrialRow};

/// Where the values of a sample lie. Interval ends are none where n does not support one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Location {
    /// Trials.
    pub n: usize,
    /// Median.
    pub median: f64,
    /// Its 95 % order-statistic interval.
    pub median_ci: Option<Interval>,
    /// The coverage that interval really has.
    pub coverage: Option<f64>,
    /// Mean.
    pub mean: f64,
    /// 95 % t interval of the mean.
    pub t_ci: Option<Interval>,
    /// 95 % bootstrap-t interval of the mean.
    pub bootstrap_ci: Option<Interval>,
}

/// Median over trials with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Trials that tell.
    pub n: usize,
    /// Median.
    pub median: f64,
    /// 95 % order-statistic interval.
    pub ci: Option<Interval>,
}

/// One arm of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Label; the A/A arm is the baseline's with `#2`.
    pub label: String,
    /// HTTP client; none where neither plan nor trial tells.
    pub client: Option<Client>,
    /// `via Tokio bridge` or empty.
    pub bridge: String,
    /// Cap of one read; 0 is uncapped; none without a trial that tells.
    pub read_cap_bytes: Option<u32>,
    /// Trials planned.
    pub planned: usize,
    /// Places in `run.trials` of the trials that count.
    pub counted: Vec<usize>,
    /// Places of the trials that count or whose only fault is that their streams were not open at once.
    pub on_time: Vec<usize>,
    /// What became of its trials with a row.
    pub fates: Fates,
    /// Efficiency; none without a trial that counts.
    pub efficiency: Option<Location>,
    /// CV of S_i over the blocks, the median over agents: the noise of a single agent.
    pub solo_cv: Option<f64>,
    spreads: Vec<(Metric, Spread)>,
}

impl Arm {
    /// Median over trials of another quantity; none where no trial tells.
    pub fn spread(&self, metric: Metric) -> Option<Spread> {
        self.spreads.iter().find(|(m, _)| *m == metric).map(|(_, spread)| *spread)
    }

    /// The same of every quantity that a trial tells, in the order of the tables.
    pub fn spreads(&self) -> impl Iterator<Item = (Metric, Spread)> {
        self.spreads.iter().copied()
    }

    /// Planned trials without a row.
    pub fn not_run(&self) -> usize {
        self.planned.saturating_sub(self.fates.finished)
    }
}

/// Quantities that the tables and charts show per arm.
const SHOWN: &[Metric] = &[
    Metric::Balance,
    Metric::Overlap,
    Metric::Isolation,
    Metric::RatioTr115,
    Metric::DelayP50,
    Metric::DelayP99,
    Metric::DelayP999,
    Metric::DelayMax,
    Metric::GapErrorP99,
    Metric::ShareOfIdeal,
    Metric::MemoryPerStream,
    Metric::Migrations,
    Metric::Faults,
    Metric::Threads,
    Metric::WorkersBusy,
    Metric::WorkerParks,
    Metric::QueueDepth,
    Metric::CpuPerToken,
    Metric::SwitchesPerToken,
    Metric::Ttft,
    Metric::FirstAnswer,
    Metric::TtftOf(Stage::Analysis),
    Metric::TtftOf(Stage::Report),
    Metric::Tpot,
    Metric::ItlP50,
    Metric::ItlP99,
    Metric::TokensPerSecond,
    Metric::Goodput,
    Metric::GoodRequests,
    Metric::Antt,
    Metric::StartSkew,
    Metric::StartDelay,
    Metric::OwnWork,
    Metric::Open(Latency::TtftIntended, At::P50),
    Metric::Open(Latency::TtftIntended, At::P99),
    Metric::Open(Latency::TtftService, At::P50),
    Metric::Open(Latency::TtftService, At::P99),
    Metric::Open(Latency::E2eIntended, At::P50),
    Metric::Open(Latency::E2eIntended, At::P99),
    Metric::Open(Latency::E2eService, At::P50),
    Metric::Open(Latency::E2eService, At::P99),
    Metric::Open(Latency::StartLate, At::P50),
    Metric::Open(Latency::StartLate, At::P99),
];

/// Summarises the trials of an arm; `places` are those with a row, `plan` those planned.
pub(super) fn summarise(
    run: &Run,
    outcomes: &[Outcome],
    label: &str,
    places: &[usize],
    plan: &[&PlanRow],
    seed: u64,
) -> stats::Result<Arm> {
    let counted: Vec<usize> = places.iter().copied().filter(|p| outcomes[*p].counted().is_some()).collect();
    let trials: Vec<&TrialMetrics> = counted.iter().filter_map(|p| outcomes[*p].counted()).collect();
    let rows = || places.iter().map(|p| &run.trials[*p].row);
    // A trial that ended without a report of its arm does not know its bridge or its read cap.
    let reported: Option<&TrialRow> = rows().find(|row| row.read_cap_bytes.is_some());
    let mut spreads = Vec::new();
    for &metric in SHOWN {
        let values: Vec<f64> = trials.iter().filter_map(|t| metric.of(t)).collect();
        if let Some(spread) = spread(&values)? {
            spreads.push((metric, spread));
        }
    }
    let efficiency: Vec<f64> = trials.iter().filter_map(|t| Metric::Efficiency.of(t)).collect();
    Ok(Arm {
        label: label.to_owned(),
        client: plan.first().map(|row| row.client).or(rows().next().map(|row| row.client)),
        bridge: reported.map_or(String::new(), |row| row.bridge.clone()),
        read_cap_bytes: reported.and_then(|row| row.read_cap_bytes),
        planned: plan.len().max(places.len()),
        fates: Fates::count(places.iter().map(|place| &outcomes[*place])),
        on_time: places.iter().copied().filter(|p| outcomes[*p].on_time().is_some()).collect(),
        counted,
        efficiency: locate(&efficiency, seed)?,
        solo_cv: solo_cv(&trials)?,
        spreads,
    })
}

fn spread(values: &[f64]) -> stats::Result<Option<Spread>> {
    let Some(median) = quantile::median(values)? else { return Ok(None) };
    let ci = quantile::median_interval(values, 0.95)?.map(|found| found.interval);
    Ok(Some(Spread { n: values.len(), median, ci }))
}

fn locate(values: &[f64], seed: u64) -> stats::Result<Option<Location>> {
    let (Some(median), Some(mean)) = (quantile::median(values)?, mean::mean(values)?) else {
        return Ok(None);
    };
    let median_interval = quantile::median_interval(values, 0.95)?;
    let t: Option<Estimate> = mean::mean_t(values, 0.95)?;
    Ok(Some(Location {
        n: values.len(),
        median,
        median_ci: median_interval.map(|found| found.interval),
        coverage: median_interval.map(|found| found.coverage),
        mean,
        t_ci: t.and_then(|t| t.ci),
        bootstrap_ci: bootstrap_t(values, 0.95, Resampling { seed, ..Resampling::default() })?,
    }))
}

/// CV of each agent's solo duration over the trials, then the median over the agents.
fn solo_cv(trials: &[&TrialMetrics]) -> stats::Result<Option<f64>> {
    let agents = trials.iter().map(|t| t.solo_ns.len()).min().unwrap_or(0);
    let mut cvs = Vec::new();
    for agent in 0..agents {
        let solo: Vec<f64> = trials.iter().map(|t| t.solo_ns[agent]).collect();
        let moments = mean::moments(&solo)?;
        cvs.extend(moments.and_then(|m| Some(m.sd? / m.mean)));
    }
    quantile::median(&cvs)
}
