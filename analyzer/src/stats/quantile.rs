//! Type-7 quantiles, and intervals of quantiles by order statistics.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Interval, Result, StatsError, check};

/// Below this n no 95 % order-statistic interval of the median exists (2 / 2^5 > .05), and none of another
/// level is given either.
pub const LEAST_N_OF_AN_INTERVAL: usize = 6;

/// An interval of the median with the coverage that it really has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianInterval {
    /// Two order statistics, equally far from both ends of the sample.
    pub interval: Interval,
    /// Probability that a continuous distribution's median lies inside: at least the level asked for.
    pub coverage: f64,
}

/// An interval of a quantile; near the end of a sample one side has no bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileInterval {
    /// Lower bound; `None` when the sample has no value low enough to be one.
    pub lo: Option<f64>,
    /// Upper bound; `None` when the sample has no value high enough to be one.
    pub hi: Option<f64>,
    /// Probability that a continuous distribution's quantile lies inside: at least the level asked for.
    pub coverage: f64,
}

/// Type-7 quantile (Hyndman & Fan 1996, the default of R and NumPy): linear between the order
/// statistics around rank `1 + (n - 1) p`. `p` from 0 to 1 inclusive; `None` for an empty slice.
pub fn quantile(values: &[f64], p: f64) -> Result<Option<f64>> {
    Ok(quantiles(values, &[p])?.map(|q| q[0]))
}

/// Several type-7 quantiles with one sort, in the order of `ps`; `None` for an empty slice.
pub fn quantiles(values: &[f64], ps: &[f64]) -> Result<Option<Vec<f64>>> {
    check::values(values)?;
    for &p in ps {
        if !(0.0..=1.0).contains(&p) {
            return Err(StatsError::NotAFraction { name: "quantile", value: p });
        }
    }
    if values.is_empty() {
        return Ok(None);
    }
    let sorted = check::sorted(values);
    Ok(Some(ps.iter().map(|&p| of_sorted(&sorted, p)).collect()))
}

/// Median: the type-7 quantile at one half. `None` for an empty slice.
pub fn median(values: &[f64]) -> Result<Option<f64>> {
    quantile(values, 0.5)
}

/// Conservative, symmetric order-statistic interval of the median: `[x(r), x(n+1-r)]` with the largest r for
/// which `P(Binomial(n, 1/2) <= r - 1) <= (1 - level)/2` (the sign test inverted; Conover 1999, section 3.2).
///
/// `None` below n = 6, and where no interval of the level exists at this n.
pub fn median_interval(values: &[f64], level: f64) -> Result<Option<MedianInterval>> {
    check::values(values)?;
    check::fraction("level", level)?;
    let n = values.len();
    if n < LEAST_N_OF_AN_INTERVAL {
        return Ok(None);
    }
    let Some(rank) = lower_rank(n, 0.5, (1.0 - level) / 2.0) else {
        return Ok(None);
    };
    let sorted = check::sorted(values);
    let interval = Interval { lo: sorted[rank - 1], hi: sorted[n - rank] };
    Ok(Some(MedianInterval { interval, coverage: 1.0 - 2.0 * binomial(n, 0.5).cdf(rank as u64 - 1) }))
}

/// Conservative order-statistic interval of the p-quantile, each side with at most half of `1 - level`
/// outside: lower end x(r), r the largest with `P(Bin(n, p) <= r - 1) <= (1 - level)/2`; upper end x(s), s the
/// smallest with `P(Bin(n, p) >= s) <= (1 - level)/2` (Conover 1999, section 3.2).
///
/// `None` below n = 6 and where neither bound exists.
pub fn quantile_interval(values: &[f64], p: f64, level: f64) -> Result<Option<QuantileInterval>> {
    check::values(values)?;
    check::fraction("quantile", p)?;
    check::fraction("level", level)?;
    let n = values.len();
    if n < LEAST_N_OF_AN_INTERVAL {
        return Ok(None);
    }
    let tail = (1.0 - level) / 2.0;
    // The upper end is the lower end of the mirrored sample: P(Bin(n, p) >= s) = P(Bin(n, 1 - p) <= n - s).
    let (below, above) = (lower_rank(n, p, tail), lower_rank(n, 1.0 - p, tail));
    if below.is_none() && above.is_none() {
        return Ok(None);
    }
    let sorted = check::sorted(values);
    let missed = |rank: Option<usize>, p: f64| rank.map_or(0.0, |r| binomial(n, p).cdf(r as u64 - 1));
    Ok(Some(QuantileInterval {
        lo: below.map(|r| sorted[r - 1]),
        hi: above.map(|r| sorted[n - r]),
        coverage: 1.0 - missed(below, p) - missed(above, 1.0 - p),
    }))
}

/// Type-7 quantile of values already in ascending order, at least one.
pub(super) fn of_sorted(sorted: &[f64], p: f64) -> f64 {
    let h = (sorted.len() - 1) as f64 * p;
    let below = h.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (h - h.floor()) * (sorted[above] - sorted[below]) + 0.0
}

fn binomial(n: usize, p: f64) -> Binomial {
    Binomial::new(p, n as u64).expect("callers have checked that p is a fraction")
}

/// The largest rank r >= 1 with `P(Binomial(n, p) <= r - 1) <= tail`, by bisection over the monotone tail.
fn lower_rank(n: usize, p: f64, tail: f64) -> Option<usize> {
    let binomial = binomial(n, p);
    let fits = |rank: usize| binomial.cdf(rank as u64 - 1) <= tail * check::ROUNDING;
    if !fits(1) {
        return None;
    }
    // Rank n + 1 would have probability 1 below it.
    let (mut good, mut bad) = (1, n + 1);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if fits(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_six_values_there_is_no_interval_at_any_level() {
        for n in 0..6 {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            for level in [0.5, 0.8, 0.9, 0.95] {
                assert_eq!(median_interval(&values, level).unwrap(), None);
                assert_eq!(quantile_interval(&values, 0.5, level).unwrap(), None);
            }
        }
    }

    #[test]
    fn six_values_give_their_range_with_its_real_coverage() {
        let ci = median_interval(&[5.0, 1.0, 4.0, 2.0, 6.0, 3.0], 0.95).unwrap().unwrap();
        assert_eq!(ci.interval, Interval { lo: 1.0, hi: 6.0 });
        assert!((ci.coverage - 0.96875).abs() < 1e-12);
        assert_eq!(median_interval(&[5.0, 1.0, 4.0, 2.0, 6.0, 3.0], 0.99).unwrap(), None);
    }

    #[test]
    fn a_tail_probability_equal_to_its_bound_counts_as_inside() {
        // P(Bin(6, 1/2) <= 0) = 1/64 is exactly half of 1 - 31/32.
        assert!(median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.96875).unwrap().is_some());
    }

    #[test]
    fn a_high_quantile_of_a_small_sample_has_no_upper_bound() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        let ci = quantile_interval(&values, 0.95, 0.95).unwrap().unwrap();
        assert_eq!(ci.hi, None);
        assert!(ci.lo.is_some());
        assert!(ci.coverage >= 0.95);
    }

    #[test]
    fn unsound_input_is_an_error() {
        assert!(quantile(&[1.0, f64::NAN], 0.5).is_err());
        assert!(quantile(&[1.0], 1.5).is_err());
        assert!(quantile(&[1.0], f64::NAN).is_err());
        assert!(median_interval(&[f64::NAN; 8], 0.95).is_err());
        assert!(median_interval(&[1.0; 8], 95.0).is_err());
    }
}
