//! Comparisons of all pairs with one simultaneous level.

use super::Interval;
use super::studentized_range::StudentizedRange;

/// Two of several means compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairDifference {
    /// Place of the first, from 0.
    pub a: usize,
    /// Place of the second, after `a`.
    pub b: usize,
    /// Mean of b minus mean of a, unit of the data.
    pub diff: f64,
    /// p adjusted for all pairs.
    pub p: f64,
    /// Interval of the difference; the level is the chance that all pairs' intervals hold.
    pub ci: Interval,
}

impl PairDifference {
    /// `diff` with the standard error `se` of one mean, so that `|diff| / se` is a studentized range under the null
    /// (Tukey 1953), and the quantile of that range at the level. `None` where a number leaves the range of f64.
    pub(super) fn tukey(
        (a, b): (usize, usize),
        diff: f64,
        se: f64,
        range: &StudentizedRange,
        quantile: f64,
    ) -> Option<Self> {
        let q = diff.abs() / se;
        let half = quantile * se;
        let ci = Interval { lo: diff - half, hi: diff + half };
        (q.is_finite() && ci.lo.is_finite() && ci.hi.is_finite()).then(|| Self {
            a,
            b,
            diff,
            p: range.upper(q),
            ci,
        })
    }
}

/// All pairs (i, j), i < j < k, in ascending order.
pub(super) fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |a| (a + 1..k).map(move |b| (a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_comes_once_in_order() {
        assert_eq!(pairs(3).collect::<Vec<_>>(), vec![(0, 1), (0, 2), (1, 2)]);
        assert_eq!(pairs(1).count() + pairs(0).count(), 0);
    }
}
