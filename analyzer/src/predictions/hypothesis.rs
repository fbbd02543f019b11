//! One prediction, checked.

use super::Region;
use crate::analysis::Metric;
use tandem_records::Client;

/// A claim that was made before the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Name.
    pub id: String,
    /// The claim in one sentence.
    pub claim: String,
    /// Where it was made.
    pub source: String,
    /// Of what quantity it speaks.
    pub question: Question,
    /// What it says of that quantity: fractions, ratios or a number of threads.
    pub region: Region,
    /// Client that the arms must have in the deciding cell; any where none is named.
    pub client: Option<Client>,
    /// Name of the plan that decides it.
    pub plan: String,
}

/// Of what quantity a claim speaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// arm minus against, a fraction.
    Difference {
        /// Quantity.
        metric: Metric,
        /// Arm label.
        arm: String,
        /// Arm label.
        against: String,
    },
    /// arm over against.
    Ratio {
        /// Quantity.
        metric: Metric,
        /// Arm label.
        arm: String,
        /// Arm label.
        against: String,
    },
    /// The arm's median over trials, a fraction.
    Level {
        /// Quantity.
        metric: Metric,
        /// Arm label.
        arm: String,
    },
    /// The median over trials of at least one arm, a fraction.
    Reachable {
        /// Quantity.
        metric: Metric,
    },
    /// Threads of the arm's process at the end of the concurrent phase.
    Threads {
        /// Arm label.
        arm: String,
    },
}

impl Question {
    /// The arms that a cell must have to answer it.
    pub fn arms(&self) -> Vec<&str> {
        match self {
            Question::Difference { arm, against, .. } | Question::Ratio { arm, against, .. } => {
                vec![arm, against]
            }
            Question::Level { arm, .. } | Question::Threads { arm } => vec![arm],
            Question::Reachable { .. } => Vec::new(),
        }
    }

    /// True where the answer is an estimate with an interval, so that it belongs to the family.
    pub fn is_estimated(&self) -> bool {
        !matches!(self, Question::Threads { .. })
    }
}
