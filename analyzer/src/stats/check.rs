//! Guards at the door of every public function, so that NaN never gets in.

use super::{Result, StatsError};

/// Squares of larger values, or their sums, would leave the range of f64.
const LARGEST_MAGNITUDE: f64 = 1e100;

/// Factor on the bound of a tail probability: their equality must not depend on the last bit of either.
pub(super) const ROUNDING: f64 = 1.0 + 1e-12;

/// Every value finite and small enough to be squared and summed.
pub(super) fn values(values: &[f64]) -> Result<()> {
    finite(values)?;
    match values.iter().position(|value| value.abs() > LARGEST_MAGNITUDE) {
        Some(position) => Err(StatsError::TooLarge { position, value: values[position] }),
        None => Ok(()),
    }
}

/// Every value finite: enough for numbers that are only compared.
pub(super) fn finite(values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(StatsError::NotFinite { position, value: values[position] }),
        None => Ok(()),
    }
}

/// A level, quantile or power: strictly between 0 and 1 (a NaN fails the comparison).
pub(super) fn fraction(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value < 1.0 { Ok(()) } else { Err(StatsError::NotAFraction { name, value }) }
}

/// A margin, standard deviation or coefficient of variation.
pub(super) fn not_negative(name: &'static str, value: f64) -> Result<()> {
    if (0.0..=LARGEST_MAGNITUDE).contains(&value) {
        Ok(())
    } else {
        Err(StatsError::Negative { name, value })
    }
}

/// Degrees of freedom of an estimated variance.
pub(super) fn degrees_of_freedom(value: f64) -> Result<()> {
    if value >= 1.0 && value.is_finite() { Ok(()) } else { Err(StatsError::DegreesOfFreedom { value }) }
}

/// p values.
pub(super) fn probabilities(ps: &[f64]) -> Result<()> {
    match ps.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(position) => Err(StatsError::NotAProbability { position, value: ps[position] }),
        None => Ok(()),
    }
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Whether all values are the same number (true for an empty slice).
pub(super) fn constant(values: &[f64]) -> bool {
    values.iter().all(|value| *value == values[0])
}
