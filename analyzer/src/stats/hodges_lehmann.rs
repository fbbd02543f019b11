//! The Hodges-Lehmann pseudo-median of within-block differences: the headline estimate.

use super::kth::Family;
use super::{Estimate, Interval, Result, check, normal, wilcoxon::SignedRankDistribution};

/// Hodges-Lehmann pseudo-median: the median of the n(n+1)/2 Walsh averages (d_i + d_j)/2, i <= j
/// (Hodges & Lehmann 1963). `None` for an empty slice.
///
/// One block in three may be wildly off (breakdown .29) and the estimate still stays among the sound ones.
pub fn pseudo_median(differences: &[f64]) -> Result<Option<f64>> {
    check::values(differences)?;
    Ok((!differences.is_empty()).then(|| Walsh::new(differences).median()))
}

/// Interval of the pseudo-median: the k-th smallest and k-th largest Walsh average, k the largest with
/// `P(T+ <= k - 1) <= (1 - level)/2` under the signed-rank distribution (Tukey 1949; Hollander, Wolfe & Chicken 2014,
/// section 3.3). Exact by counting up to n = 50, normal approximation with continuity correction above.
///
/// With ties its coverage is at least the level. `None` where no interval of the level exists: below n = 6 for 95 %,
/// below n = 5 for 90 % (see [`least_n`]).
pub fn pseudo_median_interval(differences: &[f64], level: f64) -> Result<Option<Interval>> {
    check::values(differences)?;
    check::fraction("level", level)?;
    Ok(lower_rank(differences.len(), (1.0 - level) / 2.0).map(|k| Walsh::new(differences).interval(k)))
}

/// Pseudo-median with its interval, see [`pseudo_median`] and [`pseudo_median_interval`]; `None` for an empty slice.
pub fn hodges_lehmann(differences: &[f64], level: f64) -> Result<Option<Estimate>> {
    let ci = pseudo_median_interval(differences, level)?;
    Ok(pseudo_median(differences)?.map(|value| Estimate { value, ci }))
}

/// The least number of blocks for which an interval of `level` exists: the least n with 2^-n <= (1 - level)/2.
pub fn least_n(level: f64) -> Result<usize> {
    check::fraction("level", level)?;
    let tail = (1.0 - level) / 2.0;
    Ok((1..).find(|&n| lower_rank(n, tail).is_some()).expect("2^-n falls below every positive tail"))
}

/// Largest k >= 1 with P(T+ <= k - 1) <= tail: exact where it can be counted, else
/// `floor(mean + 1/2 - z sd)` of the normal approximation.
fn lower_rank(n: usize, tail: f64) -> Option<u64> {
    if let Some(null) = SignedRankDistribution::new(n) {
        return null.lower_rank(tail).map(|k| k as u64);
    }
    let n = n as f64;
    let (mean, sd) = (n * (n + 1.0) / 4.0, (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt());
    let k = (mean + 0.5 + normal::inverse(tail) * sd).floor();
    (k >= 1.0).then_some(k as u64)
}

/// The multiset of Walsh averages, never written down.
struct Walsh {
    sorted: Vec<f64>,
}

impl Walsh {
    fn new(differences: &[f64]) -> Self {
        Self { sorted: check::sorted(differences) }
    }
}

impl Family for Walsh {
    fn len(&self) -> u64 {
        let n = self.sorted.len() as u64;
        n * (n + 1) / 2
    }

    /// How many Walsh averages are <= x: one walk along the border, O(n).
    fn count_le(&self, x: f64) -> u64 {
        let d = &self.sorted;
        let (mut count, mut end) = (0, d.len());
        for (i, low) in d.iter().enumerate() {
            while end > i && (low + d[end - 1]) / 2.0 > x {
                end -= 1;
            }
            if end <= i {
                break;
            }
            count += (end - i) as u64;
        }
        count
    }

    fn ends(&self) -> (f64, f64) {
        (self.sorted[0], self.sorted[self.sorted.len() - 1])
    }
}

#[cfg(test)]
mod tests;
