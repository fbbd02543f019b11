//! The Kruskal-Wallis test: whether one of several unpaired groups tends to larger values.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Result, check, ranks};

/// Result of the Kruskal-Wallis test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KruskalWallis {
    /// The statistic, corrected for ties.
    pub h: f64,
    /// Groups minus 1.
    pub df: f64,
    /// P(chi-squared > h): the large-sample distribution, fair from about five values a group.
    pub p: f64,
}

/// Kruskal and Wallis (1952): `H = [12 / (N (N + 1)) sum R_i^2 / n_i - 3 (N + 1)] / [1 - sum (t^3 - t) / (N^3 - N)]`,
/// R_i the rank sum of group i. `None` below two groups, with an empty group, and when every value is the same.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<Option<KruskalWallis>> {
    for group in groups {
        check::values(group)?;
    }
    if groups.len() < 2 || groups.iter().any(|group| group.is_empty()) {
        return Ok(None);
    }
    let together: Vec<f64> = groups.iter().flat_map(|group| group.iter().copied()).collect();
    let ranked = ranks::average(&together);
    let n = together.len() as f64;
    let ties = 1.0 - ranked.tie_term / (n * n * n - n);
    if ties <= 0.0 {
        return Ok(None);
    }
    let mut begin = 0;
    let mut spread = 0.0;
    for group in groups {
        let sum: f64 = ranked.ranks[begin..begin + group.len()].iter().sum();
        // About the mean rank, which loses no digits to the large terms of the textbook form.
        let size = group.len() as f64;
        spread += size * (sum / size - (n + 1.0) / 2.0).powi(2);
        begin += group.len();
    }
    let h = 12.0 / (n * (n + 1.0)) * spread / ties;
    let df = (groups.len() - 1) as f64;
    let Ok(null) = ChiSquared::new(df) else { return Ok(None) };
    Ok(Some(KruskalWallis { h, df, p: null.sf(h).clamp(0.0, 1.0) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_groups_have_the_largest_statistic() {
        let test = kruskal_wallis(&[&[1.0, 2.0], &[3.0, 4.0], &[5.0, 6.0]]).unwrap().unwrap();
        // Mean ranks 1.5, 3.5, 5.5 about 3.5: 12 / 42 x (2 x 4 + 2 x 4) = 32 / 7.
        assert!((test.h - 32.0 / 7.0).abs() < 1e-12);
        assert_eq!(test.df, 2.0);
    }

    #[test]
    fn what_cannot_be_ranked_has_no_test() {
        assert_eq!(kruskal_wallis(&[&[1.0, 1.0], &[1.0]]).unwrap(), None);
        assert_eq!(kruskal_wallis(&[&[1.0, 2.0]]).unwrap(), None);
        assert_eq!(kruskal_wallis(&[&[1.0, 2.0], &[]]).unwrap(), None);
        assert!(kruskal_wallis(&[&[1.0, f64::NAN], &[2.0]]).is_err());
    }
}
