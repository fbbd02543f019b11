//! Means of unpaired groups whose variances differ: Welch's t test and Welch's analysis of variance.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::{Interval, Result, check, mean, student};

/// Result of Welch's t test of b against a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchT {
    /// Mean of b minus mean of a, unit of the data.
    pub diff: f64,
    /// `diff / sqrt(s_a^2/n_a + s_b^2/n_b)`; `None` when neither group varies.
    pub t: Option<f64>,
    /// Degrees of freedom by Welch and Satterthwaite; `None` when neither group varies.
    pub df: Option<f64>,
    /// Two-sided p; `None` when neither group varies.
    pub p: Option<f64>,
    /// Interval of the difference; `[diff, diff]` when neither group varies.
    pub ci: Interval,
}

/// Welch's t test (Welch 1947; degrees of freedom as in Satterthwaite 1946). `None` below two values a side.
pub fn welch_t(a: &[f64], b: &[f64], level: f64) -> Result<Option<WelchT>> {
    check::fraction("level", level)?;
    let Some(Difference { diff, error }) = Difference::of(a, b)? else {
        return Ok(None);
    };
    let Some(Error { se, df }) = error else {
        return Ok(Some(WelchT { diff, t: None, df: None, p: None, ci: Interval::point(diff) }));
    };
    let t = diff / se;
    let half = student::upper_quantile((1.0 - level) / 2.0, df) * se;
    let ci = Interval { lo: diff - half, hi: diff + half };
    // Only a level within 1e-15 of 1 has an infinite t; only groups that all but do not vary an infinite statistic.
    if !(ci.lo.is_finite() && ci.hi.is_finite() && t.is_finite()) {
        return Ok(None);
    }
    Ok(Some(WelchT { diff, t: Some(t), df: Some(df), p: Some(student::two_sided(t, df)), ci }))
}

/// Unpaired equivalence test: p of the two one-sided Welch tests against -margin and +margin, the larger of both
/// (Schuirmann 1987). Below alpha, the difference of the means lies inside the margin; this is so exactly when
/// Welch's interval at level 1 - 2 alpha does. `None` below two values a side and when neither group varies.
pub fn welch_tost(a: &[f64], b: &[f64], margin: f64) -> Result<Option<f64>> {
    check::not_negative("margin", margin)?;
    let Some(Difference { diff, error: Some(Error { se, df }) }) = Difference::of(a, b)? else {
        return Ok(None);
    };
    let above_lower = student::upper((diff + margin) / se, df);
    let below_upper = student::upper((margin - diff) / se, df);
    Ok(Some(above_lower.max(below_upper)))
}

/// Difference of two means, b minus a.
pub(super) struct Difference {
    pub(super) diff: f64,
    /// `None` when neither group varies.
    pub(super) error: Option<Error>,
}

/// Error of a difference: its standard error, and the degrees of freedom by Welch and Satterthwaite.
pub(super) struct Error {
    pub(super) se: f64,
    pub(super) df: f64,
}

impl Difference {
    /// `None` below two values a side.
    pub(super) fn of(a: &[f64], b: &[f64]) -> Result<Option<Self>> {
        let (Some(a), Some(b)) = (mean::moments(a)?, mean::moments(b)?) else {
            return Ok(None);
        };
        let (Some(se_a), Some(se_b)) = (a.standard_error(), b.standard_error()) else {
            return Ok(None);
        };
        let se = se_a.hypot(se_b);
        let error = (se > 0.0).then(|| {
            // In shares of the common error, so that no unit loses the fourth powers.
            let (share_a, share_b) = ((se_a / se).powi(2), (se_b / se).powi(2));
            let df = 1.0 / (share_a.powi(2) / (a.n - 1) as f64 + share_b.powi(2) / (b.n - 1) as f64);
            Error { se, df }
        });
        Ok(Some(Self { diff: b.mean - a.mean, error }))
    }
}

/// Result of Welch's analysis of variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchAnova {
    /// The statistic.
    pub f: f64,
    /// Groups minus 1.
    pub df1: f64,
    /// Degrees of freedom of the error, seldom a whole number.
    pub df2: f64,
    /// P(F > f).
    pub p: f64,
}

