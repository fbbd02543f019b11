//! The quantities whose variation is taken apart.

use super::stratum::{Placed, Stratum};
use tandem_records::Workload;

/// A quantity of a trial, compared by ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// CPU time of the arm per token.
    CpuPerToken,
    /// Median client-added delay per token.
    DelayP50,
    /// 99th percentile of the client-added delay.
    DelayP99,
    /// Voluntary context switches per token.
    Switches,
}

/// All quantities, in the order of the report.
pub(super) const ALL: [Quantity; 4] =
    [Quantity::CpuPerToken, Quantity::DelayP50, Quantity::DelayP99, Quantity::Switches];

impl Quantity {
    /// Its name in running text.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::CpuPerToken => "CPU time per token",
            Quantity::DelayP50 => "added delay p50",
            Quantity::DelayP99 => "added delay p99",
            Quantity::Switches => "voluntary switches per token",
        }
    }

    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Quantity::CpuPerToken => "cpu_per_token_ns",
            Quantity::DelayP50 => "delay_p50_ns",
            Quantity::DelayP99 => "delay_p99_ns",
            Quantity::Switches => "voluntary_switches_per_token",
        }
    }

    fn is_delay(self) -> bool {
        matches!(self, Quantity::DelayP50 | Quantity::DelayP99)
    }
}

/// How a stratum's trials are read: in all of them the same way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Delays mean the same in all trials: not unpaced, where they say how full the socket is, and from one source.
    delays: bool,
    /// Delays are pooled over a trial's tokens; else medians over its requests.
    pooled: bool,
}

impl Reading {
    pub(super) fn of(stratum: &Stratum) -> Self {
        let counted = || stratum.trials.iter().filter(|trial| trial.counted.is_some());
        let mut sources = counted().filter_map(|trial| trial.counted?.requests.delay_source);
        let first = sources.next();
        Reading {
            delays: stratum.workload != Workload::Flood && sources.all(|source| Some(source) == first),
            pooled: counted().all(|trial| {
                let row = &trial.trial.row;
                row.delay_p50_ns.is_some() && row.delay_p99_ns.is_some()
            }),
        }
    }

    /// Natural logarithm of the trial's value; `None` where the trial does not tell or tells 0.
    pub(super) fn log(self, quantity: Quantity, trial: &Placed) -> Option<f64> {
        if quantity.is_delay() && !self.delays {
            return None;
        }
        let (row, metrics) = (&trial.trial.row, trial.counted?);
        let pooled = |ns: Option<u64>| ns.map(|ns| ns as f64);
        let value = match quantity {
            Quantity::CpuPerToken => metrics.cpu_per_token_ns,
            Quantity::DelayP50 if self.pooled => pooled(row.delay_p50_ns),
            Quantity::DelayP99 if self.pooled => pooled(row.delay_p99_ns),
            Quantity::DelayP50 => metrics.requests.delay_p50_ns,
            Quantity::DelayP99 => metrics.requests.delay_p99_ns,
            Quantity::Switches => {
                let tokens = metrics.requests.tokens;
                row.voluntary_switches.filter(|_| tokens > 0).map(|n| n as f64 / tokens as f64)
            }
        };
        value.filter(|value| *value > 0.0).map(f64::ln)
    }
}
