//! Do trials of a block resemble, or avoid, those shortly before them?
//!
//! The series is every trial's deviation from its block's mean, in run order. Deviations from a mean add up to 0, which
//! alone makes neighbours in a block of k differ (a correlation of -1/k), and bad moments give it heavy tails: no table
//! fits. But the design shuffled the arms inside the blocks, so shuffling the series inside its blocks gives the
//! distribution that the statistics have when the order has no effect (Edgington & Onghena 2007).

use super::mean;
use crate::stats::autocorrelation::{acf1, ljung_box};
use crate::stats::runs::runs_test;
use crate::stats::{self, quantile, shuffle};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What the neighbours show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Neighbours {
    /// Lag-1 autocorrelation minus its mean over all shuffles.
    pub(super) acf1: f64,
    /// p of the Ljung-Box statistic over 10 lags.
    pub(super) ljung_box_p: f64,
    /// p of the number of runs about the median; none where half of the values are the least one.
    pub(super) runs_p: Option<f64>,
}

/// None for too few trials and where no block varies.
pub(super) fn look(blocks: &[Vec<f64>], seed: u64) -> stats::Result<Option<Neighbours>> {
    let blocks: Vec<Vec<f64>> = blocks
        .iter()
        .map(|block| {
            let level = mean(block);
            block.iter().map(|value| value - level).collect()
        })
        .collect();
    let series = blocks.concat();
    let expected_runs = mean_runs(&blocks)?;
    let observed = statistics(&series, expected_runs)?;
    let (Some(r), [Some(_), _]) = (acf1(&series)?, observed) else { return Ok(None) };
    let mut key = *b"........ shuffles inside blocks.";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let (mut shuffled, mut rng) = (blocks.clone(), ChaCha8Rng::from_seed(key));
    let [ljung_box_p, runs_p] = shuffle::p_values(observed, || {
        shuffled.iter_mut().for_each(|block| shuffle::shuffle(block, &mut rng));
        statistics(&shuffled.concat(), expected_runs)
    })?;
    Ok(ljung_box_p.map(|ljung_box_p| Neighbours { acf1: r - mean_acf1(&blocks), ljung_box_p, runs_p }))
}

/// Statistics that are large where the order has an effect.
fn statistics(series: &[f64], expected_runs: f64) -> stats::Result<[Option<f64>; 2]> {
    let runs = runs_test(series)?.map(|test| (test.runs as f64 - expected_runs).abs());
    Ok([ljung_box(series)?.map(|test| test.q), runs])
}

/// Mean number of runs about the median over all shuffles: of k values, a at or above the median, two neighbours lie on
/// different sides with probability `2 a (k - a) / (k (k - 1))`; the ends of two blocks are independent.
fn mean_runs(blocks: &[Vec<f64>]) -> stats::Result<f64> {
    let Some(median) = quantile::median(&blocks.concat())? else { return Ok(0.0) };
    let sides: Vec<(f64, f64)> = blocks
        .iter()
        .map(|block| (block.iter().filter(|d| **d >= median).count() as f64, block.len() as f64))
        .collect();
    let inside = sides.iter().map(|(above, k)| 2.0 * above * (k - above) / k).sum::<f64>();
    let between = sides.windows(2).map(|pair| {
        let [p, q] = [pair[0], pair[1]].map(|(above, k)| above / k);
        p * (1.0 - q) + q * (1.0 - p)
    });
    Ok(1.0 + inside + between.sum::<f64>())
}

