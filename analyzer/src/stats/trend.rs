//! Drift over the run order: Kendall's tau and the Theil-Sen slope against 0, 1, 2, ...

use super::{Result, check, normal};

/// Up to here the null distribution of tau is counted: 33! permutations still fit in a u128.
pub const LARGEST_EXACT_N: usize = 33;

/// Above this n no slope is given: the two million slopes of 2,000 values take 16 MB while their median is found.
pub const LARGEST_N_OF_A_SLOPE: usize = 2000;

/// Kendall's rank correlation of a series with its order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KendallTrend {
    /// tau-b, from -1 (falls at every step) to 1 (rises at every step).
    pub tau: f64,
    /// Two-sided p.
    pub p: f64,
}

/// Kendall's tau-b against the run order (Kendall 1945; as a test for trend, Mann 1945):
/// `(C - D) / sqrt(N (N - T))` with C pairs that rise, D that fall, T that are tied, N = n (n - 1) / 2.
///
/// p without ties is exact for n <= 33 or where at most one pair falls or rises: the permutations with so few
/// falling pairs (or rising ones) are counted (Kendall 1970). Else it comes from the normal approximation of C - D with
/// variance `[n (n - 1)(2n + 5) - sum t (t - 1)(2t + 5)] / 18` over the groups of t equal values, without continuity
/// correction. `None` below two values and for constant data.
pub fn kendall(values: &[f64]) -> Result<Option<KendallTrend>> {
    check::finite(values)?;
    if values.len() < 2 || check::constant(values) {
        return Ok(None);
    }
    let mut sorted = values.to_vec();
    let falling = sort_and_count(&mut sorted, &mut values.to_vec());
    let (mut tied, mut tie_term) = (0, 0.0);
    for group in sorted.chunk_by(|one, next| one == next) {
        tied += pairs(group.len());
        tie_term += spread(group.len());
    }
    let n = values.len();
    let untied = pairs(n) - tied;
    let rising = untied - falling;
    let score = rising as f64 - falling as f64;
    let tau = (score / (pairs(n) as f64).sqrt() / (untied as f64).sqrt()).clamp(-1.0, 1.0);
    let fewer = rising.min(falling);
    let p = if tied == 0 && (n <= LARGEST_EXACT_N || fewer <= 1) {
        exact_p(n, fewer)
    } else {
        let sd = ((spread(n) - tie_term) / 18.0).sqrt();
        2.0 * normal::upper(score.abs() / sd)
    };
    Ok(Some(KendallTrend { tau, p: p.min(1.0) }))
}

/// Theil-Sen slope: the median of the slopes `(x_j - x_i) / (j - i)` of all pairs i < j, unit of the data per step of the
/// order (Theil 1950; Sen 1968). 0 for constant data; `None` below two values and above 2,000.
pub fn theil_sen(values: &[f64]) -> Result<Option<f64>> {
    check::values(values)?;
    let n = values.len();
    if !(2..=LARGEST_N_OF_A_SLOPE).contains(&n) {
        return Ok(None);
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for steps in 1..n {
        slopes.extend(values.iter().zip(&values[steps..]).map(|(early, late)| (late - early) / steps as f64));
    }
    let (middle, even) = (slopes.len() / 2, slopes.len() % 2 == 0);
    let (below, median, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *median;
    let lower = if even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { upper };
    Ok(Some((lower + upper) / 2.0 + 0.0))
}

/// Number of pairs among n.
fn pairs(n: usize) -> u64 {
    n as u64 * (n as u64 - 1) / 2
}

/// n (n - 1)(2n + 5).
fn spread(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0)
}

/// Sorts by merging and returns how many pairs were strictly falling (Knight 1966); `scratch` is as long as `values`.
fn sort_and_count(values: &mut [f64], scratch: &mut [f64]) -> u64 {
    let n = values.len();
    if n < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(n / 2);
    let (scratch_left, scratch_right) = scratch.split_at_mut(n / 2);
    let mut falling = sort_and_count(left, scratch_left) + sort_and_count(right, scratch_right);
    let (mut i, mut j) = (0, 0);
    for place in scratch.iter_mut() {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            *place = left[i];
            i += 1;
        } else {
            // Everything left in the first half is larger and came earlier.
            falling += (left.len() - i) as u64;
            *place = right[j];
            j += 1;
        }
    }
    values.copy_from_slice(scratch);
    falling
}

