//! The method tested as a method: data whose truth is known, the functions that reports use, and how often they err.
//!
//! ```text
//! sweep (made-up data) -> claim (what is said to happen how often) -> run (counts) -> table
//! ```
//!
//! Same seed and same effort, same table, at any number of threads.

pub mod claim;
pub mod coverage;
pub mod draws;
pub mod run;
pub mod shape;
pub mod sweep;
pub mod verdicts;

mod odd_data;
mod order;
mod power;
mod table;
mod unpaired;

pub use table::{MARKS, Table};

use crate::stats;
use crate::stats::bootstrap::Resampling;
use std::num::NonZeroUsize;

/// How much is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Data sets of every kind.
    pub data_sets: NonZeroUsize,
    /// Resamples of every bootstrap.
    pub resamples: usize,
}

impl Effort {
    /// What METHODOLOGY shows: a share near .95 is known to within a percentage point.
    pub const SHORT: Self = Self { data_sets: NonZeroUsize::new(4_000).expect("not 0"), resamples: 10_000 };

    /// A share near .95 is known to within a fifth of that.
    pub const LONG: Self = Self { data_sets: NonZeroUsize::new(100_000).expect("not 0"), resamples: 10_000 };
}

/// Checks every claim, on `threads` threads, which change the time and nothing else.
///
/// # Errors
/// When a statistic calls its input unsound, which made-up data never are.
pub fn check(effort: Effort, seed: u64, threads: NonZeroUsize) -> stats::Result<Table> {
    let mut experiments = coverage::experiments(Resampling { resamples: effort.resamples, seed })?;
    experiments.extend(verdicts::experiments()?);
    experiments.extend(unpaired::experiments());
    experiments.extend(odd_data::experiments());
    experiments.extend(power::experiments()?);
    experiments.extend(order::experiments(seed));
    let mut findings = Vec::new();
    for experiment in &experiments {
        findings.extend(run::findings(experiment, effort.data_sets, seed, threads)?);
    }
    Ok(Table::new(effort, seed, findings))
}