/// Mean of the lag-1 autocorrelation over all shuffles: two of k values that add up to 0 have the mean product
/// `-S / (k (k - 1))`, S the sum of their squares, and k - 1 pairs of them are neighbours.
fn mean_acf1(blocks: &[Vec<f64>]) -> f64 {
    let squares = |block: &[f64]| block.iter().map(|d| d * d).sum::<f64>();
    let total: f64 = blocks.iter().map(|block| squares(block)).sum();
    -blocks.iter().map(|block| squares(block) / block.len() as f64).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::Rng;

    fn uniform(rng: &mut ChaCha8Rng) -> f64 {
        (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        (0..12).map(|_| uniform(rng)).sum::<f64>() - 6.0
    }

    /// With bad moments.
    fn noise(rng: &mut ChaCha8Rng) -> f64 {
        let bad_moment = if uniform(rng) < 0.03 { -20.0 } else { 0.0 };
        normal(rng) + bad_moment
    }

    /// How many of the made-up cells have a p value below .05.
    fn rejected(cells: u64, made: impl Fn(&mut ChaCha8Rng) -> Vec<Vec<f64>>) -> [usize; 2] {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut found = [0; 2];
        for seed in 0..cells {
            let near = look(&made(&mut rng), seed).unwrap().unwrap();
            found[0] += usize::from(near.ljung_box_p < 0.05);
            found[1] += usize::from(near.runs_p.unwrap() < 0.05);
        }
        found
    }

    #[test]
    fn an_order_without_effect_is_found_at_the_rate_of_chance() {
        // 12 blocks of 6 with bad moments, and levels that jump from block to block. 10 are expected, sd 3.1.
        let quiet = |rng: &mut ChaCha8Rng| -> Vec<Vec<f64>> {
            (0..12)
                .map(|_| {
                    let level = 5.0 * noise(rng);
                    (0..6).map(|_| level + noise(rng)).collect()
                })
                .collect()
        };
        let found = rejected(200, quiet);
        assert!(found.iter().all(|n| (1..=20).contains(n)), "{found:?}");
    }

    #[test]
    fn neighbours_that_carry_over_are_found() {
        let carried = |rng: &mut ChaCha8Rng| -> Vec<Vec<f64>> {
            (0..20)
                .map(|_| {
                    let mut before = 0.0;
                    let mut next = || {
                        before = 0.8 * before + normal(rng);
                        before
                    };
                    (0..6).map(|_| next()).collect()
                })
                .collect()
        };
        let found = rejected(20, carried);
        assert!(found.iter().all(|n| *n >= 8), "{found:?}");
    }

    #[test]
    fn means_over_all_shuffles_are_those_of_all_permutations() {
        let block = [3.0, -1.0, -4.0, 2.0];
        let (mut sum, mut runs, mut count) = (0.0, 0.0, 0.0);
        for order in 0..256usize {
            let places: Vec<usize> = (0..4).map(|digit| order / 4usize.pow(digit) % 4).collect();
            if (0..4).all(|place| places.contains(&place)) {
                let shuffled: Vec<f64> = places.iter().map(|place| block[*place]).collect();
                sum += acf1(&shuffled).unwrap().unwrap();
                runs += runs_test(&shuffled).unwrap().unwrap().runs as f64;
                count += 1.0;
            }
        }
        let one = vec![block.to_vec()];
        assert!((mean_acf1(&one) - sum / count).abs() < 1e-12);
        assert!((mean_acf1(&one) + 0.25).abs() < 1e-12);
        assert!((mean_runs(&one).unwrap() - runs / count).abs() < 1e-12);
        // Where two such blocks meet, both sides are as likely.
        assert!(
            (mean_runs(&[block.to_vec(), block.to_vec()]).unwrap() - (2.0 * runs / count - 0.5)).abs()
                < 1e-12
        );
    }

    #[test]
    fn what_cannot_be_tested_has_no_p() {
        assert_eq!(look(&[], 1).unwrap(), None);
        assert_eq!(look(&vec![vec![1.0; 6]; 12], 1).unwrap(), None);
        assert_eq!(look(&[vec![1.0, 2.0, 3.0]], 1).unwrap(), None);
        assert_eq!(
            look(&vec![vec![1.0]; 30], 1).unwrap(),
            None,
            "one arm alone has no neighbour in its block"
        );
    }
}
