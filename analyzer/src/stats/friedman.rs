//! Friedman's test: whether one of several treatments tends to larger values within the blocks.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::blocked::Blocked;
use super::{check, fisher, ranks};

/// Result of Friedman's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Friedman {
    /// Friedman's chi-squared, corrected for ties.
    pub chi2: f64,
    /// Treatments minus 1.
    pub df: f64,
    /// P(chi-squared > chi2): the large-sample distribution, conservative for few blocks.
    pub p: f64,
    /// Iman and Davenport's F, the better approximation; `None` when every block ranks the treatments alike.
    pub iman_davenport: Option<ImanDavenport>,
}

/// Iman and Davenport's form of Friedman's statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImanDavenport {
    /// `(b - 1) chi2 / (b (k - 1) - chi2)`.
    pub f: f64,
    /// Treatments minus 1.
    pub df1: f64,
    /// (Blocks minus 1) times (treatments minus 1).
    pub df2: f64,
    /// P(F > f).
    pub p: f64,
}

/// Friedman (1937) with average ranks R within b blocks of k treatments and the correction for ties of Conover (1999,
/// section 5.8): `chi2 = 12 sum (R_j - b (k + 1)/2)^2 / [b k (k + 1) - sum (t^3 - t)/(k - 1)]`;
/// `F = (b - 1) chi2 / (b (k - 1) - chi2)` (Iman & Davenport 1980).
///
/// `None` below two blocks or two treatments, and when no block tells its treatments apart.
pub fn friedman(data: &Blocked) -> Option<Friedman> {
    let (b, k) = (data.blocks() as f64, data.treatments() as f64);
    if b < 2.0 || k < 2.0 {
        return None;
    }
    let mut sums = vec![0.0; data.treatments()];
    let mut ties = 0.0;
    for block in data.rows() {
        let ranked = ranks::average(block);
        sums.iter_mut().zip(&ranked.ranks).for_each(|(sum, rank)| *sum += rank);
        ties += ranked.tie_term;
    }
    let scale = b * k * (k + 1.0) - ties / (k - 1.0);
    if scale <= 0.0 {
        return None;
    }
    let spread: f64 = sums.iter().map(|sum| (sum - b * (k + 1.0) / 2.0).powi(2)).sum();
    let chi2 = 12.0 * spread / scale;
    let df = k - 1.0;
    let null = ChiSquared::new(df).ok()?;
    let (room, df2) = (b * df - chi2 * check::ROUNDING, (b - 1.0) * df);
    let iman_davenport = (room > 0.0).then(|| {
        let f = (b - 1.0) * chi2 / (b * df - chi2);
        ImanDavenport { f, df1: df, df2, p: fisher::upper(f, df, df2) }
    });
    Some(Friedman { chi2, df, p: null.sf(chi2).clamp(0.0, 1.0), iman_davenport })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[f64]]) -> Option<Friedman> {
        friedman(&Blocked::new(rows).unwrap())
    }

    #[test]
    fn blocks_that_agree_reach_the_maximum_and_have_no_f() {
        let test = of(&[&[1.0, 2.0, 3.0], &[4.0, 7.0, 9.0], &[0.0, 0.5, 0.6], &[1.0, 2.0, 8.0]]).unwrap();
        assert!((test.chi2 - 8.0).abs() < 1e-12, "b (k - 1)");
        assert!((test.p - (-4.0f64).exp()).abs() < 1e-12);
        assert_eq!(test.iman_davenport, None);
        // With ties, too.
        assert_eq!(of(&[&[1.0, 2.0, 2.0], &[4.0, 7.0, 7.0]]).unwrap().iman_davenport, None);
    }

    #[test]
    fn two_treatments_are_a_sign_test() {
        // Three of four blocks prefer the second: chi2 = (3 - 1)^2 / 4.
        let test = of(&[&[1.0, 2.0], &[1.0, 3.0], &[2.0, 1.0], &[0.0, 9.0]]).unwrap();
        assert!((test.chi2 - 1.0).abs() < 1e-12);
        let f = test.iman_davenport.unwrap();
        assert!((f.f - 1.0).abs() < 1e-12);
        assert_eq!((f.df1, f.df2), (1.0, 3.0));
    }

    #[test]
    fn what_cannot_be_ranked_has_no_test() {
        assert_eq!(of(&[&[1.0, 1.0], &[2.0, 2.0]]), None);
        assert_eq!(of(&[&[1.0, 2.0, 3.0]]), None);
        assert_eq!(of(&[&[1.0], &[2.0]]), None);
        assert_eq!(of(&[]), None);
    }
}
