//! The instrument's own error: when it is too large, a trial does not count.

use tandem_records::TrialRow;

/// Largest lateness (99th percentile) that still leaves one tenth of a gap to the client.
const LATE_SHARE_OF_GAP: f64 = 0.1;

/// Least share of the streams that must have been open at once for "concurrent" to be true.
const LEAST_CONCURRENCY: f64 = 0.95;

/// Most streams open at once at the servers, as a share of the agents (or permits) that could have one.
pub fn delivered_concurrency(row: &TrialRow) -> Option<f64> {
    let expected = row.agents.min(row.permits);
    Some(f64::from(row.streams_open_max?) / f64::from(expected)).filter(|share| share.is_finite())
}

/// Why a trial is invalid, one reason each; empty when it is valid.
pub fn invalid_reasons(row: &TrialRow) -> Vec<String> {
    let mut reasons = Vec::new();
    if let (Some(late), Some(gap)) = (row.server_late_p99_ns, row.gap_ns.filter(|gap| *gap > 0))
        && late as f64 > LATE_SHARE_OF_GAP * gap as f64
    {
        let (late, limit) = (late as f64 / 1e3, LATE_SHARE_OF_GAP * gap as f64 / 1e3);
        reasons.push(format!("simulator p99 late by {late:.0} µs, limit {limit:.0} µs"));
    }
    if let Some(share) = delivered_concurrency(row).filter(|share| *share < LEAST_CONCURRENCY) {
        let percent = (share * 1000.0).floor() / 10.0;
        reasons.push(format!("delivered concurrency {percent} %, least 95 %"));
    }
    reasons
}
