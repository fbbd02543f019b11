//! What became of the trials: counted, never dropped in silence.

use super::fates::Fate;
use crate::load::Run;
use crate::metrics::{Outcome, Violation};
use std::collections::BTreeMap;
use tandem_records::{Status, TrialRow};

/// Counts of a run's trials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Trials planned.
    pub planned: usize,
    /// Trials with a row.
    pub finished: usize,
    /// Complete and valid.
    pub counted: usize,
    /// Arm or server failed.
    pub failed: usize,
    /// Left out because the instrument's own error was too large.
    pub invalid: usize,
    /// Cut off by who ran them, or their rows do not hold what a trial needs.
    pub incomplete: usize,
    /// Every trial that does not count, in run order.
    pub excluded: Vec<Excluded>,
    /// Trials whose own makespan disagrees with the stamps of their agents.
    pub makespan_disagrees: Vec<u32>,
}

/// One trial that does not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Excluded {
    /// Number in run order.
    pub trial: u32,
    /// Cell.
    pub cell: String,
    /// Arm label.
    pub arm: String,
    /// Block.
    pub block: u32,
    /// What became of it.
    pub fate: Fate,
    /// Why, in the words of the trial or of this program.
    pub reason: String,
    /// The kind of reason: equal for invalid trials that broke the same limit by different amounts.
    pub cause: String,
}

impl Tally {
    /// Planned trials without a row.
    pub fn missing(&self) -> usize {
        self.planned.saturating_sub(self.finished)
    }

    /// The trials of a run that are judged by their status alone.
    pub fn by_status(run: &Run) -> Tally {
        let mut tally = Tally { planned: run.planned, finished: run.trials.len(), ..Tally::default() };
        for row in run.trials.iter().map(|trial| &trial.row) {
            match row.status {
                Status::Ok => tally.counted += 1,
                Status::Aborted => tally.exclude(row, Fate::Incomplete, row.error.clone(), None),
                Status::Invalid => tally.exclude(row, Fate::Invalid, row.error.clone(), None),
                status => tally.exclude(row, Fate::Failed(status), row.error.clone(), None),
            }
        }
        tally
    }

    fn exclude(&mut self, row: &TrialRow, fate: Fate, reason: String, cause: Option<String>) {
        *match fate {
            Fate::Failed(_) => &mut self.failed,
            Fate::Invalid => &mut self.invalid,
            Fate::Incomplete => &mut self.incomplete,
        } += 1;
        self.excluded.push(Excluded {
            trial: row.trial,
            cell: row.cell.clone(),
            arm: row.arm.clone(),
            block: row.block,
            fate,
            cause: cause.unwrap_or_else(|| reason.clone()),
            reason,
        });
    }

    /// Why trials of a cell are invalid: distinct causes with the number of their trials, most frequent first.
    pub fn causes_of_invalid(&self, cell: &str) -> Vec<(&str, usize)> {
        let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
        for one in self.excluded.iter().filter(|one| one.fate == Fate::Invalid && one.cell == cell) {
            *causes.entry(&one.cause).or_default() += 1;
        }
        let mut causes: Vec<(&str, usize)> = causes.into_iter().collect();
        causes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        causes
    }

    /// Excluded trials by what became of them and by arm.
    pub fn by_fate_and_arm(&self) -> Vec<ExcludedGroup> {
        let mut groups: BTreeMap<(Fate, &str), BTreeMap<&str, usize>> = BTreeMap::new();
        for one in &self.excluded {
            let reasons = groups.entry((one.fate, &one.arm)).or_default();
            *reasons.entry(&one.cause).or_default() += 1;
        }
        groups
            .into_iter()
            .map(|((fate, arm), reasons)| {
                let mut reasons: Vec<(String, usize)> =
                    reasons.into_iter().map(|(reason, n)| (reason.to_owned(), n)).collect();
                reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                ExcludedGroup { fate, arm: arm.to_owned(), reasons }
            })
            .collect()
    }
}

/// The trials of one arm that do not count for one kind of reason.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcludedGroup {
    /// What became of them.
    pub fate: Fate,
    /// Arm label.
    pub arm: String,
    /// Distinct causes with the number of their trials, most frequent first.
    pub reasons: Vec<(String, usize)>,
}

impl ExcludedGroup {
    /// Number of trials.
    pub fn trials(&self) -> usize {
        self.reasons.iter().map(|(_, n)| n).sum()
    }
}

pub(super) fn tally(run: &Run, outcomes: &[Outcome]) -> Tally {
    let mut tally = Tally { planned: run.planned, finished: run.trials.len(), ..Tally::default() };
    for (trial, outcome) in run.trials.iter().zip(outcomes) {
        let row = &trial.row;
        let mut cause = None;
        let reason = match outcome {
            Outcome::Counts(metrics) => {
                tally.counted += 1;
                // The stamps are the same clock in the same process: any difference is a fault.
                if row.makespan_ns.is_some_and(|ns| ns as f64 != metrics.makespan_ns) {
                    tally.makespan_disagrees.push(row.trial);
                }
                continue;
            }
            Outcome::Failed(_, reason) | Outcome::Incomplete(reason) => reason.clone(),
            Outcome::Invalid(_, broken) => {
                let causes: Vec<&str> = broken.iter().map(Violation::cause).collect();
                cause = Some(causes.join(" and "));
                let reasons: Vec<String> = broken.iter().map(Violation::to_string).collect();
                reasons.join("; ")
            }
        };
        if let Some(fate) = Fate::of(outcome) {
            tally.exclude(row, fate, reason, cause);
        }
    }
    tally
}
