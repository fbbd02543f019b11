//! What the requests of one phase say, summarised inside the trial: the trial is the unit of analysis.

use super::median;
use crate::load::Trial;
use std::collections::BTreeMap;
use tandem_records::{DelaySource, Phase, RequestRow, Stage, TrialRow};

/// Medians over the requests of a trial's concurrent phase, but for the delays; times in ns. None where nothing tells.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSummary {
    /// Requests that ended well.
    pub ok: usize,
    /// Requests that did not.
    pub failed: usize,
    /// Tokens of all requests that ended well, as `output_tokens` counts them.
    pub tokens: u64,
    /// Send to the first piece of generated text.
    pub ttft_ns: Option<f64>,
    /// Send to the first piece of the answer; none in a trial where no request tells another time than that of its first
    /// piece, as without thinking.
    pub first_answer_ns: Option<f64>,
    /// The same of the requests of each stage.
    pub ttft_by_stage: BTreeMap<Stage, f64>,
    /// Largest minus smallest TTFT among the requests of a stage, the median over the stages; none where no stage
    /// has two requests.
    pub ttft_spread_ns: Option<f64>,
    /// Time per output token after the first: (e2e - ttft) / (tokens - 1).
    pub tpot_ns: Option<f64>,
    /// Time between two pieces of text on average: (e2e - ttft) / (pieces - 1).
    pub piece_gap_ns: Option<f64>,
    /// Median gap between pieces.
    pub itl_p50_ns: Option<f64>,
    /// 99th percentile of the gaps.
    pub itl_p99_ns: Option<f64>,
    /// 99th percentile of a request's gaps minus their median, the median over requests.
    pub itl_spread_ns: Option<f64>,
    /// Tokens of each agent over its requests that ended well, in ascending order.
    pub agent_tokens: Vec<u64>,
    /// Median client-added delay over all pieces; in runs without it, the median over the requests' own.
    pub delay_p50_ns: Option<f64>,
    /// 99th percentile of the same.
    pub delay_p99_ns: Option<f64>,
    /// Where the delay's reference stamp comes from; none where it is unknown or mixed.
    pub delay_source: Option<DelaySource>,
}

/// Whether the measured agents of a trial, which all ended well, have all their requests, and these ended well, too. What is
/// counted per token would be too large without the tokens of one.
///
/// # Errors
/// In words, whose request is missing or did not end well.
pub(super) fn check_whole(trial: &Trial) -> Result<(), String> {
    let mut found = BTreeMap::<(Phase, u32), u32>::new();
    for request in &trial.requests {
        if request.phase != Phase::Warmup && !request.status.is_ok() {
            return Err(format!(
                "agent {} ended well, but its request {} ended with {}",
                request.agent, request.call, request.status
            ));
        }
        *found.entry((request.phase, request.agent)).or_default() += 1;
    }
    let calls = trial.row.workload.calls();
    for agent in trial.agents.iter().filter(|agent| agent.phase != Phase::Warmup) {
        let there = found.get(&(agent.phase, agent.agent)).copied().unwrap_or(0);
        if there != calls {
            let phase = format!("{:?}", agent.phase).to_lowercase();
            return Err(format!(
                "{there} rows of requests of agent {} in the {phase} phase in place of {calls}",
                agent.agent
            ));
        }
    }
    Ok(())
}

