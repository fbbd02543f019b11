//! The signed-rank distribution by counting, and Wilcoxon's test.

use super::{Result, check, normal, ranks};

/// Up to here the null distribution is counted; 2^50 sign patterns still are exact in an f64.
pub const LARGEST_EXACT_N: usize = 50;

/// Null distribution of T+, the sum of the ranks 1 to n that carry a positive sign.
#[derive(Debug, Clone)]
pub struct SignedRankDistribution {
    n: usize,
    /// `at_most[t]` = number of the 2^n sign patterns with T+ <= t, t from 0 to n(n+1)/2.
    at_most: Vec<f64>,
}

impl SignedRankDistribution {
    /// Counts by recurrence, one rank after the other: `c(t) += c(t - rank)`
    /// (Wilcoxon 1945; Hollander, Wolfe & Chicken 2014, section 3.1). `None` above n = 50.
    pub fn new(n: usize) -> Option<Self> {
        if n > LARGEST_EXACT_N {
            return None;
        }
        let largest = n * (n + 1) / 2;
        let mut counts = vec![0.0; largest + 1];
        counts[0] = 1.0;
        for rank in 1..=n {
            for t in (rank..=rank * (rank + 1) / 2).rev() {
                counts[t] += counts[t - rank];
            }
        }
        for t in 1..=largest {
            counts[t] += counts[t - 1];
        }
        Some(Self { n, at_most: counts })
    }

    /// P(T+ <= t); 1 beyond the largest possible sum.
    pub fn cdf(&self, t: usize) -> f64 {
        self.at_most[t.min(self.at_most.len() - 1)] / self.patterns()
    }

    /// The largest k >= 1 with P(T+ <= k - 1) <= `tail`; `None` where not even T+ = 0 is that rare.
    pub fn lower_rank(&self, tail: f64) -> Option<usize> {
        let bound = tail * self.patterns() * check::ROUNDING;
        Some(self.at_most.iter().take_while(|count| **count <= bound).count()).filter(|k| *k > 0)
    }

    fn patterns(&self) -> f64 {
        (self.n as f64).exp2()
    }
}

/// Result of Wilcoxon's signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRankTest {
    /// Number of differences other than 0.
    pub n: usize,
    /// Sum of the ranks of the positive differences.
    pub w_plus: f64,
    /// Sum of the ranks of the negative differences.
    pub w_minus: f64,
    /// Two-sided exact p; `None` with ties among the magnitudes or above n = 50.
    pub p_exact: Option<f64>,
    /// Two-sided p of the normal approximation with tie and continuity correction.
    pub p_asymptotic: f64,
}

impl SignedRankTest {
    /// The usual test statistic: the smaller of the two rank sums.
    pub fn w(&self) -> f64 {
        self.w_plus.min(self.w_minus)
    }

    /// The p value to use: the exact one where it exists.
    pub fn p(&self) -> f64 {
        self.p_exact.unwrap_or(self.p_asymptotic)
    }
}

/// Wilcoxon's signed-rank test of within-block differences against 0, two-sided (Wilcoxon 1945).
///
/// Zeros are dropped; ties get average ranks. Exact up to 50 non-zero differences without ties; the normal
/// approximation has mean n(n+1)/4 and variance n(n+1)(2n+1)/24 - sum(t^3 - t)/48 over the tied groups
/// (Hollander, Wolfe & Chicken 2014, section 3.1). `None` when no difference is other than 0.
pub fn signed_rank_test(differences: &[f64]) -> Result<Option<SignedRankTest>> {
    check::values(differences)?;
    let kept: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let n = kept.len();
    if n == 0 {
        return Ok(None);
    }
    let magnitudes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let ranked = ranks::average(&magnitudes);
    let w_plus: f64 = kept.iter().zip(&ranked.ranks).filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    let (count, total) = (n as f64, (n * (n + 1) / 2) as f64);
    let w_minus = total - w_plus;

    let p_exact = if ranked.tie_term == 0.0 {
        SignedRankDistribution::new(n).map(|null| (2.0 * null.cdf(w_plus.min(w_minus) as usize)).min(1.0))
    } else {
        None
    };
    let variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ranked.tie_term / 48.0;
    let distance = ((w_plus - total / 2.0).abs() - 0.5).max(0.0);
    let p_asymptotic = (2.0 * normal::upper(distance / variance.sqrt())).min(1.0);
    Ok(Some(SignedRankTest { n, w_plus, w_minus, p_exact, p_asymptotic }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_three_ranks_are_those_of_the_eight_sign_patterns() {
        let null = SignedRankDistribution::new(3).unwrap();
        let expected = [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0];
        for (t, count) in expected.iter().enumerate() {
            assert_eq!(null.cdf(t), count / 8.0);
        }
        assert_eq!(null.cdf(100), 1.0);
    }

    #[test]
    fn the_distribution_is_exact_to_the_last_pattern_at_n_50() {
        let null = SignedRankDistribution::new(50).unwrap();
        assert_eq!(null.at_most[1275], 50f64.exp2());
        assert_eq!(null.at_most[637], 49f64.exp2(), "symmetric about the middle of an odd range");
        assert!(SignedRankDistribution::new(51).is_none());
    }

    #[test]
    fn zeros_are_dropped_and_all_zeros_have_no_test() {
        let with = signed_rank_test(&[0.0, 1.0, -2.0, 0.0, 3.0]).unwrap().unwrap();
        assert_eq!(with, signed_rank_test(&[1.0, -2.0, 3.0]).unwrap().unwrap());
        assert_eq!(signed_rank_test(&[0.0, -0.0]).unwrap(), None);
        assert_eq!(signed_rank_test(&[]).unwrap(), None);
    }

    #[test]
    fn ties_have_no_exact_p() {
        let test = signed_rank_test(&[1.0, 1.0, -2.0, 3.0, 4.0]).unwrap().unwrap();
        assert_eq!(test.p_exact, None);
        assert_eq!(test.p(), test.p_asymptotic);
        assert!(signed_rank_test(&[1.0, f64::NAN]).is_err());
    }
}
