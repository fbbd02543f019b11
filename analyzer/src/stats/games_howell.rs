//! The Games-Howell test: all pairs of unpaired groups whose variances differ.

use super::pairwise::{PairDifference, pairs};
use super::studentized_range::StudentizedRange;
use super::welch::Difference;
use super::{Result, check};

/// Games and Howell (1976): each pair by its own variances, `q = |diff| / sqrt((s_a^2/n_a + s_b^2/n_b) / 2)`, against the
/// studentized range of all k groups with the degrees of freedom of Welch's t test; intervals hold together at `level`.
///
/// All pairs in ascending order; `None` for one below two values a side and for one of which neither side varies.
pub fn games_howell(groups: &[&[f64]], level: f64) -> Result<Vec<Option<PairDifference>>> {
    check::fraction("level", level)?;
    for group in groups {
        check::values(group)?;
    }
    pairs(groups.len()).map(|(a, b)| compare((a, b), groups, level)).collect()
}

fn compare(places: (usize, usize), groups: &[&[f64]], level: f64) -> Result<Option<PairDifference>> {
    let Some(Difference { diff, error: Some(error) }) = Difference::of(groups[places.0], groups[places.1])?
    else {
        return Ok(None);
    };
    let range = StudentizedRange::new(groups.len(), error.df);
    Ok(range
        .upper_quantile(1.0 - level)
        .and_then(|quantile| PairDifference::tukey(places, diff, error.se / 2f64.sqrt(), &range, quantile)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::welch::welch_t;

    #[test]
    fn two_groups_are_welchs_t_test() {
        let (a, b): (&[f64], &[f64]) = (&[1.0, 2.5, 3.0, 4.75], &[2.0, 6.0, 5.5, 8.0, 3.25]);
        let pair = games_howell(&[a, b], 0.95).unwrap()[0].unwrap();
        let welch = welch_t(a, b, 0.95).unwrap().unwrap();
        assert_eq!((pair.a, pair.b, pair.diff), (0, 1, welch.diff));
        assert!((pair.p - welch.p.unwrap()).abs() < 1e-9);
        assert!((pair.ci.lo - welch.ci.lo).abs() < 1e-9 && (pair.ci.hi - welch.ci.hi).abs() < 1e-9);
    }

    #[test]
    fn a_pair_without_variation_or_values_has_no_comparison() {
        let groups: [&[f64]; 4] = [&[1.0; 3], &[2.0; 3], &[1.0, 3.0, 2.5], &[7.0]];
        let pairs = games_howell(&groups, 0.95).unwrap();
        let present: Vec<bool> = pairs.iter().map(Option::is_some).collect();
        assert_eq!(present, vec![false, true, false, true, false, false]);
        assert_eq!(games_howell(&groups[..1], 0.95).unwrap(), vec![]);
        assert!(games_howell(&groups, 95.0).is_err());
        assert!(games_howell(&[&[1.0, f64::NAN], &[1.0, 2.0]], 0.95).is_err());
    }
}
