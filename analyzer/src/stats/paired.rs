//! Paired t test and paired equivalence test (TOST) of within-block differences.

use super::{Interval, Result, StatsError, check, mean, student};

/// Result of a paired t test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedT {
    /// Number of blocks.
    pub n: usize,
    /// Mean of the differences b - a.
    pub mean_diff: f64,
    /// Sample standard deviation of the differences.
    pub sd_diff: f64,
    /// `mean / (sd / sqrt n)`; `None` when the differences do not vary.
    pub t: Option<f64>,
    /// Degrees of freedom, n - 1.
    pub df: f64,
    /// Two-sided p; `None` when the differences do not vary.
    pub p: Option<f64>,
    /// Student's interval of the mean difference; `[mean, mean]` when the differences do not vary.
    pub ci: Interval,
}

/// Within-block differences, b minus a, in the order given.
pub fn differences(a: &[f64], b: &[f64]) -> Result<Vec<f64>> {
    if a.len() != b.len() {
        return Err(StatsError::Unpaired { a: a.len(), b: b.len() });
    }
    check::values(a)?;
    check::values(b)?;
    Ok(a.iter().zip(b).map(|(a, b)| b - a).collect())
}

/// Paired t test ("Student" 1908): the one-sample test of the differences against 0. `None` below two blocks.
pub fn paired_t(differences: &[f64], level: f64) -> Result<Option<PairedT>> {
    let Some(estimate) = mean::mean_t(differences, level)? else {
        return Ok(None);
    };
    let (Some(ci), Some(sd_diff)) = (estimate.ci, mean::sample_sd(differences)?) else {
        return Ok(None);
    };
    let n = differences.len();
    let df = (n - 1) as f64;
    let t = (sd_diff > 0.0).then(|| estimate.value / (sd_diff / (n as f64).sqrt()));
    let p = t.map(|t| student::two_sided(t, df));
    Ok(Some(PairedT { n, mean_diff: estimate.value, sd_diff, t, df, p, ci }))
}

/// Paired equivalence test: p of the two one-sided t tests against -margin and +margin, the larger of both
/// (Schuirmann 1987). Below alpha, the mean difference lies inside the margin; this is so exactly when the
/// t interval at level 1 - 2 alpha does. `None` below two blocks and when the differences do not vary.
pub fn paired_tost(differences: &[f64], margin: f64) -> Result<Option<f64>> {
    check::not_negative("margin", margin)?;
    let Some(moments) = mean::moments(differences)? else {
        return Ok(None);
    };
    let Some(se) = moments.standard_error().filter(|se| *se > 0.0) else {
        return Ok(None);
    };
    let df = (moments.n - 1) as f64;
    let above_lower = student::upper((moments.mean + margin) / se, df);
    let below_upper = student::upper((margin - moments.mean) / se, df);
    Ok(Some(above_lower.max(below_upper)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_b_minus_a_and_need_equal_lengths() {
        assert_eq!(differences(&[1.0, 2.0], &[4.0, 1.0]).unwrap(), vec![3.0, -1.0]);
        assert_eq!(differences(&[1.0], &[]), Err(StatsError::Unpaired { a: 1, b: 0 }));
        assert!(differences(&[f64::NAN], &[1.0]).is_err());
    }

    #[test]
    fn differences_that_do_not_vary_have_no_t_and_no_p() {
        let test = paired_t(&[0.3; 8], 0.95).unwrap().unwrap();
        assert_eq!((test.t, test.p, test.ci), (None, None, Interval::point(0.3)));
        assert_eq!(paired_tost(&[0.3; 8], 1.0).unwrap(), None);
        assert_eq!(paired_t(&[0.3], 0.95).unwrap(), None);
        assert_eq!(paired_tost(&[], 1.0).unwrap(), None);
    }

    #[test]
    fn the_equivalence_test_agrees_with_the_90_percent_interval() {
        let values = [0.4, -0.2, 0.1, 0.3, -0.1, 0.25, 0.0, 0.15];
        let ci = paired_t(&values, 0.9).unwrap().unwrap().ci;
        let edge = ci.hi.max(-ci.lo);
        assert!((paired_tost(&values, edge).unwrap().unwrap() - 0.05).abs() < 1e-9);
        assert!(paired_tost(&values, edge * 1.01).unwrap().unwrap() < 0.05);
        assert!(paired_tost(&values, -1.0).is_err());
    }
}
