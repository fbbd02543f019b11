//! The instrument's own error over a run.

use crate::load::Run;
use crate::metrics::{delivered_concurrency, median};
use tandem_records::Status;

/// Lateness of the simulators and concurrency delivered, over all trials with a report (also invalid ones).
/// Times in ns; none where no trial tells, as on real servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Instrument {
    /// Trials whose servers told their lateness.
    pub trials_with_lateness: usize,
    /// Median over trials of the median lateness.
    pub late_p50_ns: Option<f64>,
    /// Median over trials of the 99th percentile.
    pub late_p99_ns: Option<f64>,
    /// The worst trial's 99th percentile.
    pub late_p99_worst_ns: Option<f64>,
    /// The latest write of the run.
    pub late_max_ns: Option<f64>,
    /// Trials that tell how many streams were open at once.
    pub trials_with_concurrency: usize,
    /// Median over trials of the delivered concurrency, a fraction.
    pub concurrency_median: Option<f64>,
    /// The least delivered concurrency of a trial.
    pub concurrency_least: Option<f64>,
}

pub(super) fn own_error(run: &Run) -> Instrument {
    let rows =
        || run.trials.iter().map(|t| &t.row).filter(|r| matches!(r.status, Status::Ok | Status::Invalid));
    let p99: Vec<f64> = rows().filter_map(|r| r.server_late_p99_ns).map(|ns| ns as f64).collect();
    let concurrency: Vec<f64> = rows().filter_map(delivered_concurrency).collect();
    Instrument {
        trials_with_lateness: p99.len(),
        late_p50_ns: median(rows().filter_map(|r| r.server_late_p50_ns).map(|ns| ns as f64)),
        late_p99_ns: median(p99.iter().copied()),
        late_p99_worst_ns: p99.iter().copied().reduce(f64::max),
        late_max_ns: rows().filter_map(|r| r.server_late_max_ns).max().map(|ns| ns as f64),
        trials_with_concurrency: concurrency.len(),
        concurrency_median: median(concurrency.iter().copied()),
        concurrency_least: concurrency.into_iter().reduce(f64::min),
    }
}
