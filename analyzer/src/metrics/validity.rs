//! The instrument's own error: when it is too large, a trial does not count.

use super::OpenLoop;
use std::fmt;
use tandem_records::TrialRow;

/// Largest lateness (99th percentile) that still leaves nine tenths of a gap to the client.
const LATE_SHARE_OF_GAP: f64 = 0.1;

/// Least share of the streams that must have been open at once for "concurrent" to be true.
const LEAST_CONCURRENCY: f64 = 0.95;

/// Least share of an open loop's rate that must have been delivered. A client that falls behind further has a queue that
/// grows: its latencies measure how long the trial was.
const LEAST_RATE: f64 = 0.95;

/// One reason why a trial is invalid.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// The simulator's 99th percentile of lateness and its limit, ns.
    Late(f64, f64),
    /// The delivered concurrency, a fraction.
    Concurrency(f64),
    /// The delivered rate of an open loop, a share of the schedule's.
    Rate(f64),
    /// The trial's row says so itself, in these words.
    Told(String),
}

impl Violation {
    /// The kind of reason, equal for trials that broke the same limit.
    pub fn cause(&self) -> &str {
        match self {
            Violation::Late(..) => "simulator p99 later than a tenth of the token gap",
            Violation::Concurrency(_) => "delivered concurrency under 95 %",
            Violation::Rate(_) => "delivered rate under 95 %",
            Violation::Told(text) => text,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Late(late, limit) => {
                write!(f, "simulator p99 late by {:.0} µs, limit {:.0} µs", late / 1e3, limit / 1e3)
            }
            // Rounded down: 94.99 % must not read as 95.
            Violation::Concurrency(share) => {
                write!(f, "delivered concurrency {} %, least 95 %", (share * 1000.0).floor() / 10.0)
            }
            Violation::Rate(share) => {
                write!(f, "delivered rate {} %, least 95 %", (share * 1000.0).floor() / 10.0)
            }
            Violation::Told(text) => f.write_str(text),
        }
    }
}

/// Most streams open at once at the servers, as a share of the agents (or permits) that could have one. None in an open
/// loop, which plans starts and not streams.
pub fn delivered_concurrency(row: &TrialRow) -> Option<f64> {
    at_once(row, row.streams_open_max?)
}

/// So many streams as a share of those that could be at work together; none in an open loop.
pub fn at_once(row: &TrialRow, streams: u32) -> Option<f64> {
    if row.rate_per_s.is_some() {
        return None;
    }
    let expected = row.agents.min(row.permits);
    Some(f64::from(streams) / f64::from(expected)).filter(|share| share.is_finite())
}

/// The limits that a trial broke; empty when it is valid as far as its servers tell.
///
/// The rate of an open loop has a limit only where every agent has a permit: fewer hold starts back as the plan wants it.
pub fn violations(row: &TrialRow, open: Option<&OpenLoop>) -> Vec<Violation> {
    let gap = row.gap_ns.filter(|gap| *gap > 0);
    let late =
        row.server_late_p99_ns.zip(gap).map(|(late, gap)| (late as f64, LATE_SHARE_OF_GAP * gap as f64));
    let late = late.filter(|(late, limit)| late > limit).map(|(late, limit)| Violation::Late(late, limit));
    let concurrency = delivered_concurrency(row).filter(|share| *share < LEAST_CONCURRENCY);
    let rate = open.and_then(|open| open.delivered_rate).filter(|_| row.permits >= row.agents);
    let rate = rate.filter(|share| *share < LEAST_RATE).map(Violation::Rate);
    late.into_iter().chain(concurrency.map(Violation::Concurrency)).chain(rate).collect()
}
