//! The rank-sum distribution by counting, and the Mann-Whitney test.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Result, check, normal, ranks};

/// The null distribution is counted while neither sample is larger than this.
pub const LARGEST_EXACT_N: usize = 200;

/// Null distribution of Mann and Whitney's U for two samples without ties.
#[derive(Debug, Clone)]
pub struct RankSumDistribution {
    largest: usize,
    /// Number of arrangements with U <= u, for u in the lower half only: the rest is its mirror image.
    at_most: Arc<[f64]>,
    arrangements: f64,
}

impl RankSumDistribution {
    /// Counts by the recurrence `c(m, n; u) = c(m - 1, n; u - n) + c(m, n - 1; u)` (Mann & Whitney 1947), additions
    /// only, so that no digit is lost. `None` when a sample is empty or larger than 200.
    pub fn new(n1: usize, n2: usize) -> Option<Self> {
        if n1 == 0 || n2 == 0 || n1 > LARGEST_EXACT_N || n2 > LARGEST_EXACT_N {
            return None;
        }
        let mut last = LAST_COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((sizes, distribution)) = &*last
            && *sizes == (n1, n2)
        {
            return Some(distribution.clone());
        }
        let mut at_most = counts(n1, n2);
        for u in 1..at_most.len() {
            at_most[u] += at_most[u - 1];
        }
        let arrangements = (1..=n1).fold(1.0, |c, i| c * (n2 + i) as f64 / i as f64);
        let distribution = Self { largest: n1 * n2, at_most: at_most.into(), arrangements };
        *last = Some(((n1, n2), distribution.clone()));
        Some(distribution)
    }

    /// P(U <= u).
    pub fn cdf(&self, u: usize) -> f64 {
        match self.at_most.get(u) {
            Some(count) => count / self.arrangements,
            None if u >= self.largest => 1.0,
            None => 1.0 - self.at_most[self.largest - u - 1] / self.arrangements,
        }
    }

    /// The largest k >= 1 with P(U <= k - 1) <= `tail`, tail below one half; `None` where not even U = 0 is that rare.
    pub fn lower_rank(&self, tail: f64) -> Option<usize> {
        let bound = tail * self.arrangements * check::ROUNDING;
        Some(self.at_most.iter().take_while(|count| **count <= bound).count()).filter(|k| *k > 0)
    }
}

/// Every pair of a table of equal groups asks for the same distribution, and for each of its intervals: 200 and 200
/// values take a tenth of a second to count.
static LAST_COUNTED: Mutex<Option<((usize, usize), RankSumDistribution)>> = Mutex::new(None);

/// The lower half of `c(n1, n2; .)`.
fn counts(n1: usize, n2: usize) -> Vec<f64> {
    // by_n[n] = the lower half of c(m, n; .) for the current m.
    let mut by_n: Vec<Vec<f64>> = vec![vec![1.0]; n2 + 1];
    for m in 1..=n1 {
        for n in 1..=n2 {
            let (before, from) = by_n.split_at_mut(n);
            let (smaller_n, counts) = (&before[n - 1], &mut from[0]);
            let len = m * n / 2 + 1;
            // c(m - 1, n; u - n), in place.
            let shift = n.min(len);
            let kept = counts.len().min(len - shift);
            counts.resize(len, 0.0);
            counts.copy_within(..kept, shift);
            counts[..shift].fill(0.0);
            // c(m, n - 1; u): the lower half and its mirror image, whose middle value comes once.
            let (lower, upper) = counts.split_at_mut(smaller_n.len().min(len));
            let middle = usize::from(m * (n - 1) % 2 == 0);
            lower.iter_mut().zip(smaller_n).for_each(|(count, smaller)| *count += smaller);
            let mirrored = smaller_n.iter().rev().skip(middle);
            upper.iter_mut().zip(mirrored).for_each(|(count, smaller)| *count += smaller);
        }
    }
    by_n.swap_remove(n2)
}

/// Result of the Mann-Whitney test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSumTest {
    /// Number of pairs (a, b) with b above a; equal pairs count one half.
    pub u_b: f64,
    /// Two-sided exact p; `None` with ties or a sample above 200.
    pub p_exact: Option<f64>,
    /// Two-sided p of the normal approximation with tie and continuity correction.
    pub p_asymptotic: f64,
}

impl RankSumTest {
    /// The p value to use: the exact one where it exists.
    pub fn p(&self) -> f64 {
        self.p_exact.unwrap_or(self.p_asymptotic)
    }
}