/// Welch's test that k groups have one mean (Welch 1951): with the weights `w = n/s^2`, W their sum and
/// `L = sum (1 - w/W)^2 / (n - 1)`, `F = [sum w (mean - weighted mean)^2 / (k - 1)] / [1 + 2 (k - 2) L / (k^2 - 1)]` on
/// k - 1 and `(k^2 - 1) / (3 L)` degrees of freedom.
///
/// `None` below two groups, and when a group has fewer than two values or does not vary: its weight would be infinite.
pub fn welch_anova(groups: &[&[f64]]) -> Result<Option<WelchAnova>> {
    let mut found = Vec::with_capacity(groups.len());
    for group in groups {
        let Some(moments) = mean::moments(group)? else { return Ok(None) };
        let Some(sd) = moments.sd.filter(|sd| *sd > 0.0) else { return Ok(None) };
        found.push((moments.n as f64, moments.mean, sd));
    }
    if found.len() < 2 {
        return Ok(None);
    }
    // F does not depend on the unit: in units of the largest deviation no square leaves the range of f64.
    let unit = found.iter().map(|(_, _, sd)| *sd).fold(0.0, f64::max);
    let weight = |n: f64, sd: f64| n / (sd / unit).powi(2);
    let total: f64 = found.iter().map(|&(n, _, sd)| weight(n, sd)).sum();
    let centre: f64 = found.iter().map(|&(n, mean, sd)| weight(n, sd) / total * mean).sum();
    let between: f64 =
        found.iter().map(|&(n, mean, sd)| weight(n, sd) * ((mean - centre) / unit).powi(2)).sum();
    let lambda: f64 = found.iter().map(|&(n, _, sd)| (1.0 - weight(n, sd) / total).powi(2) / (n - 1.0)).sum();
    let k = found.len() as f64;
    let df1 = k - 1.0;
    let df2 = (k * k - 1.0) / (3.0 * lambda);
    let f = between / df1 / (1.0 + 2.0 * (k - 2.0) * lambda / (k * k - 1.0));
    // Groups that all but do not vary: the weights have left the range of f64.
    if !(f.is_finite() && df2.is_finite() && df2 > 0.0) {
        return Ok(None);
    }
    let Ok(null) = FisherSnedecor::new(df1, df2) else { return Ok(None) };
    Ok(Some(WelchAnova { f, df1, df2, p: null.sf(f).clamp(0.0, 1.0) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_give_the_square_of_t() {
        let (a, b) = ([1.0, 2.5, 3.0, 4.75], [2.0, 6.0, 5.5, 8.0, 3.25]);
        let t = welch_t(&a, &b, 0.95).unwrap().unwrap();
        let anova = welch_anova(&[&a, &b]).unwrap().unwrap();
        assert!((anova.f - t.t.unwrap().powi(2)).abs() < 1e-12);
        assert!((anova.df2 - t.df.unwrap()).abs() < 1e-12);
        assert!((anova.p - t.p.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn groups_without_variation_have_no_test() {
        let t = welch_t(&[1.0; 4], &[3.0; 5], 0.95).unwrap().unwrap();
        assert_eq!((t.diff, t.t, t.p, t.ci), (2.0, None, None, Interval::point(2.0)));
        assert_eq!(welch_anova(&[&[1.0; 4], &[1.0, 2.0, 3.0]]).unwrap(), None);
        assert_eq!(welch_anova(&[&[1.0, 2.0]]).unwrap(), None);
        assert_eq!(welch_t(&[1.0], &[1.0, 2.0], 0.95).unwrap(), None);
        assert!(welch_t(&[f64::NAN, 1.0], &[1.0, 2.0], 0.95).is_err());
    }

    #[test]
    fn the_equivalence_test_agrees_with_the_90_percent_interval() {
        let (a, b) = ([1.0, 2.5, 3.0, 4.75], [2.0, 4.0, 3.5, 2.75, 3.25]);
        let ci = welch_t(&a, &b, 0.9).unwrap().unwrap().ci;
        let edge = ci.hi.max(-ci.lo);
        assert!((welch_tost(&a, &b, edge).unwrap().unwrap() - 0.05).abs() < 1e-9);
        assert!(welch_tost(&a, &b, edge * 1.01).unwrap().unwrap() < 0.05);
        assert_eq!(welch_tost(&a, &b, 1.0).unwrap(), welch_tost(&b, &a, 1.0).unwrap());
    }

    #[test]
    fn without_variation_or_a_second_value_there_is_no_equivalence_test() {
        assert_eq!(welch_tost(&[1.0; 4], &[1.0; 5], 1.0).unwrap(), None);
        assert_eq!(welch_tost(&[1.0], &[1.0, 2.0], 1.0).unwrap(), None);
        assert_eq!(welch_tost(&[], &[1.0, 2.0], 1.0).unwrap(), None);
        assert!(welch_tost(&[1.0; 4], &[1.0, 2.0], 1.0).unwrap().is_some());
        assert!(welch_tost(&[1.0, 2.0], &[1.0, 2.0], -1.0).is_err());
    }

    #[test]
    fn the_unit_does_not_matter() {
        let groups = [[1.0, 2.0, 4.0], [3.0, 5.0, 4.5], [0.5, 0.25, 2.0]];
        let tiny = groups.map(|group| group.map(|v| v * 1e-90));
        let of =
            |groups: &[[f64; 3]; 3]| welch_anova(&[&groups[0], &groups[1], &groups[2]]).unwrap().unwrap();
        assert!((of(&groups).p - of(&tiny).p).abs() < 1e-12);
    }
}
