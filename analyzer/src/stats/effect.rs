//! Effect sizes without a unit: shown after the raw difference, never in its place.

use statrs::function::gamma::ln_gamma;

use super::{Estimate, Interval, Result, check, mean, noncentral_t};

/// Samples further apart all but do not vary, and the squares of their t leave the range of f64.
const MOST_DEVIATIONS: f64 = 1e90;

/// Cliff's delta of b over a: P(b > a) - P(b < a) over all pairs, from -1 to 1 (Cliff 1993).
/// `None` when a sample is empty.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Result<Option<f64>> {
    check::values(a)?;
    check::values(b)?;
    if a.is_empty() || b.is_empty() {
        return Ok(None);
    }
    let a = check::sorted(a);
    let surplus: f64 = b
        .iter()
        .map(|b| a.partition_point(|a| a < b) as f64 - (a.len() - a.partition_point(|a| a <= b)) as f64)
        .sum();
    Ok(Some(surplus / (a.len() as f64 * b.len() as f64)))
}

/// Hedges' g of b against a: the difference of the means over the pooled standard deviation, freed of its small-sample
/// bias by the exact factor J (Hedges 1981). `None` below two values a side, and when neither side varies.
pub fn hedges_g(a: &[f64], b: &[f64]) -> Result<Option<f64>> {
    Ok(Standardised::of(a, b)?.map(|difference| difference.g()))
}

/// Hedges' g with the exact interval of what it estimates, the population's standardised difference delta.
///
/// `t = d sqrt(n_a n_b / (n_a + n_b))`, d = g / J, has a noncentral t distribution with noncentrality
/// `delta sqrt(n_a n_b / (n_a + n_b))` where both populations are normal with equal variances: the bounds are those of
/// the noncentrality, divided by that root (Hedges & Olkin 1985; Steiger & Fouladi 1997). They bound delta itself, so J,
/// which corrects the bias of an estimate, is not applied to them. `None` as for [`hedges_g`].
pub fn hedges_g_interval(a: &[f64], b: &[f64], level: f64) -> Result<Option<Estimate>> {
    check::fraction("level", level)?;
    let Some(difference) = Standardised::of(a, b)? else {
        return Ok(None);
    };
    let root = difference.root_size();
    let noncentrality = noncentral_t::noncentrality_interval(difference.d * root, difference.df, level)?;
    let ci = Interval { lo: noncentrality.lo / root, hi: noncentrality.hi / root };
    Ok(Some(Estimate { value: difference.g(), ci: Some(ci) }))
}

/// The difference of two means, b minus a, over their pooled standard deviation.
struct Standardised {
    d: f64,
    df: f64,
    n_a: f64,
    n_b: f64,
}

impl Standardised {
    /// `None` below two values a side, when neither side varies, and when both all but do not.
    fn of(a: &[f64], b: &[f64]) -> Result<Option<Self>> {
        let (Some(a), Some(b)) = (mean::moments(a)?, mean::moments(b)?) else {
            return Ok(None);
        };
        let (Some(sd_a), Some(sd_b)) = (a.sd, b.sd) else {
            return Ok(None);
        };
        let (n_a, n_b) = (a.n as f64, b.n as f64);
        let df = n_a + n_b - 2.0;
        // The hypotenuse of the shares: no unit loses their squares.
        let pooled = (((n_a - 1.0) / df).sqrt() * sd_a).hypot(((n_b - 1.0) / df).sqrt() * sd_b);
        let d = (b.mean - a.mean) / pooled;
        Ok((d.abs() <= MOST_DEVIATIONS).then_some(Self { d, df, n_a, n_b }))
    }

    fn g(&self) -> f64 {
        hedges_j(self.df) * self.d
    }

    /// The factor from d to t.
    fn root_size(&self) -> f64 {
        (self.n_a * self.n_b / (self.n_a + self.n_b)).sqrt()
    }
}

/// Hedges' exact correction `J = gamma(df/2) / (sqrt(df/2) gamma((df - 1)/2))`, df >= 2.
fn hedges_j(df: f64) -> f64 {
    (ln_gamma(df / 2.0) - ln_gamma((df - 1.0) / 2.0)).exp() / (df / 2.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_samples_have_delta_one_and_equal_ones_zero() {
        assert_eq!(cliffs_delta(&[1.0, 2.0], &[3.0, 4.0, 5.0]).unwrap(), Some(1.0));
        assert_eq!(cliffs_delta(&[3.0, 4.0, 5.0], &[1.0, 2.0]).unwrap(), Some(-1.0));
        assert_eq!(cliffs_delta(&[1.0, 2.0, 2.0], &[2.0, 1.0, 2.0]).unwrap(), Some(0.0));
        assert_eq!(cliffs_delta(&[], &[1.0]).unwrap(), None);
    }

    #[test]
    fn the_correction_equals_its_closed_forms() {
        let root_pi = std::f64::consts::PI.sqrt();
        assert!((hedges_j(2.0) - 1.0 / root_pi).abs() < 1e-12);
        assert!((hedges_j(3.0) - root_pi / 6f64.sqrt()).abs() < 1e-12);
        // Hedges' approximation 1 - 3/(4 df - 1) is good to .00033 from df = 10 on.
        assert!((hedges_j(50.0) - (1.0 - 3.0 / 199.0)).abs() < 3.3e-4);
    }

    #[test]
    fn the_interval_is_that_of_the_noncentrality() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 5.5, 6.0, 7.5, 9.0, 3.0]);
        let estimate = hedges_g_interval(&a, &b, 0.9).unwrap().unwrap();
        let ci = estimate.ci.unwrap();
        assert_eq!(Some(estimate.value), hedges_g(&a, &b).unwrap());
        let (root, d) = ((30.0f64 / 11.0).sqrt(), estimate.value / hedges_j(9.0));
        assert!((noncentral_t::upper_tail(d * root, 9.0, ci.lo * root).unwrap() - 0.05).abs() < 1e-9);
        assert!((noncentral_t::cdf(d * root, 9.0, ci.hi * root).unwrap() - 0.05).abs() < 1e-9);
        let swapped = hedges_g_interval(&b, &a, 0.9).unwrap().unwrap().ci.unwrap();
        assert!((swapped.lo + ci.hi).abs() < 1e-9 && (swapped.hi + ci.lo).abs() < 1e-9);
    }

    #[test]
    fn a_tiny_unit_changes_nothing() {
        let of = |unit: f64| {
            hedges_g(&[1.0, 2.0, 4.0].map(|v| v * unit), &[3.0, 3.5].map(|v| v * unit)).unwrap().unwrap()
        };
        assert!((of(1e-250) / of(1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn samples_that_do_not_vary_have_no_standardised_difference() {
        assert_eq!(hedges_g(&[1.0; 5], &[2.0; 5]).unwrap(), None);
        assert_eq!(hedges_g_interval(&[1.0; 5], &[2.0; 5], 0.95).unwrap(), None);
        assert_eq!(hedges_g(&[1.0], &[2.0, 3.0]).unwrap(), None);
        assert_eq!(hedges_g(&[0.0, 5e-324], &[1.0, 1.0]).unwrap(), None);
        assert!(hedges_g(&[1.0, f64::NAN], &[2.0, 3.0]).is_err());
    }
}
