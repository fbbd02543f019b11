//! Effect sizes without a unit: shown after the raw difference, never in its place.

use statrs::function::gamma::ln_gamma;

use super::{Result, check, mean};

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
    let (Some(a), Some(b)) = (mean::moments(a)?, mean::moments(b)?) else {
        return Ok(None);
    };
    let (Some(sd_a), Some(sd_b)) = (a.sd, b.sd) else {
        return Ok(None);
    };
    let (df_a, df_b) = ((a.n - 1) as f64, (b.n - 1) as f64);
    let pooled = ((df_a * sd_a * sd_a + df_b * sd_b * sd_b) / (df_a + df_b)).sqrt();
    Ok((pooled > 0.0).then(|| hedges_j(df_a + df_b) * (b.mean - a.mean) / pooled))
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
    fn samples_that_do_not_vary_have_no_standardised_difference() {
        assert_eq!(hedges_g(&[1.0; 5], &[2.0; 5]).unwrap(), None);
        assert_eq!(hedges_g(&[1.0], &[2.0, 3.0]).unwrap(), None);
        assert!(hedges_g(&[1.0, f64::NAN], &[2.0, 3.0]).is_err());
    }
}
