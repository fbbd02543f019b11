//! Order statistics of a family of numbers that is too large to write down.

use super::Interval;

/// A family of numbers of which only "how many are <= x" is known: Walsh averages, pairwise differences.
pub(super) trait Family {
    /// Number of members, at least 1.
    fn len(&self) -> u64;

    /// The least and the greatest member.
    fn ends(&self) -> (f64, f64);

    /// How many members are <= x.
    fn count_le(&self, x: f64) -> u64;

    /// The k-th smallest member, from 1.
    fn smallest(&self, k: u64) -> f64 {
        let (lo, hi) = self.ends();
        smallest(k, lo, hi, |x| self.count_le(x))
    }

    /// The middle member, or the mean of the two middle ones.
    fn median(&self) -> f64 {
        let (below, above) = (self.len().div_ceil(2), self.len() / 2 + 1);
        let below_value = self.smallest(below);
        if below == above { below_value } else { (below_value + self.smallest(above)) / 2.0 }
    }

    /// From the k-th smallest to the k-th largest member.
    fn interval(&self, k: u64) -> Interval {
        Interval { lo: self.smallest(k), hi: self.smallest(self.len() + 1 - k) }
    }
}

/// Maps a float to an integer of the same order.
fn to_ordered(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The inverse of [`to_ordered`].
fn from_ordered(ordered: i64) -> f64 {
    f64::from_bits((ordered ^ (((ordered >> 63) as u64) >> 1) as i64) as u64)
}

/// The k-th smallest (from 1) member of a multiset between `lo` and `hi`, of which only
/// `count_le(x)` = "how many members are <= x" is known. `k` must not exceed the number of members.
fn smallest(k: u64, lo: f64, hi: f64, count_le: impl Fn(f64) -> u64) -> f64 {
    first(lo, hi, |x| count_le(x) >= k)
}

/// The least float of `[lo, hi]` at which `holds`, which is false below some point and true from there on; `hi` where it
/// holds nowhere.
///
/// Bisection over the bit patterns of f64: at most 64 calls, and the answer is exact, not to a tolerance.
pub(super) fn first(lo: f64, hi: f64, holds: impl Fn(f64) -> bool) -> f64 {
    // 0.0 and -0.0 are one number but two patterns: adding 0.0 returns the positive one.
    if holds(lo) {
        return lo + 0.0;
    }
    let (mut lo, mut hi) = (to_ordered(lo), to_ordered(hi));
    // Invariant: not at lo, and at hi or nowhere.
    while i128::from(hi) - i128::from(lo) > 1 {
        let middle = i128::midpoint(i128::from(lo), i128::from(hi)) as i64;
        if holds(from_ordered(middle)) { hi = middle } else { lo = middle }
    }
    from_ordered(hi) + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_statistic_of_a_small_multiset_is_found() {
        let sorted = [-3.5, -1.0, -0.0, 0.0, 0.0, 1e-300, 2.0, 2.0, 7.25];
        let count = |x: f64| sorted.iter().filter(|v| **v <= x).count() as u64;
        for (i, expected) in sorted.iter().enumerate() {
            assert_eq!(smallest(i as u64 + 1, -3.5, 7.25, count), *expected);
        }
    }

    #[test]
    fn one_value_is_its_own_order_statistic() {
        for value in [-4.0, 0.0, 1e-308, 3.0] {
            assert_eq!(smallest(1, value, value, |x| u64::from(value <= x)), value);
        }
    }
}
