//! What makes an input unsound.

use thiserror::Error;

/// An input that no statistic can be computed from. "Too few values" is not among them: that is `Ok(None)`.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum StatsError {
    /// A value is NaN or infinite.
    #[error("value {position} is {value}: only finite numbers can be analysed")]
    NotFinite {
        /// Place in the slice, from 0.
        position: usize,
        /// The value found there.
        value: f64,
    },
    /// A value is so large that its square or a sum would overflow.
    #[error("value {position} is {value:e}: magnitudes over 1e100 cannot be analysed, change the unit")]
    TooLarge {
        /// Place in the slice, from 0.
        position: usize,
        /// The value found there.
        value: f64,
    },
    /// A confidence level, probability or power outside its open range (0, 1).
    #[error("{name} is {value}: it must lie strictly between 0 and 1")]
    NotAFraction {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A probability outside the closed range [0, 1].
    #[error("p value {position} is {value}: it must lie between 0 and 1")]
    NotAProbability {
        /// Place in the slice, from 0.
        position: usize,
        /// What was given.
        value: f64,
    },
    /// A parameter that must not be negative (a margin, a coefficient of variation).
    #[error("{name} is {value}: it must be finite and not negative")]
    Negative {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// Degrees of freedom that no sample has.
    #[error("degrees of freedom are {value}: they must be finite and at least 1")]
    DegreesOfFreedom {
        /// What was given.
        value: f64,
    },
    /// Two slices that should pair up have different lengths.
    #[error("{a} values cannot be paired with {b}: pass one value per block on each side")]
    Unpaired {
        /// Length of the first slice.
        a: usize,
        /// Length of the second slice.
        b: usize,
    },
    /// A block of a complete block design has more or fewer values than the first one.
    #[error(
        "block {block} has {values} values, block 0 has {treatments}: pass one value per treatment in every block"
    )]
    Incomplete {
        /// Which block, from 0.
        block: usize,
        /// How many values it has.
        values: usize,
        /// How many the first block has.
        treatments: usize,
    },
    /// Too few resamples for the tail of the interval asked for.
    #[error("{resamples} resamples are too few for this level: at least {needed} are needed")]
    TooFewResamples {
        /// What was asked for.
        resamples: usize,
        /// The least that gives this level a tail.
        needed: usize,
    },
}

/// Result of a statistic.
pub type Result<T> = std::result::Result<T, StatsError>;
