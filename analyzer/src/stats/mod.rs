//! Statistics as a library: small pure functions over slices, apart from files, charts and words.
//!
//! Conventions, the same in every function:
//! - a sample is `&[f64]` in any order and unit; results are in the same unit;
//! - `Err` means that the input is unsound (NaN, infinite, out of range) and names the culprit;
//!   `Ok(None)` means that the input is sound but too small for this number: nothing is invented;
//! - differences are b minus a, paired data are handed over as the within-block differences;
//! - a level is the coverage as a fraction: 0.95, not 95; an interval is two-sided unless it says otherwise;
//! - no result is ever NaN.
//!
//! Every function names its formula and where the formula comes from.

pub mod autocorrelation;
pub mod blocked;
pub mod bootstrap;
pub mod brown_forsythe;
pub mod brunner_munzel;
pub mod effect;
pub mod error;
pub mod factorial;
pub mod failures;
pub mod friedman;
pub mod games_howell;
pub mod hodges_lehmann;
pub mod interval;
pub mod kruskal;
pub mod mean;
pub mod multiple;
pub mod noncentral_t;
pub mod order_null;
pub mod outliers;
pub mod paired;
pub mod pairwise;
pub mod permutation;
pub mod power;
pub mod quantile;
pub mod rank_sum;
pub mod ratio;
pub mod resolution;
pub mod runs;
pub mod shapiro_wilk;
pub mod shift;
pub mod step;
pub mod stratified;
pub mod studentized_range;
pub mod tail;
pub mod trend;
pub mod verdict;
pub mod welch;
pub mod wilcoxon;

mod check;
mod expectation;
mod fisher;
mod kth;
mod normal;
mod ranks;
mod root;
pub(crate) mod shuffle;
mod student;

pub use error::{Result, StatsError};
pub use interval::{Estimate, Interval};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_series;