/// Share of the n! permutations with at most `fewer` falling pairs, twice: both directions.
fn exact_p(n: usize, fewer: u64) -> f64 {
    // 1 permutation has no falling pair, n - 1 have one.
    if fewer <= 1 {
        let permutations_per_hit = (2..=n as u64 - fewer).map(|k| k as f64).product::<f64>();
        return 2.0 / permutations_per_hit;
    }
    // at_most[d] = permutations of the first k values with at most d falling pairs; the k-th value adds 0 to k - 1.
    let fewer = fewer as usize;
    let mut at_most = vec![1u128; fewer + 1];
    for k in 2..=n {
        // From "at most d" to "exactly d" to sums over k neighbours: differences of "at most", summed again.
        for d in (k..=fewer).rev() {
            at_most[d] -= at_most[d - k];
        }
        for d in 1..=fewer {
            at_most[d] += at_most[d - 1];
        }
    }
    let all: u128 = (1..=n as u128).product();
    2.0 * at_most[fewer] as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many permutations of n values have each number of falling pairs, by enumeration.
    fn falling_pairs_of_permutations(n: usize) -> Vec<usize> {
        fn extend(chosen: &mut Vec<usize>, n: usize, falling: usize, counts: &mut [usize]) {
            if chosen.len() == n {
                counts[falling] += 1;
                return;
            }
            for next in (0..n).filter(|v| !chosen.contains(v)).collect::<Vec<_>>() {
                let larger_before = chosen.iter().filter(|v| **v > next).count();
                chosen.push(next);
                extend(chosen, n, falling + larger_before, counts);
                chosen.pop();
            }
        }
        let mut counts = vec![0; n * (n - 1) / 2 + 1];
        extend(&mut Vec::new(), n, 0, &mut counts);
        counts
    }

    #[test]
    fn exact_p_is_the_share_of_the_permutations() {
        for n in 2..=7 {
            let counts = falling_pairs_of_permutations(n);
            let all: usize = counts.iter().sum();
            for fewer in 0..=(counts.len() - 1) / 2 {
                let at_most: usize = counts[..=fewer].iter().sum();
                let expected = 2.0 * at_most as f64 / all as f64;
                assert!((exact_p(n, fewer as u64) - expected).abs() < 1e-14, "n = {n}, {fewer}");
            }
        }
    }

    #[test]
    fn falling_pairs_are_counted_and_ties_are_not() {
        let values = [2.0, 7.0, 1.0, 2.0, -0.0, 0.0, 9.0, 7.0, 3.0];
        let by_hand =
            (0..9).flat_map(|i| (i..9).map(move |j| (i, j))).filter(|&(i, j)| values[i] > values[j]);
        let mut sorted = values;
        assert_eq!(sort_and_count(&mut sorted, &mut [0.0; 9]), by_hand.count() as u64);
        assert!(sorted.is_sorted());
    }

    #[test]
    fn a_steady_rise_is_certain_and_its_slope_exact() {
        let rising: Vec<f64> = (0..400).map(|t| 3.0 + 0.25 * f64::from(t)).collect();
        assert_eq!(kendall(&rising).unwrap(), Some(KendallTrend { tau: 1.0, p: 0.0 }));
        assert_eq!(theil_sen(&rising).unwrap(), Some(0.25));
        let falling: Vec<f64> = rising.iter().rev().copied().collect();
        assert_eq!(kendall(&falling).unwrap().unwrap().tau, -1.0);
        assert_eq!(theil_sen(&falling).unwrap(), Some(-0.25));
    }

    #[test]
    fn too_few_too_many_or_constant_values() {
        for values in [&[][..], &[1.0]] {
            assert_eq!((kendall(values).unwrap(), theil_sen(values).unwrap()), (None, None));
        }
        assert_eq!((kendall(&[0.1; 9]).unwrap(), theil_sen(&[0.1; 9]).unwrap()), (None, Some(0.0)));
        let many: Vec<f64> = (0..=LARGEST_N_OF_A_SLOPE).map(|t| (t * 7919 % 2003) as f64).collect();
        assert_eq!(theil_sen(&many).unwrap(), None);
        assert!(theil_sen(&many[1..]).unwrap().is_some());
        assert!(kendall(&many).unwrap().is_some());
        assert!(kendall(&[1.0, f64::NAN]).is_err() && theil_sen(&[1.0, f64::INFINITY]).is_err());
    }

    #[test]
    fn one_wild_value_moves_the_slope_little() {
        let mut values: Vec<f64> = (0..21).map(|t| 2.0 * f64::from(t)).collect();
        values[20] = 1e100;
        assert_eq!(theil_sen(&values).unwrap(), Some(2.0));
    }
}