/// Mann-Whitney test of b against a, two-sided (Mann & Whitney 1947; ties as in Hollander, Wolfe & Chicken 2014,
/// section 4.1). `None` when a sample is empty; p = 1 when every value is the same.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Result<Option<RankSumTest>> {
    check::values(a)?;
    check::values(b)?;
    if a.is_empty() || b.is_empty() {
        return Ok(None);
    }
    let together: Vec<f64> = a.iter().chain(b).copied().collect();
    let ranked = ranks::average(&together);
    let (n1, n2) = (a.len() as f64, b.len() as f64);
    let rank_sum: f64 = ranked.ranks[a.len()..].iter().sum();
    let u_b = rank_sum - n2 * (n2 + 1.0) / 2.0;

    let p_exact = if ranked.tie_term == 0.0 {
        RankSumDistribution::new(a.len(), b.len())
            .map(|null| (2.0 * null.cdf(u_b.min(n1 * n2 - u_b) as usize)).min(1.0))
    } else {
        None
    };
    let sd = standard_deviation(a.len(), b.len(), ranked.tie_term);
    let distance = ((u_b - n1 * n2 / 2.0).abs() - 0.5).max(0.0);
    let p_asymptotic = if sd == 0.0 { 1.0 } else { (2.0 * normal::upper(distance / sd)).min(1.0) };
    Ok(Some(RankSumTest { u_b, p_exact, p_asymptotic }))
}

/// Standard deviation of U, corrected for ties; `tie_term` = sum of t^3 - t. Zero when every value is the same.
pub(super) fn standard_deviation(n1: usize, n2: usize, tie_term: f64) -> f64 {
    let (n1, n2) = (n1 as f64, n2 as f64);
    let total = n1 + n2;
    let spread = total + 1.0 - tie_term / (total * (total - 1.0));
    (n1 * n2 / 12.0 * spread.max(0.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All ways to place n1 of n1 + n2 ranks, by enumeration.
    fn enumerated(n1: usize, n2: usize) -> Vec<f64> {
        let mut counts = vec![0.0; n1 * n2 + 1];
        for mask in 0u32..1 << (n1 + n2) {
            if mask.count_ones() as usize == n1 {
                let above = |i: usize| (mask & ((1 << i) - 1)).count_zeros() as usize - (32 - i);
                let u: usize = (0..n1 + n2).filter(|i| mask >> i & 1 == 1).map(above).sum();
                counts[u] += 1.0;
            }
        }
        counts
    }

    #[test]
    fn counts_equal_enumeration_for_every_small_pair_of_sizes() {
        for n1 in 1..=6 {
            for n2 in 1..=6 {
                let (null, counts) = (RankSumDistribution::new(n1, n2).unwrap(), enumerated(n1, n2));
                let total: f64 = counts.iter().sum();
                let mut so_far = 0.0;
                for (u, count) in counts.iter().enumerate() {
                    so_far += count;
                    assert!((null.cdf(u) - so_far / total).abs() < 1e-14, "{n1} {n2} {u}");
                }
            }
        }
    }

    #[test]
    fn the_largest_sizes_are_counted_without_loss() {
        let null = RankSumDistribution::new(200, 200).unwrap();
        // 40,000 is even: the middle value splits so that P(U <= 19,999) + P(U <= 20,000) = 1.
        assert!((null.cdf(19_999) + null.cdf(20_000) - 1.0).abs() < 1e-12);
        assert!((null.cdf(20_000) - 0.5) < 1e-3);
        assert!(RankSumDistribution::new(201, 5).is_none());
    }

    #[test]
    fn fully_separated_samples_have_the_smallest_p_whichever_side_is_larger() {
        let (few, many) = ([1.0, 2.0, 3.0], [11.0, 12.0, 13.0, 14.0, 15.0]);
        let up = mann_whitney(&few, &many).unwrap().unwrap();
        let down = mann_whitney(&many, &few).unwrap().unwrap();
        assert_eq!((up.u_b, down.u_b), (15.0, 0.0));
        assert!((up.p_exact.unwrap() - 2.0 / 56.0).abs() < 1e-15);
        assert_eq!(up.p_exact, down.p_exact);
    }

    #[test]
    fn equal_values_everywhere_are_no_evidence() {
        let test = mann_whitney(&[2.0; 8], &[2.0; 9]).unwrap().unwrap();
        assert_eq!((test.p_exact, test.p_asymptotic, test.u_b), (None, 1.0, 36.0));
        assert_eq!(mann_whitney(&[], &[1.0]).unwrap(), None);
    }
}
