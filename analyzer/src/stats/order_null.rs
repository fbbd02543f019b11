//! What efficiency reads at many agents when nothing slows anybody down: the null curve of the concurrency chart.
//!
//! Efficiency is `E = sum S_i / (n W)` with `W = max C_i`. Let all agents have equal, independent work, solo and concurrent
//! durations S_i and C_i independent and normal with mean 1 and standard deviation c (the coefficient of variation). The
//! sum of the S_i has mean n, but the makespan is the largest of n: `max C_i = 1 + c M`, M the maximum of n standard
//! normals with mean e_n (Tippett 1925). Hence, to first order, `E = 1 / (1 + c e_n)`: below 1 by order statistics alone.
//! S and C being independent, the expectation is exactly E[1 / (1 + c M)]; its expansion to second order about the mean
//! of M adds the factor `1 + c^2 var M / (1 + c e_n)^2`, worth .6 pp for two agents at c = .1.

use super::{Result, check, normal};

/// The maximum of n standard normals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalMaximum {
    /// Its mean e_n.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// Mean and variance of the maximum of `n` standard normals, from the moments of its density
/// `n phi(x) Phi(x)^(n-1)` (Tippett 1925), integrated by the trapezoidal rule. `None` for n = 0.
pub fn normal_maximum(n: usize) -> Option<NormalMaximum> {
    // The integrand is analytic and vanishes at both ends: the rule converges faster than any power of the step
    // (Trefethen & Weideman 2014). Beyond 10 lies less than 1e-23 of one normal.
    const STEPS_PER_UNIT: i32 = 64;
    const REACH: i32 = 10;
    if n == 0 {
        return None;
    }
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for step in -REACH * STEPS_PER_UNIT..=REACH * STEPS_PER_UNIT {
        let x = f64::from(step) / f64::from(STEPS_PER_UNIT);
        // Phi(x)^(n-1) through the logarithm, from the upper tail where Phi is near 1.
        let log_cdf = if x > 0.0 { (-normal::upper(x)).ln_1p() } else { normal::cdf(x).ln() };
        let density = normal::density(x) * ((n - 1) as f64 * log_cdf).exp();
        mass += density;
        first += x * density;
        second += x * x * density;
    }
    // Dividing by the mass of the same rule takes the factor n and the step out of both moments.
    let mean = first / mass;
    Some(NormalMaximum { mean, variance: second / mass - mean * mean })
}

/// Expected maximum e_n of `n` standard normals; `None` for n = 0. See [`normal_maximum`].
pub fn expected_normal_maximum(n: usize) -> Option<f64> {
    normal_maximum(n).map(|maximum| maximum.mean)
}

/// Efficiency (a fraction) that `agents` agents with equal, independent work read on average when their durations
/// have the coefficient of variation `cv` (a fraction) and nothing slows anybody down: the module's formula, to second
/// order. `None` for no agents. Meant for cv up to about .2: beyond, a normal duration may be near 0 or negative.
pub fn null_efficiency(agents: usize, cv: f64) -> Result<Option<f64>> {
    check::not_negative("coefficient of variation", cv)?;
    Ok(normal_maximum(agents).map(|maximum| {
        let makespan = 1.0 + cv * maximum.mean;
        (1.0 + cv * cv * maximum.variance / (makespan * makespan)) / makespan
    }))
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn the_expected_maximum_equals_the_published_table() {
        // Harter 1961, "Expected values of normal order statistics", Biometrika 48, table 1.
        for (n, published) in
            [(1, 0.0), (2, 0.56419), (3, 0.84628), (5, 1.16296), (10, 1.53875), (100, 2.50759)]
        {
            let e_n = expected_normal_maximum(n).unwrap();
            assert!((e_n - published).abs() < 6e-6, "n = {n}: {e_n}");
        }
        assert_eq!(expected_normal_maximum(0), None);
    }

    #[test]
    fn two_normals_have_a_maximum_known_in_closed_form() {
        let pi = std::f64::consts::PI;
        let maximum = normal_maximum(2).unwrap();
        assert!((maximum.mean - 1.0 / pi.sqrt()).abs() < 1e-10);
        assert!((maximum.variance - (1.0 - 1.0 / pi)).abs() < 1e-10);
        assert!((normal_maximum(1).unwrap().variance - 1.0).abs() < 1e-10);
    }

    #[test]
    fn noise_alone_reads_as_the_design_says() {
        let percent = |agents, cv| 100.0 * null_efficiency(agents, cv).unwrap().unwrap();
        assert!((percent(256, 0.01) - 97.0).abs() < 0.5, "256 agents at CV 1 % read near 97 %");
        for (cv, read) in [(0.01, 99.45), (0.05, 97.4), (0.10, 95.3)] {
            assert!((percent(2, cv) - read).abs() < 0.1, "two agents at CV {cv}: {}", percent(2, cv));
        }
        assert_eq!(percent(8, 0.0), 100.0);
        assert!(null_efficiency(2, -0.1).is_err());
        assert!(null_efficiency(2, f64::NAN).is_err());
    }

    #[test]
    fn the_curve_agrees_with_simulated_trials() {
        let mut rng = ChaCha8Rng::from_seed([7; 32]);
        let mut normal = || normal::inverse((rng.next_u64() >> 11) as f64 * 2f64.powi(-53) + 2f64.powi(-54));
        for (agents, cv, trials) in [(2, 0.1, 40_000), (16, 0.05, 5_000), (256, 0.01, 400)] {
            let mean = (0..trials)
                .map(|_| {
                    let solo: f64 = (0..agents).map(|_| 1.0 + cv * normal()).sum();
                    let makespan = (0..agents).map(|_| 1.0 + cv * normal()).fold(0.0, f64::max);
                    solo / (agents as f64 * makespan)
                })
                .sum::<f64>()
                / f64::from(trials);
            let expected = null_efficiency(agents, cv).unwrap().unwrap();
            assert!((mean - expected).abs() < 0.002, "{agents} agents, cv {cv}: {mean} against {expected}");
        }
    }
}
