//! Expectations of a probability whose argument is random, by the trapezoidal rule: what studentizing does to a
//! distribution.
//!
//! The integrands are analytic and vanish at both ends, so the rule converges faster than any power of the step
//! (Trefethen & Weideman 2014) and all terms are positive: tails keep their digits.

use super::normal;

/// Each halving squares the relative error, or better: this one leaves none.
const AGREEMENT: f64 = 1e-7;

/// Bounds the work; the integrands of this library need two to five.
const MOST_HALVINGS: usize = 8;

/// A share of the sum that no longer matters.
const NEGLIGIBLE: f64 = 1e-17;

/// `E[f(S)]` for `S = sqrt(chi-squared / df)`, the ratio of an estimated to the true standard deviation; f from 0 to 1.
pub(super) fn over_scaled_chi(df: f64, f: impl Fn(f64) -> f64) -> f64 {
    // s = exp(v - exp(-v)): the density falls off doubly exponentially on both sides, even for one degree of freedom.
    let log_s = |v: f64| v - (-v).exp();
    let density = |v: f64| {
        let u = log_s(v);
        (1.0 + (-v).exp()) * (df * (u - (2.0 * u).exp_m1() / 2.0)).exp()
    };
    // The v of s = 1, where v = exp(-v), and the standard deviation of v near it.
    const CENTRE: f64 = 0.567_143_290_409_784;
    let sd = 1.0 / ((1.0 + CENTRE) * (2.0 * df).sqrt());
    expectation(density, CENTRE, sd, |v| f(log_s(v).exp()))
}

/// `E[f(Z)]` for a standard normal Z; f from 0 to 1.
pub(super) fn over_normal(f: impl Fn(f64) -> f64) -> f64 {
    expectation(normal::density, 0.0, 1.0, f)
}

/// Mean of f under a density (up to a factor) that falls on both sides of `centre`, first in steps of `step`.
fn expectation(density: impl Fn(f64) -> f64, centre: f64, step: f64, f: impl Fn(f64) -> f64) -> f64 {
    let sums = |begin: f64, step: f64| {
        let (mut value, mut mass) = (0.0, 0.0);
        for (mut x, step) in [(begin, step), (begin - step, -step)] {
            loop {
                let weight = density(x);
                // f is at most 1, so what lies beyond adds no more than the weights do.
                if weight <= NEGLIGIBLE * value {
                    break;
                }
                value += weight * f(x);
                mass += weight;
                x += step;
            }
        }
        (value, mass)
    };
    let (mut step, (mut value, mut mass)) = (step, sums(centre, step));
    for _ in 0..MOST_HALVINGS {
        let between = sums(centre + step / 2.0, step);
        let apart = (value / mass - between.0 / between.1).abs();
        (value, mass, step) = (value + between.0, mass + between.1, step / 2.0);
        if apart <= AGREEMENT * (value / mass) {
            break;
        }
    }
    value / mass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_studentized_normal_is_students_t() {
        for df in [1.0, 2.5, 10.0, 300.0, 1e5] {
            for t in [0.1, 2.0, 12.0] {
                let ours = over_scaled_chi(df, |s| normal::upper(t * s));
                let theirs = super::super::student::upper(t, df);
                assert!((ours / theirs - 1.0).abs() < 1e-9, "t = {t}, df = {df}: {ours:e} {theirs:e}");
            }
        }
    }

    #[test]
    fn a_sum_of_two_normals_is_normal() {
        for x in [0.0, 2.0, 20.0] {
            let (ours, theirs) = (over_normal(|z| normal::upper(x - z)), normal::upper(x / 2f64.sqrt()));
            assert!((ours / theirs - 1.0).abs() < 1e-10, "{x}: {ours:e} {theirs:e}");
        }
    }

    #[test]
    fn what_is_certain_stays_certain_and_what_cannot_be_stays_0() {
        assert_eq!(over_scaled_chi(3.0, |_| 1.0), 1.0);
        assert_eq!(over_scaled_chi(3.0, |_| 0.0), 0.0);
    }
}
