//! Percentile and BCa intervals of the mean, from one set of resamples.

use std::num::NonZeroUsize;

use rand_chacha::ChaCha8Rng;

use super::super::{Interval, Result, check, mean, normal, quantile};
use super::resampling::{Draws, Key, LANES, per_resample, tail_rank, worthwhile_threads};
use super::{LEAST_N, Resampling};

/// Part of the result's definition.
const KEY: Key = *b"........ bootstrap of the mean..";

/// A resampled mean so near to the sample's, in standard errors, is equal to it but for rounding.
const TIE: f64 = 1e-9;

/// Two intervals of the mean from the same resampled means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PercentileAndBca {
    /// Between two quantiles of the resampled means.
    pub percentile: Interval,
    /// The same at levels corrected for bias and acceleration; `None` where the correction is infinite, because all
    /// resampled means lie on one side of the sample's.
    pub bca: Option<Interval>,
}

/// Percentile and BCa intervals of the mean, B resamples.
///
/// Percentile: the type-7 quantiles of the resampled means at `a = (1 - level)/2` and `1 - a` (Efron & Tibshirani 1993,
/// section 13.3). BCa (Efron 1987; Efron & Tibshirani 1993, section 14.3): those at `Phi(z0 + w / (1 - c w))` with
/// `w = z0 + Phi^-1(a)` or `z0 + Phi^-1(1 - a)`; `z0 = Phi^-1` of the share of resampled means below the sample's, ties
/// counting half; acceleration c from the jackknife, which for the mean is
/// `sum (x - mean)^3 / (6 [sum (x - mean)^2]^1.5)`.
///
/// Equal values give `[mean, mean]`. `None` below n = 5. Errors: unsound values or level; too few resamples for the level.
pub fn percentile_and_bca(
    values: &[f64],
    level: f64,
    resampling: Resampling,
) -> Result<Option<PercentileAndBca>> {
    percentile_and_bca_on(worthwhile_threads(values.len(), resampling), values, level, resampling)
}

/// [`percentile_and_bca`] on a given number of threads, which changes the time and nothing else.
pub fn percentile_and_bca_on(
    threads: NonZeroUsize,
    values: &[f64],
    level: f64,
    resampling: Resampling,
) -> Result<Option<PercentileAndBca>> {
    check::fraction("level", level)?;
    tail_rank(resampling.resamples, level)?;
    let Some(moments) = mean::moments(values)?.filter(|m| m.n >= LEAST_N) else {
        return Ok(None);
    };
    let Some(se) = moments.standard_error().filter(|se| *se > 0.0) else {
        let point = Interval::point(moments.mean);
        return Ok(Some(PercentileAndBca { percentile: point, bca: Some(point) }));
    };
    let deviations: Vec<f64> = values.iter().map(|v| (v - moments.mean) / se).collect();
    let mut means = per_resample(&KEY, resampling, threads, || {
        let mut draws = Draws::new(&deviations);
        move |rng: &mut ChaCha8Rng| resampled_mean(&mut draws, rng)
    });
    means.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    let between = |(lo, hi): (f64, f64)| {
        let [lo, hi] = [lo, hi].map(|p| moments.mean + se * quantile::of_sorted(&means, p));
        Interval { lo, hi }
    };
    // What rounding has left of the mean that the deviations should not have.
    let centre = deviations.iter().sum::<f64>() / moments.n as f64;
    let corrected = bca_levels(&means, centre, acceleration(&deviations), tail);
    Ok(Some(PercentileAndBca { percentile: between((tail, 1.0 - tail)), bca: corrected.map(between) }))
}

/// Mean of the next resample.
fn resampled_mean(draws: &mut Draws, rng: &mut ChaCha8Rng) -> f64 {
    let mut sums = [0.0; LANES];
    draws.each(rng, |lane, _, deviation| sums[lane] += deviation);
    sums.iter().sum::<f64>() / draws.len() as f64
}

/// The quantiles that bound the BCa interval; `None` where the correction leaves its domain.
fn bca_levels(sorted_means: &[f64], mean: f64, acceleration: f64, tail: f64) -> Option<(f64, f64)> {
    let below = sorted_means.partition_point(|m| *m < mean - TIE);
    let at_most = sorted_means.partition_point(|m| *m <= mean + TIE);
    let share = (below + at_most) as f64 / (2 * sorted_means.len()) as f64;
    if share == 0.0 || share == 1.0 {
        return None;
    }
    let bias = normal::inverse(share);
    let level = |z: f64| {
        let slope = 1.0 - acceleration * (bias + z);
        (slope > 0.0).then(|| normal::cdf(bias + (bias + z) / slope))
    };
    let z = normal::inverse(tail);
    Some((level(z)?, level(-z)?))
}

