//! The noncentral t distribution: `T = (Z + delta) / S` with a standard normal Z and, independent of it,
//! `S = sqrt(chi-squared / df)`.

use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::{Interval, Result, check, expectation, normal, root};

/// Beyond this no normal value of f64's range lies: (Z + delta) has the sign of delta.
const FAR: f64 = 40.0;

/// P(T <= t) with `df` >= 1 degrees of freedom and noncentrality delta, to about ten digits in either tail.
///
/// Integrated over S, `E[Phi(t S - delta)]` (Johnson, Kotz & Balakrishnan 1995, chapter 31), or over Z,
/// `E[P(S >= (Z + delta)/t)]`, whichever has the smoother integrand.
pub fn cdf(t: f64, df: f64, noncentrality: f64) -> Result<f64> {
    sound(t, df, noncentrality)?;
    Ok(lower(t, df, noncentrality))
}

/// P(T > t), without the loss of 1 - cdf in the far tail. See [`cdf`].
pub fn upper_tail(t: f64, df: f64, noncentrality: f64) -> Result<f64> {
    sound(t, df, noncentrality)?;
    Ok(upper(t, df, noncentrality))
}

/// The exact interval of the noncentrality after an observed t: the two noncentralities for which a t as large, and one
/// as small, has probability (1 - level)/2 (Steiger & Fouladi 1997).
pub fn noncentrality_interval(t: f64, df: f64, level: f64) -> Result<Interval> {
    sound(t, df, 0.0)?;
    check::fraction("level", level)?;
    let tail = (1.0 - level) / 2.0;
    Ok(Interval { lo: lower_limit(t, df, tail), hi: -lower_limit(-t, df, tail) })
}

/// The noncentrality for which P(T > t) = `tail`.
fn lower_limit(t: f64, df: f64, tail: f64) -> f64 {
    let misfit = |delta: f64| (upper(t, df, delta) / tail).ln();
    // The standard deviation of T near delta = t, but for a factor.
    let sd = 1f64.hypot(t / (2.0 * df).sqrt());
    let end = |direction: f64| {
        let mut reach = sd;
        while misfit(t + direction * reach) * direction < 0.0 {
            reach *= 2.0;
        }
        t + direction * reach
    };
    root::between(end(-1.0), end(1.0), misfit)
}

/// P(T > t) of valid parameters.
fn upper(t: f64, df: f64, delta: f64) -> f64 {
    lower(-t, df, -delta)
}

/// P(T <= t) of valid parameters.
pub(super) fn lower(t: f64, df: f64, delta: f64) -> f64 {
    // The larger tail is the complement of the smaller one, where all depends on the place at which it is integrated.
    let p = if t > delta { 1.0 - integral(-t, df, -delta) } else { integral(t, df, delta) };
    p.clamp(0.0, 1.0)
}

/// P(T <= t), at its best where it is small.
fn integral(t: f64, df: f64, delta: f64) -> f64 {
    // Phi(t s - delta) rises within 1/delta of ln s: too steep for steps of the width of S where delta is large. Then
    // the probability of S, over t/sqrt(2 df) standard deviations of Z, is smooth.
    if delta.abs() <= FAR || t * t <= 2.0 * df {
        return expectation::over_scaled_chi(df, |s| normal::cdf(t * s - delta));
    }
    // T has the sign of delta.
    if (t > 0.0) != (delta > 0.0) {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let half_chi2 = |z: f64| df / 2.0 * ((z + delta) / t).powi(2);
    let tail = if t > 0.0 { gamma_ur } else { gamma_lr };
    expectation::over_normal(|z| tail(df / 2.0, half_chi2(z)))
}

fn sound(t: f64, df: f64, noncentrality: f64) -> Result<()> {
    check::values(&[t, noncentrality])?;
    check::degrees_of_freedom(df)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noncentrality_it_is_students_t() {
        for (t, df) in [(0.3, 1.0), (2.0, 7.0), (-9.0, 30.0), (40.0, 5.0)] {
            let central = super::super::student::upper(t, df);
            assert!((upper_tail(t, df, 0.0).unwrap() / central - 1.0).abs() < 1e-9, "t = {t}, df = {df}");
        }
    }

    #[test]
    fn at_zero_only_the_sign_of_the_normal_counts() {
        for delta in [-30.0, -1.5, 0.0, 2.0, 36.0] {
            let ours = cdf(0.0, 4.0, delta).unwrap();
            assert!((ours / normal::cdf(-delta) - 1.0).abs() < 1e-12, "{delta}");
        }
    }

    #[test]
    fn both_ways_of_integrating_agree_where_they_meet() {
        for (t, df) in [(45.0, 12.0), (60.0, 40.0), (-45.0, 12.0), (38.0, 500.0)] {
            let at = |delta: f64| lower(t, df, delta.copysign(t)).ln();
            let steps = [FAR - 0.02, FAR - 0.01, FAR, FAR + 0.01, FAR + 0.02].map(at);
            // A jump between the second and third would be no cubic's.
            let third = steps[4] - 4.0 * steps[3] + 6.0 * steps[2] - 4.0 * steps[1] + steps[0];
            assert!(third.abs() < 1e-9, "t = {t}, df = {df}: {third:e}");
        }
    }

    #[test]
    fn the_interval_puts_the_observed_t_at_both_tails() {
        for (t, df, level) in [
            (0.0, 5.0, 0.95),
            (2.5, 18.0, 0.95),
            (-31.0, 9.0, 0.9),
            (3e4, 38.0, 0.95),
            (1e15, 2.0, 0.99),
            (1.0, 1.0, 0.01),
        ] {
            let ci = noncentrality_interval(t, df, level).unwrap();
            let tail = (1.0 - level) / 2.0;
            assert!((upper_tail(t, df, ci.lo).unwrap() / tail - 1.0).abs() < 1e-9, "{t} {df}: {ci:?}");
            assert!((cdf(t, df, ci.hi).unwrap() / tail - 1.0).abs() < 1e-9, "{t} {df}: {ci:?}");
        }
    }

    #[test]
    fn unsound_parameters_are_errors() {
        assert!(cdf(f64::NAN, 3.0, 0.0).is_err());
        assert!(cdf(1.0, f64::NAN, 0.0).is_err());
        assert!(cdf(1.0, 0.5, 0.0).is_err());
        assert!(upper_tail(1.0, 3.0, f64::INFINITY).is_err());
        assert!(noncentrality_interval(1.0, 3.0, 95.0).is_err());
    }
}
