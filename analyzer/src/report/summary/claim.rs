//! Exploratory comparisons and predictions in the summary.

use super::number::{Number, Pair, maybe, number, pair};
use crate::analysis::{Exploratory, Scale};
use crate::predictions::{Evidence, Prediction, Predictions};
use serde::Serialize;
use std::collections::BTreeMap;

/// One comparison without a verdict.
#[derive(Debug, Serialize)]
pub(super) struct ExploratorySummary<'a> {
    cell: &'a str,
    arm: &'a str,
    metric: &'static str,
    /// `difference` (arm minus baseline) or `ratio` (arm / baseline).
    scale: &'static str,
    blocks: usize,
    estimate: Number,
    ci95: Option<Pair>,
    p: Option<Number>,
    /// Benjamini-Hochberg over the run.
    p_adjusted: Option<Number>,
    established: bool,
    /// The arm is the baseline under its second label.
    control: bool,
}

impl<'a> ExploratorySummary<'a> {
    pub(super) fn new(one: &'a Exploratory) -> Self {
        Self {
            cell: &one.cell,
            arm: &one.arm,
            metric: one.metric.key(),
            scale: match one.metric.scale() {
                Scale::Difference => "difference",
                Scale::Ratio => "ratio",
            },
            blocks: one.n,
            estimate: number(one.estimate),
            ci95: pair(one.ci),
            p: maybe(one.p),
            p_adjusted: maybe(one.p_adjusted),
            established: one.is_established(),
            control: one.is_control,
        }
    }
}

/// Claims made before the data.
#[derive(Debug, Serialize)]
pub(super) struct PredictionsSummary<'a> {
    /// Claims that this run can judge by an interval.
    family: usize,
    level: Number,
    judged: Vec<PredictionSummary<'a>>,
}

impl<'a> PredictionsSummary<'a> {
    pub(super) fn new(predictions: &'a Predictions) -> Self {
        Self {
            family: predictions.family,
            level: number(predictions.level),
            judged: predictions.all.iter().map(PredictionSummary::new).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct PredictionSummary<'a> {
    id: &'a str,
    claim: &'a str,
    source: &'a str,
    judgement: &'static str,
    why: &'a str,
    cell: Option<&'a str>,
    evidence: Option<EvidenceSummary<'a>>,
    more_blocks: Option<u64>,
    clients_differ: bool,
    /// Judgements of the other cells that could have decided, with their numbers.
    elsewhere: BTreeMap<&'static str, usize>,
}

impl<'a> PredictionSummary<'a> {
    fn new(one: &'a Prediction) -> Self {
        let hypothesis = one.hypothesis;
        Self {
            id: &hypothesis.id,
            claim: &hypothesis.claim,
            source: &hypothesis.source,
            judgement: one.judgement.as_str(),
            why: &one.why,
            cell: one.cell,
            evidence: one.evidence.as_ref().map(EvidenceSummary::new),
            more_blocks: one.more_blocks,
            clients_differ: one.clients_differ,
            elsewhere: one.elsewhere.iter().map(|(judgement, n)| (judgement.as_str(), *n)).collect(),
        }
    }
}

/// What decided a claim: an estimate, a number of arms, or numbers of threads.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum EvidenceSummary<'a> {
    Estimate { n: usize, estimate: Option<Number>, ci: Option<Pair> },
    Arms { n: usize, arms_inside: usize, arms: usize, bound: Option<Number> },
    Threads { n: usize, threads_least: u32, threads_most: u32, thread_names: &'a str },
}

impl<'a> EvidenceSummary<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        match evidence {
            Evidence::Estimate { estimate, ci, n } => {
                Self::Estimate { n: *n, estimate: maybe(*estimate), ci: pair(*ci) }
            }
            Evidence::Arms { inside, of, bound, n } => {
                Self::Arms { n: *n, arms_inside: *inside, arms: *of, bound: maybe(*bound) }
            }
            Evidence::Threads { least, most, names, n } => {
                Self::Threads { n: *n, threads_least: *least, threads_most: *most, thread_names: names }
            }
        }
    }
}
