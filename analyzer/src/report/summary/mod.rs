//! `summary.json`: the numbers of a report for programs, such as a page over many runs or an alarm on a nightly one.
//! People read `README.md`.
//!
//! Shares, differences of efficiency and levels are fractions; keys end in `_ns` where the unit is nanoseconds. A value
//! that does not exist is null, an interval is `[lo, hi]`, a difference is arm minus baseline. Names are as in the run's
//! files: whoever shows them escapes them.

mod cell;
mod claim;
mod factorial;
mod number;
mod order;
mod streams;
mod whole;

use crate::analysis::Analysis;
use crate::predictions::Predictions;
use cell::CellSummary;
use claim::{ExploratorySummary, PredictionsSummary};
use factorial::FactorialSummary;
use order::TogetherSummary;
use serde::Serialize;
use whole::{Answer, Instrument, Rules, RunFacts, Trials};

/// Version of the file. Raise it with any key that goes or changes its meaning.
const SCHEMA_VERSION: u32 = 2;

/// The file.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    schema_version: u32,
    run: RunFacts<'a>,
    rules: Rules<'a>,
    trials: Trials,
    answer: Answer<'a>,
    instrument: Instrument,
    cells: Vec<CellSummary<'a>>,
    /// The cells judged together in run order.
    run_order: Vec<TogetherSummary<'a>>,
    exploratory: Vec<ExploratorySummary<'a>>,
    factorials: Vec<FactorialSummary<'a>>,
    predictions: PredictionsSummary<'a>,
}

/// The file's text.
///
/// # Errors
/// When it cannot be written as JSON, which no data should cause.
pub(super) fn json(
    analysis: &Analysis,
    predictions: &Predictions,
    command: &str,
) -> Result<String, serde_json::Error> {
    let summary = Summary {
        schema_version: SCHEMA_VERSION,
        run: RunFacts::new(analysis, command),
        rules: Rules::new(analysis),
        trials: Trials::new(analysis),
        answer: Answer::new(analysis),
        instrument: Instrument::new(analysis),
        cells: analysis.cells.iter().map(|cell| CellSummary::new(analysis, cell)).collect(),
        run_order: analysis.order.together.iter().map(TogetherSummary::new).collect(),
        exploratory: analysis.exploratory.iter().map(ExploratorySummary::new).collect(),
        factorials: analysis.factorials.iter().map(FactorialSummary::new).collect(),
        predictions: PredictionsSummary::new(predictions),
    };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}
