//! Two unpaired groups compared within strata: what differs between the strata cannot pass for a difference between
//! the groups.

use super::kth::Family;
use super::{Interval, Result, check, normal, rank_sum, ranks};

/// One stratum: the values of a and of b under the same conditions.
pub type Stratum<'a> = (&'a [f64], &'a [f64]);

/// Comparison of b with a within strata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratified {
    /// Strata with values on both sides; the others cannot contribute.
    pub strata: usize,
    /// Values of a and of b in these strata.
    pub n: (usize, usize),
    /// Median of all differences b - a taken within a stratum.
    pub shift: f64,
    /// Two-sided p of the sum of the strata's rank-sum statistics, normal approximation.
    pub p: f64,
}

/// The rank-sum test and its Hodges-Lehmann shift within strata. The statistic is the sum over the strata of Mann and
/// Whitney's U, with the sum of their means and of their tie-corrected variances (Lehmann 1975, section 3.3; for strata
/// of equal sizes this is the test of van Elteren 1960), continuity-corrected. `None` without a stratum that has both.
pub fn stratified(strata: &[Stratum]) -> Result<Option<Stratified>> {
    let Some(differences) = Differences::new(strata)? else { return Ok(None) };
    let distance = ((differences.above() - differences.mean()).abs() - 0.5).max(0.0);
    let sd = differences.sd;
    let p = if sd == 0.0 { 1.0 } else { (2.0 * normal::upper(distance / sd)).min(1.0) };
    Ok(Some(Stratified {
        strata: differences.strata.len(),
        n: differences.n,
        shift: differences.median(),
        p,
    }))
}

/// Interval of the shift by inversion of that test: the k-th smallest and k-th largest of the differences within
/// strata, `k = floor(mean + 1/2 + z((1 - level)/2) sd)`, as for one stratum (Hollander, Wolfe & Chicken 2014, section
/// 4.3). `None` where k is under 1 and where no stratum has both sides.
pub fn stratified_interval(strata: &[Stratum], level: f64) -> Result<Option<Interval>> {
    check::fraction("level", level)?;
    let Some(differences) = Differences::new(strata)? else { return Ok(None) };
    let k = (differences.mean() + 0.5 + normal::inverse((1.0 - level) / 2.0) * differences.sd).floor();
    Ok((k >= 1.0).then(|| differences.interval(k as u64)))
}

/// The multiset of differences b_j - a_i within strata, never written down.
struct Differences {
    /// Sorted values of a and b.
    strata: Vec<(Vec<f64>, Vec<f64>)>,
    n: (usize, usize),
    sd: f64,
}

impl Differences {
    fn new(strata: &[Stratum]) -> Result<Option<Self>> {
        let mut kept = Vec::new();
        let (mut n, mut variance) = ((0, 0), 0.0);
        for (a, b) in strata {
            check::values(a)?;
            check::values(b)?;
            if a.is_empty() || b.is_empty() {
                continue;
            }
            let together: Vec<f64> = a.iter().chain(*b).copied().collect();
            let tie_term = ranks::average(&together).tie_term;
            variance += rank_sum::standard_deviation(a.len(), b.len(), tie_term).powi(2);
            n = (n.0 + a.len(), n.1 + b.len());
            kept.push((check::sorted(a), check::sorted(b)));
        }
        Ok((!kept.is_empty()).then(|| Self { strata: kept, n, sd: variance.sqrt() }))
    }

    /// Mean of the statistic when a and b are alike.
    fn mean(&self) -> f64 {
        self.len() as f64 / 2.0
    }

    /// The statistic: pairs with b above a; equal pairs count one half.
    fn above(&self) -> f64 {
        let of = |(a, b): &(Vec<f64>, Vec<f64>)| -> f64 {
            let below = |b: &f64| (a.partition_point(|a| a < b) + a.partition_point(|a| a <= b)) as f64 / 2.0;
            b.iter().map(below).sum()
        };
        self.strata.iter().map(of).sum()
    }
}

impl Family for Differences {
    fn len(&self) -> u64 {
        self.strata.iter().map(|(a, b)| a.len() as u64 * b.len() as u64).sum()
    }

    /// How many differences are <= x.
    fn count_le(&self, x: f64) -> u64 {
        let of = |(a, b): &(Vec<f64>, Vec<f64>)| -> u64 {
            b.iter().map(|b| (a.len() - a.partition_point(|a| b - a > x)) as u64).sum()
        };
        self.strata.iter().map(of).sum()
    }

    fn ends(&self) -> (f64, f64) {
        let ends = |(a, b): &(Vec<f64>, Vec<f64>)| (b[0] - a[a.len() - 1], b[b.len() - 1] - a[0]);
        let widest = |(lo, hi): (f64, f64), (l, h): (f64, f64)| (lo.min(l), hi.max(h));
        self.strata.iter().map(ends).fold((f64::INFINITY, f64::NEG_INFINITY), widest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{rank_sum::mann_whitney, shift::shift};

    #[test]
    fn one_stratum_is_the_plain_test() {
        let (a, b) = ([1.0, 2.0, 2.0, 5.0], [2.0, 3.0, 8.0]);
        let ours = stratified(&[(&a, &b)]).unwrap().unwrap();
        assert_eq!(ours.shift, shift(&a, &b).unwrap().unwrap());
        assert!((ours.p - mann_whitney(&a, &b).unwrap().unwrap().p_asymptotic).abs() < 1e-14);
    }

    #[test]
    fn a_difference_between_strata_is_no_difference_between_groups() {
        let low = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let high = low.map(|v| v + 1000.0);
        let ours = stratified(&[(&low, &low[..2]), (&high[..2], &high), (&[], &high)]).unwrap().unwrap();
        assert_eq!((ours.strata, ours.n), (2, (8, 8)));
        assert!(ours.shift.abs() < 3.0, "{}", ours.shift);
    }

    #[test]
    fn without_a_shared_stratum_there_is_nothing_to_compare() {
        assert_eq!(stratified(&[(&[1.0], &[]), (&[], &[2.0])]).unwrap(), None);
        assert_eq!(stratified_interval(&[(&[1.0], &[2.0])], 0.95).unwrap(), None);
        assert_eq!(stratified(&[(&[2.0; 4], &[2.0; 4])]).unwrap().unwrap().p, 1.0);
        assert!(stratified(&[(&[f64::NAN], &[2.0])]).is_err());
    }
}
