//! Why two runs cannot be compared; each message is one line that names the thing and the remedy.

use super::factors::Factor;
use crate::report::escape;
use thiserror::Error;

/// Factors that a refusal names one by one; the others are counted.
const NAMED: usize = 6;

/// Cells and arms that a message lists.
const LISTED: usize = 20;

/// Why two runs cannot be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// The runs share no cell with a common arm.
    #[error(
        "the runs share no arm of a cell; A has {}; B has {}; compare runs of one plan",
        listed(.before), listed(.after)
    )]
    NothingInCommon {
        /// Cells with their arms of A.
        before: Vec<String>,
        /// Cells with their arms of B.
        after: Vec<String>,
    },
    /// The runs differ in something that matters beside what is to be compared.
    #[error("the runs differ in {}; compare runs that are equal in this, or go on all the same with --allow-different", named(.0))]
    Different(Vec<Factor>),
    /// The manifests fix different margins.
    #[error(
        "{option} has to name one margin: A fixed {before} and B {after} before the first trial; such as {option} {before}"
    )]
    Margins {
        /// Option that decides.
        option: &'static str,
        /// Margin of A.
        before: f64,
        /// Margin of B.
        after: f64,
    },
    /// A run of micro workloads.
    #[error(
        "run {0} measured runtimes by themselves, and compare knows runs with agents; put the summary.json of two reports side by side: analyzer report --run {0}"
    )]
    Micro(String),
    /// A run has no trial that counts.
    #[error(
        "run {run} has no trial that counts in the cells that the runs share ({finished} of {planned} planned trials have a row); see why with: analyzer report {run}"
    )]
    NothingCounts {
        /// Name of the run.
        run: String,
        /// Trials with a row.
        finished: usize,
        /// Trials planned.
        planned: usize,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| escape::name(name)).collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn named(factors: &[Factor]) -> String {
    let shown: Vec<String> = factors.iter().take(NAMED).map(Factor::to_string).collect();
    match factors.len().saturating_sub(NAMED) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}
