//! The reading of an A/A contrast: the same arm twice, so the true difference is 0.

use std::fmt;

use crate::stats::{Interval, Result, check};

/// What an A/A contrast says about the instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AaReading {
    /// The 95 % interval excludes 0: the instrument sees a difference where there is none.
    Biased,
    /// Not biased, but the 90 % interval does not fit into the margin: too few or too noisy blocks for any claim.
    Underpowered,
    /// The 90 % interval lies inside the margin: the instrument could have said so of two equal arms.
    Equivalent,
    /// Under 6 blocks, or no interval exists.
    NotAnalysable,
}

impl AaReading {
    /// The word used in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Biased => "biased",
            Self::Underpowered => "underpowered",
            Self::Equivalent => "equivalent",
            Self::NotAnalysable => "not_analysable",
        }
    }
}

impl fmt::Display for AaReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads an A/A contrast of `n` blocks: first whether it is biased, then whether it is equivalent (strict
/// inequalities). Its 95 % interval is used as it is, never widened for a family: that would hide a bias.
pub fn aa_reading(
    n: usize,
    ci95: Option<Interval>,
    ci90: Option<Interval>,
    margin: f64,
) -> Result<AaReading> {
    check::not_negative("margin", margin)?;
    let (Some(ci95), Some(ci90), true) = (ci95, ci90, n >= super::LEAST_N) else {
        return Ok(AaReading::NotAnalysable);
    };
    check::finite(&[ci95.lo, ci95.hi, ci90.lo, ci90.hi])?;
    Ok(if ci95.excludes_zero() {
        AaReading::Biased
    } else if ci90.strictly_within(margin) {
        AaReading::Equivalent
    } else {
        AaReading::Underpowered
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ci95: (f64, f64), ci90: (f64, f64)) -> AaReading {
        let interval = |(lo, hi)| Some(Interval { lo, hi });
        aa_reading(12, interval(ci95), interval(ci90), 0.5).unwrap()
    }

    #[test]
    fn a_bias_counts_even_inside_the_margin() {
        assert_eq!(read((0.01, 0.2), (0.02, 0.19)), AaReading::Biased);
        assert_eq!(read((-0.2, 0.2), (-0.1, 0.1)), AaReading::Equivalent);
        assert_eq!(read((0.0, 0.2), (0.0, 0.1)), AaReading::Equivalent, "an end at 0 does not exclude 0");
        assert_eq!(
            read((-0.9, 0.2), (-0.5, 0.1)),
            AaReading::Underpowered,
            "an end at the margin is not inside"
        );
        assert_eq!(aa_reading(5, None, None, 0.5).unwrap(), AaReading::NotAnalysable);
    }
}
