//! The standard normal distribution, from statrs.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Density at `x`.
pub(super) fn density(x: f64) -> f64 {
    Normal::standard().pdf(x)
}

/// P(Z <= x).
pub(super) fn cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// P(Z > x), without the loss of 1 - cdf in the far tail.
pub(super) fn upper(x: f64) -> f64 {
    Normal::standard().cdf(-x)
}

/// The x with P(Z <= x) = p, 0 < p < 1.
pub(super) fn inverse(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}
