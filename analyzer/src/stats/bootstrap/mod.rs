//! Bootstrap intervals of the mean: seeded, and the same bits on any number of threads.
//!
//! [`bootstrap_t`] is the one to report: on small, bounded, skewed samples it covers the mean nearly as often as it
//! says, where the percentile and BCa intervals of [`percentile_and_bca`] fall short (about .87 and .88 for a nominal
//! .95 at n = 10). Those two are there to compare with other tools.

mod percentile;
mod resampling;
mod studentized;

pub use percentile::{PercentileAndBca, percentile_and_bca, percentile_and_bca_on};
pub use studentized::{bootstrap_t, bootstrap_t_on};

/// Below this n no interval is given. With fewer values too many resamples have no variance (one in 64 at n = 4) for a
/// tail of bootstrap-t to be trusted, and too few differ (35 at n = 4) for the 2.5 % tail of their means to be more than
/// two or three numbers.
pub const LEAST_N: usize = 5;

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Number of resamples.
    pub resamples: usize,
    /// Seed of the ChaCha8 streams: the same seed, the same interval, on every machine.
    pub seed: u64,
}

impl Default for Resampling {
    /// 10,000 resamples: the tails of a 95 % interval then hold 250 each. The seed is arbitrary and fixed.
    fn default() -> Self {
        Self { resamples: 10_000, seed: 115 }
    }
}

#[cfg(test)]
mod tests;
