//! What becomes of a trial: one word each, and counts of them.

use crate::metrics::Outcome;
use std::collections::BTreeMap;
use tandem_records::Status;

/// Why a trial with a row does not count. Every count of page, terminal and summary is of one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Arm or server failed, with this status: an outcome of the arm.
    Failed(Status),
    /// Left out because the instrument's own error was too large.
    Invalid,
    /// Cut off by who ran it, or its rows do not hold what a trial needs.
    Incomplete,
}

impl Fate {
    /// The status, `invalid` or `incomplete`.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Failed(status) => status.as_str(),
            Fate::Invalid => "invalid",
            Fate::Incomplete => "incomplete",
        }
    }

    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Counts(_) => None,
            Outcome::Failed(status, _) => Some(Fate::Failed(*status)),
            Outcome::Invalid(..) => Some(Fate::Invalid),
            Outcome::Incomplete(_) => Some(Fate::Incomplete),
        }
    }
}

/// Trials of one arm, or of several, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fates {
    /// Trials with a row.
    pub finished: usize,
    /// Failed ones by status.
    pub failed: BTreeMap<Status, usize>,
    /// Invalid ones.
    pub invalid: usize,
    /// Incomplete ones.
    pub incomplete: usize,
}

impl Fates {
    /// Counts outcomes.
    pub(super) fn count<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Self {
        let mut fates = Self::default();
        for outcome in outcomes {
            fates.finished += 1;
            match Fate::of(outcome) {
                None => {}
                Some(Fate::Failed(status)) => *fates.failed.entry(status).or_default() += 1,
                Some(Fate::Invalid) => fates.invalid += 1,
                Some(Fate::Incomplete) => fates.incomplete += 1,
            }
        }
        fates
    }

    /// Takes others in.
    pub fn add(&mut self, other: &Fates) {
        self.finished += other.finished;
        self.invalid += other.invalid;
        self.incomplete += other.incomplete;
        for (status, n) in &other.failed {
            *self.failed.entry(*status).or_default() += n;
        }
    }

    /// Failed trials.
    pub fn failures(&self) -> usize {
        self.failed.values().sum()
    }
}
