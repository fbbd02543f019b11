//! The Hodges-Lehmann shift between two unpaired samples.

use super::kth::Family;
use super::rank_sum::{RankSumDistribution, standard_deviation};
use super::{Estimate, Interval, Result, check, normal, ranks};

/// Hodges-Lehmann shift: the median of all differences b_j - a_i (Hodges & Lehmann 1963).
/// `None` when a sample is empty.
pub fn shift(a: &[f64], b: &[f64]) -> Result<Option<f64>> {
    check::values(a)?;
    check::values(b)?;
    Ok((!a.is_empty() && !b.is_empty()).then(|| Differences::new(a, b).median()))
}

/// Interval of the shift by inversion of the rank-sum test: the k-th smallest and k-th largest of the n1 n2
/// differences, k the largest with `P(U <= k - 1) <= (1 - level)/2` (Moses 1965; Hollander, Wolfe & Chicken 2014,
/// section 4.3). Exact by counting without ties and up to 200 values a side, else the normal approximation with tie
/// and continuity correction. `None` where no interval of the level exists at these sizes.
pub fn shift_interval(a: &[f64], b: &[f64], level: f64) -> Result<Option<Interval>> {
    check::values(a)?;
    check::values(b)?;
    check::fraction("level", level)?;
    if a.is_empty() || b.is_empty() {
        return Ok(None);
    }
    Ok(lower_rank(a, b, (1.0 - level) / 2.0).map(|k| Differences::new(a, b).interval(k)))
}

/// Shift with its interval, see [`shift`] and [`shift_interval`]; `None` when a sample is empty.
pub fn hodges_lehmann_shift(a: &[f64], b: &[f64], level: f64) -> Result<Option<Estimate>> {
    let ci = shift_interval(a, b, level)?;
    Ok(shift(a, b)?.map(|value| Estimate { value, ci }))
}

fn lower_rank(a: &[f64], b: &[f64], tail: f64) -> Option<u64> {
    let together: Vec<f64> = a.iter().chain(b).copied().collect();
    let tie_term = ranks::average(&together).tie_term;
    if tie_term == 0.0
        && let Some(null) = RankSumDistribution::new(a.len(), b.len())
    {
        return null.lower_rank(tail).map(|k| k as u64);
    }
    let mean = a.len() as f64 * b.len() as f64 / 2.0;
    let sd = standard_deviation(a.len(), b.len(), tie_term);
    let k = (mean + 0.5 + normal::inverse(tail) * sd).floor();
    (k >= 1.0).then_some(k as u64)
}

/// The multiset of differences b_j - a_i, never written down.
pub(super) struct Differences {
    a: Vec<f64>,
    b: Vec<f64>,
}

impl Differences {
    pub(super) fn new(a: &[f64], b: &[f64]) -> Self {
        Self { a: check::sorted(a), b: check::sorted(b) }
    }
}

impl Family for Differences {
    fn len(&self) -> u64 {
        self.a.len() as u64 * self.b.len() as u64
    }

    /// How many differences are <= x: as b grows, fewer a are large enough.
    fn count_le(&self, x: f64) -> u64 {
        let (mut count, mut start) = (0, 0);
        for b in &self.b {
            while start < self.a.len() && b - self.a[start] > x {
                start += 1;
            }
            count += (self.a.len() - start) as u64;
        }
        count
    }

    fn ends(&self) -> (f64, f64) {
        (self.b[0] - self.a[self.a.len() - 1], self.b[self.b.len() - 1] - self.a[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_statistic_equals_that_of_the_written_out_differences() {
        let (a, b) = ([0.5, -2.0, 3.25, 0.5], [1.0, -0.0, 0.1, 7.0, -9.0]);
        let all: Vec<f64> = a.iter().flat_map(|a| b.iter().map(move |b| b - a)).collect();
        let differences = Differences::new(&a, &b);
        for (i, expected) in check::sorted(&all).iter().enumerate() {
            assert_eq!(differences.smallest(i as u64 + 1), *expected);
        }
    }

    #[test]
    fn too_few_values_have_a_shift_and_no_interval() {
        let estimate = hodges_lehmann_shift(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 0.95).unwrap().unwrap();
        assert_eq!(estimate, Estimate { value: 3.0, ci: None });
        assert_eq!(hodges_lehmann_shift(&[], &[1.0], 0.95).unwrap(), None);
        assert!(shift(&[f64::NAN], &[1.0]).is_err());
    }

    #[test]
    fn two_constant_samples_give_a_point() {
        let estimate = hodges_lehmann_shift(&[1.0; 6], &[1.5; 6], 0.95).unwrap().unwrap();
        assert_eq!(estimate.ci, Some(Interval::point(0.5)));
    }

    #[test]
    fn swapping_the_samples_mirrors_either_interval() {
        let (a, b) = ([1.0, 4.0, 2.5, 9.0, 3.0, 8.0], [2.0, 7.0, 6.5, 5.0, 10.0, 0.5, 3.5]);
        for interval in [shift_interval, crate::stats::brunner_munzel::shift_interval] {
            let up = interval(&a, &b, 0.95).unwrap().unwrap();
            let down = interval(&b, &a, 0.95).unwrap().unwrap();
            assert_eq!((up.lo, up.hi), (-down.hi, -down.lo));
        }
    }
}
