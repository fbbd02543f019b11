//! Goodput: how many requests were served as well as somebody needs them (DistServe, Zhong et al. 2024, section 3.1).

use super::pieces;
use tandem_records::{Phase, RequestRow};

/// What a request has to meet, times in ns; a limit that is none is met.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Slo {
    /// Largest time to first token; in an open loop from the intended start.
    pub ttft_ns: Option<f64>,
    /// Largest gap between pieces, for 99 % of a request's gaps.
    pub itl_ns: Option<f64>,
}

/// What a trial's concurrent phase delivered within the objectives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goodput {
    /// Requests that ended well and meet both / all requests, a fraction.
    pub share: f64,
    /// The same requests per second of the makespan.
    pub per_s: f64,
}

impl Slo {
    /// Whether a request ended well and met both limits. One with fewer than two pieces has no gap to be judged by.
    fn is_met(&self, row: &RequestRow) -> bool {
        let late_ns = row.intended_ns.map_or(0, |intended| row.start_ns.saturating_sub(intended));
        let ttft_ns = row.ttft_ns.map(|ttft| ttft + late_ns);
        let within = |value: Option<u64>, limit: Option<f64>| match (value, limit) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(value), Some(limit)) => value as f64 <= limit,
        };
        row.status.is_ok()
            && within(ttft_ns, self.ttft_ns)
            && (pieces(row).is_none_or(|pieces| pieces < 2) || within(row.itl_p99_ns, self.itl_ns))
    }

    /// The goodput of a trial that took `makespan_ns`; none without a request.
    pub fn goodput(&self, rows: &[RequestRow], makespan_ns: f64) -> Option<Goodput> {
        let requests = rows.iter().filter(|row| row.phase == Phase::Concurrent);
        let all = requests.clone().count();
        let good = requests.filter(|row| self.is_met(row)).count() as f64;
        (all > 0).then(|| Goodput { share: good / all as f64, per_s: good / (makespan_ns / 1e9) })
    }
}
