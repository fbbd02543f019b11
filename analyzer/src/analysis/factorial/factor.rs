//! The factors that a plan can cross, and their levels in a trial.

use std::fmt;
use tandem_records::{PlanRow, TrialRow};

/// A factor of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// The arm, which stands for its runtime.
    Runtime,
    /// The HTTP client.
    Client,
    /// The cap of one read.
    ReadCap,
    /// Tokens in one write of the server.
    Coalesce,
    /// Bytes of text in one token.
    TokenBytes,
    /// Streams at once.
    Agents,
}

/// Number of factors.
pub(super) const COUNT: usize = 6;

/// All factors, in the order of the report.
pub(super) const ALL: [Factor; COUNT] =
    [Factor::Runtime, Factor::Client, Factor::ReadCap, Factor::Coalesce, Factor::TokenBytes, Factor::Agents];

/// A level of a factor. In ascending order the first one of a design is what the others are compared with: the baseline arm,
/// hyper, uncapped reads, one token a write, the smallest token, the fewest agents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    rank: u64,
    /// Arm label, client, or number; as in the run's files.
    pub name: String,
}

impl Factor {
    /// Its name in running text.
    pub fn name(self) -> &'static str {
        match self {
            Factor::Runtime => "runtime",
            Factor::Client => "HTTP client",
            Factor::ReadCap => "read size",
            Factor::Coalesce => "tokens per write",
            Factor::TokenBytes => "token size",
            Factor::Agents => "agents",
        }
    }

    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Factor::Runtime => "runtime",
            Factor::Client => "client",
            Factor::ReadCap => "read_cap_bytes",
            Factor::Coalesce => "coalesce",
            Factor::TokenBytes => "token_bytes",
            Factor::Agents => "agents",
        }
    }

    /// The level that a trial had. `arms` are the run's labels in the order of the report. A read cap counts as a level
    /// where the plan sets it, not where an arm has one of its own.
    pub(super) fn level(self, row: &TrialRow, planned: Option<&PlanRow>, arms: &[String]) -> Level {
        let number = |value: Option<u32>, absent: (u64, &str)| {
            let (rank, name) = absent;
            value.map_or_else(
                || Level { rank, name: name.to_owned() },
                |value| Level { rank: value.into(), name: value.to_string() },
            )
        };
        match self {
            Factor::Runtime => {
                let rank = arms.iter().position(|arm| *arm == row.arm).unwrap_or(arms.len()) as u64;
                Level { rank, name: row.arm.clone() }
            }
            Factor::Client => Level { rank: row.client as u64, name: row.client.to_string() },
            Factor::ReadCap => {
                number(planned.map_or(row.read_cap_bytes, |planned| planned.read_cap_bytes), (0, "own"))
            }
            Factor::Coalesce => number(row.coalesce, (0, "unknown")),
            Factor::TokenBytes => number(row.token_bytes, (u64::MAX, "natural")),
            Factor::Agents => number(Some(row.agents), (0, "unknown")),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
