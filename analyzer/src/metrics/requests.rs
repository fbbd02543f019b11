//! What the requests of one phase say, summarised inside the trial: the trial is the unit of analysis.

use super::median;
use tandem_records::{DelaySource, Phase, RequestRow};

/// Medians over the requests of a trial's concurrent phase; times in ns. None where no request tells.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSummary {
    /// Requests that ended well.
    pub ok: usize,
    /// Requests that did not.
    pub failed: usize,
    /// Tokens received, counted by the client, over all requests that ended well.
    pub tokens: u64,
    /// Send to first non-empty token.
    pub ttft_ns: Option<f64>,
    /// Time per output token after the first: (e2e - ttft) / (tokens - 1).
    pub tpot_ns: Option<f64>,
    /// Median gap between tokens.
    pub itl_p50_ns: Option<f64>,
    /// 99th percentile of the gaps.
    pub itl_p99_ns: Option<f64>,
    /// Median client-added delay per token.
    pub delay_p50_ns: Option<f64>,
    /// 99th percentile of the client-added delay.
    pub delay_p99_ns: Option<f64>,
    /// Where the delay's reference stamp comes from; none where it is unknown or mixed.
    pub delay_source: Option<DelaySource>,
}

/// Summary of the requests of the concurrent phase.
pub fn summarise(rows: &[RequestRow]) -> RequestSummary {
    let rows: Vec<&RequestRow> = rows.iter().filter(|r| r.phase == Phase::Concurrent).collect();
    let ok: Vec<&RequestRow> = rows.iter().copied().filter(|r| r.status.is_ok()).collect();
    let over =
        |cell: fn(&RequestRow) -> Option<u64>| median(ok.iter().filter_map(|r| cell(r)).map(|v| v as f64));
    let source = ok.first().map(|r| r.delay_source);
    let one_source = ok.iter().all(|r| Some(r.delay_source) == source);
    RequestSummary {
        ok: ok.len(),
        failed: rows.len() - ok.len(),
        tokens: ok.iter().filter_map(|r| r.output_tokens).sum(),
        ttft_ns: over(|r| r.ttft_ns),
        tpot_ns: median(ok.iter().filter_map(|r| time_per_output_token(r))),
        itl_p50_ns: over(|r| r.itl_p50_ns),
        itl_p99_ns: over(|r| r.itl_p99_ns),
        // Two reference points are two quantities: their median would be neither.
        delay_p50_ns: over(|r| r.delay_p50_ns).filter(|_| one_source),
        delay_p99_ns: over(|r| r.delay_p99_ns).filter(|_| one_source),
        delay_source: source.filter(|s| one_source && *s != DelaySource::None),
    }
}

fn time_per_output_token(row: &RequestRow) -> Option<f64> {
    let tokens = row.output_tokens.filter(|n| *n >= 2)?;
    let after_first = row.e2e_ns?.checked_sub(row.ttft_ns?)?;
    Some(after_first as f64 / (tokens - 1) as f64)
}