/// Efron's acceleration of the mean: a sixth of the skewness of its jackknife, at most 1/6 either way.
fn acceleration(deviations: &[f64]) -> f64 {
    let squares: f64 = deviations.iter().map(|d| d * d).sum();
    let cubes: f64 = deviations.iter().map(|d| d * d * d).sum();
    cubes / (6.0 * squares.powf(1.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine values, mean 3.
    const SAMPLE: [f64; 9] = [1.0, 2.0, 2.0, 3.0, 1.0, 4.0, 2.0, 5.0, 7.0];

    #[test]
    fn levels_equal_those_of_another_implementation() {
        // scipy 1.17.1: stats.bootstrap of SAMPLE, method BCa, given these resampled means, three of them ties.
        let means =
            [1.5, 1.75, 2.0, 2.25, 2.5, 2.5, 2.75, 3.0, 3.0, 3.0, 3.25, 3.25, 3.5, 3.75, 4.0, 4.0, 4.5, 5.25];
        let c = acceleration(&SAMPLE.map(|v| v - 3.0));
        assert!((c - 0.04971844555217912).abs() < 1e-15);
        for (level, levels, ends) in [
            (0.95, (0.027855246970913197, 0.9781352147752749), (1.618384799626381, 4.971223988384755)),
            (0.8, (0.09079782190117747, 0.888744967554058), (1.8858907430800043, 4.054332224209492)),
        ] {
            let (lo, hi) = bca_levels(&means, 3.0, c, (1.0 - level) / 2.0).unwrap();
            assert!((lo - levels.0).abs() < 1e-10 && (hi - levels.1).abs() < 1e-10, "{lo} {hi}");
            assert!((quantile::of_sorted(&means, lo) - ends.0).abs() < 1e-9);
            assert!((quantile::of_sorted(&means, hi) - ends.1).abs() < 1e-9);
        }
    }

    #[test]
    fn means_on_one_side_only_have_no_correction() {
        assert_eq!(bca_levels(&[1.0, 2.0, 3.0], 0.5, 0.0, 0.025), None);
        assert_eq!(bca_levels(&[1.0, 2.0, 3.0], 3.5, 0.0, 0.025), None);
        // Ties count half, and as ties although they differ in their last bit.
        let (lo, hi) = bca_levels(&[1.0, 1.0 + 1e-15, 1.0 - 1e-15], 1.0, 0.0, 0.025).unwrap();
        assert!((lo - 0.025).abs() < 1e-9 && (hi - 0.975).abs() < 1e-9);
    }

    #[test]
    fn a_correction_beyond_its_pole_is_none() {
        // An acceleration of 1/6 has its pole at six standard deviations.
        assert!(bca_levels(&[1.0, 2.0, 3.0], 1.5, 1.0 / 6.0, 1e-7).is_some());
        assert_eq!(bca_levels(&[1.0, 2.0, 3.0], 1.5, 1.0 / 6.0, 1e-11), None);
    }

    #[test]
    fn the_draws_are_pinned() {
        // A change here changes every published interval: it must be meant, and said in the notes of the version.
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        let mut drawn = [0.0; 12];
        let mut rng = super::super::resampling::stream_rng(&KEY, 115, 0);
        Draws::new(&values).each(&mut rng, |_, place, value| drawn[place] = value);
        assert_eq!(drawn, [8.0, 0.0, 6.0, 2.0, 1.0, 1.0, 10.0, 9.0, 7.0, 10.0, 4.0, 0.0]);
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        for resamples in [1_000, 10_007] {
            let resampling = Resampling { resamples, seed: 7 };
            let on = |threads: usize| {
                let threads = NonZeroUsize::new(threads).unwrap();
                percentile_and_bca_on(threads, &SAMPLE, 0.95, resampling).unwrap().unwrap()
            };
            for threads in [2, 3, 64, 1000] {
                assert_eq!(on(threads), on(1));
            }
        }
    }

    #[test]
    fn equal_values_give_a_point_and_too_few_give_nothing() {
        let of = |values: &[f64]| percentile_and_bca(values, 0.95, Resampling::default()).unwrap();
        let point = Interval::point(0.1);
        assert_eq!(of(&[0.1; 9]), Some(PercentileAndBca { percentile: point, bca: Some(point) }));
        for n in 0..LEAST_N {
            assert_eq!(of(&SAMPLE[..n]), None);
            assert_eq!(of(&vec![1.0; n]), None);
        }
        assert!(of(&SAMPLE[..LEAST_N]).is_some_and(|found| found.bca.is_some()));
    }

    #[test]
    fn scale_and_offset_carry_over() {
        let of = |values: &[f64]| percentile_and_bca(values, 0.9, Resampling::default()).unwrap().unwrap();
        let (plain, moved) = (of(&SAMPLE), of(&SAMPLE.map(|v| 1e6 + 1e3 * v)));
        for (plain, moved) in [(plain.percentile, moved.percentile), (plain.bca.unwrap(), moved.bca.unwrap())]
        {
            assert!((moved.lo - (1e6 + 1e3 * plain.lo)).abs() < 1e-4);
            assert!((moved.hi - (1e6 + 1e3 * plain.hi)).abs() < 1e-4);
        }
    }

    #[test]
    fn bca_leans_to_the_long_side() {
        let found = percentile_and_bca(&SAMPLE, 0.95, Resampling::default()).unwrap().unwrap();
        let bca = found.bca.unwrap();
        assert!(bca.lo > found.percentile.lo && bca.hi > found.percentile.hi, "{found:?}");
    }

    #[test]
    fn unsound_input_is_an_error() {
        let default = Resampling::default();
        assert!(percentile_and_bca(&[1.0, 2.0, f64::NAN, 3.0, 4.0], 0.95, default).is_err());
        assert!(percentile_and_bca(&SAMPLE, 95.0, default).is_err());
        for resamples in [0, 20] {
            let few = Resampling { resamples, seed: 1 };
            assert!(percentile_and_bca(&SAMPLE, 0.95, few).is_err());
        }
    }
}
