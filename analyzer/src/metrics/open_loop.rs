//! What the requests of an open loop say: latency from the intended start, and the service view beside it.

use crate::stats::quantile::quantiles;
use tandem_records::{Phase, RequestRow};

/// Type-7 quantiles of one time over the requests of a trial, ns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// The requests of a trial's concurrent phase, pooled. The intended start is a schedule's, so a client that is late adds its
/// lateness to every latency counted from there; counted from the real start, it would hide it (coordinated omission).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenLoop {
    /// Requests.
    pub requests: usize,
    /// Intended start to first piece.
    pub ttft_intended: Tail,
    /// Send to first piece.
    pub ttft_service: Tail,
    /// Intended start to last byte.
    pub e2e_intended: Tail,
    /// Send to last byte.
    pub e2e_service: Tail,
    /// Intended start to send: the client's timer, its executor, waiting for a permit, opening a connection.
    pub start_late: Tail,
    /// (last - first intended start) / (last - first real start): the rate of the starts as a share of the schedule's.
    /// None where the schedule is one moment.
    pub delivered_rate: Option<f64>,
}

/// The open loop of a trial with `agents` agents, one request each.
///
/// # Errors
/// In words, when a request lacks a time: quantiles over the others would omit it.
pub fn open_loop(rows: &[RequestRow], agents: u32) -> Result<OpenLoop, String> {
    let rows = rows.iter().filter(|row| row.phase == Phase::Concurrent && row.status.is_ok());
    let times: Option<Vec<Times>> = rows.map(Times::of).collect();
    let times =
        times.ok_or("a request of the open loop without intended start or times, or started before it")?;
    if times.len() != agents as usize {
        return Err(format!("{} of {agents} requests of the open loop", times.len()));
    }
    let tail = |value: &dyn Fn(&Times) -> u64| {
        let values: Vec<f64> = times.iter().map(|times| value(times) as f64).collect();
        // Whole numbers are finite, so only a trial without a request has no quantile.
        let found = quantiles(&values, &[0.5, 0.99]).ok().flatten().ok_or("no request of the open loop")?;
        Ok::<Tail, String>(Tail { p50: found[0], p99: found[1] })
    };
    Ok(OpenLoop {
        requests: times.len(),
        ttft_intended: tail(&|times| times.late() + times.ttft)?,
        ttft_service: tail(&|times| times.ttft)?,
        e2e_intended: tail(&|times| times.late() + times.e2e)?,
        e2e_service: tail(&|times| times.e2e)?,
        start_late: tail(&Times::late)?,
        delivered_rate: delivered_rate(&times),
    })
}

/// Times of one request, ns.
struct Times {
    intended: u64,
    start: u64,
    ttft: u64,
    e2e: u64,
}

impl Times {
    fn of(row: &RequestRow) -> Option<Times> {
        let intended = row.intended_ns.filter(|at| *at <= row.start_ns)?;
        Some(Times { intended, start: row.start_ns, ttft: row.ttft_ns?, e2e: row.e2e_ns? })
    }

    fn late(&self) -> u64 {
        self.start - self.intended
    }
}

fn delivered_rate(times: &[Times]) -> Option<f64> {
    let span = |at: fn(&Times) -> u64| {
        let (first, last) = (times.iter().map(at).min()?, times.iter().map(at).max()?);
        Some((last - first) as f64).filter(|ns| *ns > 0.0)
    };
    Some(span(|times| times.intended)? / span(|times| times.start)?)
}
