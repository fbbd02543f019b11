//! Did a share of failures rise? Fisher's exact test, and how many such tests count.

/// Failures out of so many trials.
pub type Share = (usize, usize);

/// One-sided p of Fisher's exact test (Fisher 1935) for a share that rose: with the sizes of both groups and the number of all
/// failures given, the probability that the second group has at least as many of them as it has.
pub fn rise(before: Share, after: Share) -> f64 {
    let (all, failed) = (before.1 + after.1, before.0 + after.0);
    let most = failed.min(after.1);
    let total = log_choose(all, failed);
    let one = |k: usize| (log_choose(after.1, k) + log_choose(before.1, failed - k) - total).exp();
    let least = after.0.max(failed.saturating_sub(before.1));
    (least..=most).map(one).sum::<f64>().min(1.0)
}

/// The least p that [`rise`] could have with so many failures in all: every one of them in the second group.
pub fn least_p(before: Share, after: Share) -> f64 {
    let failed = before.0 + after.0;
    let there = failed.min(after.1);
    rise((failed - there, before.1), (there, after.1))
}

/// The level of each of several tests so that one of them errs with probability `alpha` at most: `alpha / k`, where at most k
/// of them could reach `alpha / k` at all. Where nothing failed no test counts, so that many cells without a failure do not
/// hide one with failures (Tarone 1990).
pub fn level(alpha: f64, least_ps: &[f64]) -> f64 {
    let counts = |k: usize| least_ps.iter().filter(|p| **p <= alpha / k as f64).count();
    let k = (1..).find(|k| counts(*k) <= *k).unwrap_or(1);
    alpha / k as f64
}

fn log_choose(n: usize, k: usize) -> f64 {
    use statrs::function::factorial::ln_binomial;
    ln_binomial(n as u64, k as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_is_that_of_scipy() {
        // scipy 1.17, fisher_exact([[b, m - b], [a, n - a]], "greater").pvalue
        let known = [
            ((0, 12), (2, 12), 0.239_130_434_782_608_7),
            ((0, 12), (6, 12), 0.006_864_988_558_352_402),
            ((3, 300), (6, 12), 6.042_551_353_974_51e-8),
            ((1, 12), (5, 12), 0.077_476_299_444_262_83),
            ((4, 9), (1, 15), 0.997_035_573_122_529_7),
            ((0, 600), (5, 600), 0.030_989_692_747_297_768),
        ];
        for (before, after, theirs) in known {
            let ours = rise(before, after);
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{before:?} {after:?}: {ours}");
        }
        assert_eq!(rise((0, 5), (0, 7)), 1.0);
        assert_eq!(rise((5, 5), (7, 7)), 1.0);
        assert_eq!(rise((0, 0), (0, 0)), 1.0);
    }

    #[test]
    fn tests_that_cannot_reach_the_level_do_not_count() {
        assert_eq!(level(0.05, &[]), 0.05);
        assert_eq!(level(0.05, &[1.0; 30]), 0.05);
        assert_eq!(level(0.05, &[0.001, 1.0, 1.0]), 0.05);
        assert_eq!(level(0.05, &[0.001, 0.001, 0.04, 1.0]), 0.025);
        assert_eq!(level(0.05, &[0.0; 10]), 0.005);
        assert_eq!(least_p((1, 12), (5, 12)), rise((0, 12), (6, 12)));
    }
}