/// Summary of the requests of a trial's concurrent phase.
pub fn summarise(trial: &TrialRow, rows: &[RequestRow]) -> RequestSummary {
    let rows: Vec<&RequestRow> = rows.iter().filter(|r| r.phase == Phase::Concurrent).collect();
    let ok: Vec<&RequestRow> = rows.iter().copied().filter(|r| r.status.is_ok()).collect();
    let over =
        |cell: fn(&RequestRow) -> Option<u64>| median(ok.iter().filter_map(|r| cell(r)).map(|v| v as f64));
    let by_stage = ttft_by_stage(&ok);
    let mut agents = BTreeMap::<u32, u64>::new();
    for row in &ok {
        *agents.entry(row.agent).or_default() += row.output_tokens.unwrap_or(0);
    }
    let mut agent_tokens: Vec<u64> = agents.into_values().collect();
    agent_tokens.sort_unstable();
    let (delay_p50_ns, delay_p99_ns, delay_source) = delays(trial, &ok);
    RequestSummary {
        ok: ok.len(),
        failed: rows.len() - ok.len(),
        tokens: agent_tokens.iter().sum(),
        ttft_ns: over(|r| r.ttft_ns),
        ttft_spread_ns: median(by_stage.values().filter(|all| all.len() > 1).map(|all| spread(all))),
        ttft_by_stage: by_stage.into_iter().filter_map(|(stage, all)| Some((stage, median(all)?))).collect(),
        first_answer_ns: over(|r| r.first_answer_ns).filter(|_| ok.iter().any(|r| answers_later(r))),
        tpot_ns: median(ok.iter().filter_map(|r| time_per_output_token(r))),
        piece_gap_ns: median(ok.iter().filter_map(|r| time_after_first(r, pieces(r)))),
        itl_p50_ns: over(|r| r.itl_p50_ns),
        itl_p99_ns: over(|r| r.itl_p99_ns),
        itl_spread_ns: median(
            ok.iter().filter_map(|r| Some(r.itl_p99_ns?.checked_sub(r.itl_p50_ns?)? as f64)),
        ),
        agent_tokens,
        delay_p50_ns,
        delay_p99_ns,
        delay_source,
    }
}

/// Median and 99th percentile of the delay, and where its reference stamp comes from: over all tokens of the trial where
/// its row tells, else the medians of the requests' own quantiles.
fn delays(trial: &TrialRow, ok: &[&RequestRow]) -> (Option<f64>, Option<f64>, Option<DelaySource>) {
    let known = |source: &DelaySource| *source != DelaySource::None;
    let as_number = |ns: Option<u64>| ns.map(|ns| ns as f64);
    if trial.delay_tokens.is_some() {
        let source = Some(trial.delay_source).filter(known);
        return (as_number(trial.delay_p50_ns), as_number(trial.delay_p99_ns), source);
    }
    // Two reference points are two quantities: their median would be neither.
    let Some(source) = ok.first().map(|r| r.delay_source) else { return (None, None, None) };
    if ok.iter().any(|r| r.delay_source != source) {
        return (None, None, None);
    }
    let over = |cell: fn(&RequestRow) -> Option<u64>| median(ok.iter().filter_map(|r| as_number(cell(r))));
    (over(|r| r.delay_p50_ns), over(|r| r.delay_p99_ns), Some(source).filter(known))
}

/// Pieces of text in which a response came. Before schema version 4 these were what was counted as tokens.
pub(crate) fn pieces(row: &RequestRow) -> Option<u64> {
    row.pieces.or(row.output_tokens.filter(|_| row.tokens_from.is_none()))
}

/// Whether a request thought before it answered.
fn answers_later(row: &RequestRow) -> bool {
    row.first_answer_ns.zip(row.ttft_ns).is_some_and(|(answer, first)| answer > first)
}

/// (e2e - ttft) / (tokens - 1), ns.
pub(crate) fn time_per_output_token(row: &RequestRow) -> Option<f64> {
    time_after_first(row, row.output_tokens)
}

/// The time from the first piece to the end, for each of `count` but the first. A response in one piece has no such time,
/// whatever number of tokens was in it.
fn time_after_first(row: &RequestRow, count: Option<u64>) -> Option<f64> {
    let count = count.filter(|n| *n >= 2)?;
    pieces(row).filter(|n| *n >= 2)?;
    let after_first = row.e2e_ns?.checked_sub(row.ttft_ns?)?;
    Some(after_first as f64 / (count - 1) as f64)
}

fn ttft_by_stage(ok: &[&RequestRow]) -> BTreeMap<Stage, Vec<f64>> {
    let mut stages = BTreeMap::<Stage, Vec<f64>>::new();
    for row in ok {
        if let Some(ns) = row.ttft_ns {
            stages.entry(row.stage).or_default().push(ns as f64);
        }
    }
    stages
}

/// Largest minus smallest of at least one value.
fn spread(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest - values.iter().copied().fold(f64::INFINITY, f64::min)
}
