//! A step: did the level of a series change at one moment, and where?
//!
//! Rounds that several series share are judged together: a value becomes its distance from the mean of its own series in
//! standard deviations, and a round's score is the mean of these. So a cause that hits all series adds up, whatever their
//! units and noise. A value beyond Tukey's inner fences counts as one on the fence: a bad moment is no level.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

use super::{Result, check, mean, normal, outliers, quantile};

/// Fewest values on either side: one odd value at an end is an outlier and no step.
pub const LEAST_SIDE: usize = 2;

/// Fewest values for a test: with five, one side would have a single other place for its step.
pub const LEAST_N: usize = 6;

/// Most series that are made up for a null distribution, and most values in all of them (.2 s).
const MOST_DRAWS: usize = 9_999;
const MOST_VALUES: usize = 2_000_000;

/// Fewest series: below, no p value could reach .05 over fifty tests.
const LEAST_DRAWS: usize = 999;

/// Where a series most likely steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Values before the step.
    pub before: usize,
    /// Values.
    pub n: usize,
    /// Share of the series' variation that two levels in place of one explain, from 0 to 1.
    pub share: f64,
}

impl Step {
    /// Alexandersson's T0, (n - 1) times the share.
    pub fn t0(self) -> f64 {
        (self.n - 1) as f64 * self.share
    }
}

/// The step that fits best by least squares, with at least [`LEAST_SIDE`] values on either side:
/// `T0 = max over k of k z1^2 + (n - k) z2^2`, z1 and z2 the means before and after of the series standardised by its mean and
/// standard deviation (Alexandersson 1986). It is the likelihood ratio for a shift of normal values at an unknown place
/// (Worsley 1979). `None` below [`LEAST_N`] values and for constant data.
pub fn step(values: &[f64]) -> Result<Option<Step>> {
    check::values(values)?;
    if values.len() < LEAST_N {
        return Ok(None);
    }
    let Some(moments) = mean::moments(values)? else { return Ok(None) };
    let largest = values.iter().map(|value| (value - moments.mean).abs()).fold(0.0, f64::max);
    if check::constant(values) || largest == 0.0 {
        return Ok(None);
    }
    // In units of the largest, so that no unit loses their squares.
    let deviations: Vec<f64> = values.iter().map(|value| (value - moments.mean) / largest).collect();
    Ok(Some(best(&deviations)))
}

/// Share of the variation that two levels explain, the second from place `before` on, 0 < `before` < n; 0 for constant data.
pub fn share_of(values: &[f64], before: usize) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let all: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sum: f64 = values[..before].iter().map(|value| value - mean).sum();
    if all > 0.0 { between(sum, before, values.len()) / all } else { 0.0 }
}

/// Sum of squares between two sides, from the sum of the deviations of the first.
fn between(sum: f64, before: usize, n: usize) -> f64 {
    sum * sum * n as f64 / (before as f64 * (n - before) as f64)
}

/// The best step of deviations from their mean, which are not all 0.
fn best(deviations: &[f64]) -> Step {
    let n = deviations.len();
    let all: f64 = deviations.iter().map(|d| d * d).sum();
    let mut found = Step { before: LEAST_SIDE, n, share: 0.0 };
    let mut sum = 0.0;
    for (place, deviation) in deviations[..n - LEAST_SIDE].iter().enumerate() {
        sum += deviation;
        let before = place + 1;
        let share = between(sum, before, n) / all;
        if before >= LEAST_SIDE && share > found.share {
            found = Step { before, n, share: share.min(1.0) };
        }
    }
    found
}

/// How large the statistic is where there is no step: the shares of made-up series of independent normal values, as R's
/// `trend::snh.test` draws them. The level and scale of a series drop out of the share, so one drawing serves all series of
/// its length.
///
/// Shuffling the values at hand would need no normal distribution, but cannot tell the sides of six values with p < .1,
/// however far apart they are; nor can ranks. Scores of [`together`] are means of bounded values, near enough to normal ones:
/// `analyzer selfcheck` counts the false alarms.
#[derive(Debug, Clone, PartialEq)]
pub struct NoStep {
    shares: Vec<f64>,
}

impl NoStep {
    /// Draws the shares for series of `n` values; `None` below [`LEAST_N`].
    pub fn draw(n: usize, seed: u64) -> Option<Self> {
        if n < LEAST_N {
            return None;
        }
        let mut key = *b"........ series without a step..";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        let mut series = vec![0.0; n];
        let draws = (MOST_VALUES / n).clamp(LEAST_DRAWS, MOST_DRAWS);
        let mut shares: Vec<f64> = (0..draws)
            .map(|_| {
                // The middle of one of 2^53 steps: never 0 or 1, which have no normal value.
                series.fill_with(|| normal::inverse(((rng.next_u64() >> 11) as f64 + 0.5) * 2f64.powi(-53)));
                let mean = series.iter().sum::<f64>() / n as f64;
                series.iter_mut().for_each(|value| *value -= mean);
                best(&series).share
            })
            .collect();
        shares.sort_unstable_by(f64::total_cmp);
        Some(Self { shares })
    }

    /// p of a step: `(1 + hits) / (1 + draws)` (Phipson & Smyth 2010).
    pub fn p(&self, step: Step) -> f64 {
        // The slack: sums that differ by the order of their rounding are equal.
        let below = self.shares.partition_point(|share| *share < step.share * (1.0 - 1e-9));
        (1 + self.shares.len() - below) as f64 / (1 + self.shares.len()) as f64
    }

    /// The share that a series without a step exceeds with probability `alpha`.
    pub fn critical(&self, alpha: f64) -> f64 {
        let above = (alpha * (1 + self.shares.len()) as f64).floor() as usize;
        self.shares[self.shares.len() - above.clamp(1, self.shares.len())]
    }
}

/// Least step in the middle of a series that is found with probability .8 at level `alpha`, the series' values having the standard
/// deviation `sd` beside it: the t statistic of the critical share, and as much above it as a noncentral t lies with
/// probability .8, by its normal approximation (Johnson & Welch 1940).
pub fn least_visible(null: &NoStep, n: usize, sd: f64, alpha: f64) -> f64 {
    const OF_80_PERCENT: f64 = 0.841_621_233_572_914_2;
    let (share, df) = (null.critical(alpha), n as f64 - 2.0);
    let t = (share * df / (1.0 - share)).sqrt();
    2.0 * sd * (t + OF_80_PERCENT * (1.0 + t * t / (2.0 * df)).sqrt()) / (n as f64).sqrt()
}

/// Scores of the rounds of several series: the mean over the series of the values' [`scores`]. Rounds in ascending order;
/// series without variation say nothing.
pub fn together(series: &[Vec<(u32, f64)>]) -> Result<Vec<(u32, f64)>> {
    let mut rounds: BTreeMap<u32, (f64, usize)> = BTreeMap::new();
    for one in series {
        let scores = scores(&one.iter().map(|(_, value)| *value).collect::<Vec<f64>>())?;
        for ((round, _), score) in one.iter().zip(scores.iter().flatten()) {
            let (sum, n) = rounds.entry(*round).or_default();
            *sum += score;
            *n += 1;
        }
    }
    Ok(rounds.into_iter().map(|(round, (sum, n))| (round, sum / n as f64)).collect())
}

/// Values in standard deviations from their mean, after those beyond Tukey's inner fences were set onto the fence (where the
/// fences have a width); `None` without variation.
pub fn scores(values: &[f64]) -> Result<Option<Vec<f64>>> {
    let Some(quartiles) = quantile::quantiles(values, &[0.25, 0.75])? else { return Ok(None) };
    let reach = outliers::INNER_FENCE * (quartiles[1] - quartiles[0]);
    let fenced: Vec<f64> = match reach > 0.0 {
        true => values.iter().map(|value| value.clamp(quartiles[0] - reach, quartiles[1] + reach)).collect(),
        false => values.to_vec(),
    };
    let Some(mean::Moments { mean, sd: Some(sd), .. }) = mean::moments(&fenced)? else { return Ok(None) };
    if check::constant(&fenced) || sd == 0.0 {
        return Ok(None);
    }
    Ok(Some(fenced.iter().map(|value| (value - mean) / sd).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Annual flow of the Nile at Aswan, 1871 to 1970 (R's `datasets::Nile`; Cobb 1978).
    const NILE: [f64; 100] = [
        1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935., 1110., 994., 1020.,
        960., 1180., 799., 958., 1140., 1100., 1210., 1150., 1250., 1260., 1220., 1030., 1100., 774., 840.,
        874., 694., 940., 833., 701., 916., 692., 1020., 1050., 969., 831., 726., 456., 824., 702., 1120.,
        1100., 832., 764., 821., 768., 845., 864., 862., 698., 845., 744., 796., 1040., 759., 781., 865.,
        845., 944., 984., 897., 822., 1010., 771., 676., 649., 846., 812., 742., 801., 1040., 860., 874.,
        848., 890., 744., 749., 838., 1050., 918., 986., 797., 923., 975., 815., 1020., 906., 901., 1170.,
        912., 746., 919., 718., 714., 740.,
    ];

    #[test]
    fn the_nile_steps_after_1898() {
        let found = step(&NILE).unwrap().unwrap();
        assert_eq!(found.before, 28, "Cobb 1978");
        // numpy 2.4: k z1^2 + (n - k) z2^2 at k = 28.
        assert!((found.t0() - 43.218_864_706_510_5).abs() < 1e-9, "{}", found.t0());
        let p = NoStep::draw(100, 1).unwrap().p(found);
        assert!(p <= 2e-4, "{p}");
    }

    #[test]
    fn one_odd_value_at_an_end_is_no_step() {
        // numpy: T0 over all places is 4.584 at k = 10 of 12.
        let series = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.0, 3.5, 8.0, 9.5];
        let found = step(&series).unwrap().unwrap();
        assert_eq!(found.before, 10);
        assert!((found.t0() - 4.584_391_595_474_487).abs() < 1e-9);
        let odd = step(&[9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]).unwrap().unwrap();
        assert!(odd.before == 2 && odd.share < 0.5, "{odd:?}");
    }

    #[test]
    fn critical_values_are_those_of_two_million_series_of_numpy() {
        let known = [(6, 3.976_8, 4.536_7), (12, 5.823_6, 7.300_0), (20, 6.870_8, 8.950_5)];
        for (n, of_5, of_1) in known {
            let null = NoStep::draw(n, 7).unwrap();
            for (alpha, theirs) in [(0.05, of_5), (0.01, of_1)] {
                let ours = (n - 1) as f64 * null.critical(alpha);
                assert!((ours / theirs - 1.0).abs() < 0.04, "n = {n}, {alpha}: {ours} against {theirs}");
            }
        }
    }

    #[test]
    fn p_is_never_0_and_the_critical_share_has_its_p() {
        let null = NoStep::draw(8, 3).unwrap();
        assert_eq!(null.p(Step { before: 4, n: 8, share: 1.0 }), 1e-4);
        assert_eq!(null.p(Step { before: 4, n: 8, share: 0.0 }), 1.0);
        let at = Step { before: 4, n: 8, share: null.critical(0.05) };
        assert!((null.p(at) - 0.05).abs() < 2e-4);
    }

    #[test]
    fn what_cannot_step_has_none() {
        for values in [&[][..], &[1.0, 2.0, 3.0, 4.0, 5.0], &[0.1; 30]] {
            assert_eq!(step(values).unwrap(), None);
        }
        assert_eq!(NoStep::draw(LEAST_N - 1, 1), None);
        assert!(step(&[1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0]).is_err());
        assert_eq!(scores(&[2.0; 4]).unwrap(), None);
        assert_eq!(together(&[vec![(0, 1.0), (1, 1.0)]]).unwrap(), []);
    }

    #[test]
    fn a_cause_that_hits_all_series_adds_up() {
        // Three series of six rounds, units and levels of their own; the last three rounds are higher in each.
        let series = |values: [f64; 6]| (0..).zip(values).collect::<Vec<(u32, f64)>>();
        let all = [
            series([2.0, 1.0, 3.0, 14.0, 15.0, 16.0]),
            series([130.0, 120.0, 110.0, 150.0, 160.0, 170.0]),
            series([0.2, 0.3, 0.1, 0.6, 0.5, 0.4]),
        ];
        let scores: Vec<f64> = together(&all).unwrap().into_iter().map(|(_, score)| score).collect();
        let found = step(&scores).unwrap().unwrap();
        assert_eq!(found.before, 3);
        assert!(NoStep::draw(6, 1).unwrap().p(found) < 0.01, "{found:?}");
        assert!(scores.iter().sum::<f64>().abs() < 1e-12);
    }

    #[test]
    fn a_wild_value_counts_as_one_on_the_fence() {
        let wild = |value| scores(&[4.0, 1.0, 2.0, 3.0, 5.0, 6.0, value]).unwrap().unwrap();
        assert_eq!(wild(1e9), wild(1e6));
        assert!(wild(1e9)[6] < 2.2 && wild(1e9)[6] > 1.5, "{:?}", wild(1e9));
    }

    #[test]
    fn the_unit_does_not_matter() {
        let values = [1.0, 2.0, 1.5, 7.0, 8.0, 7.5, 7.0];
        for unit in [1e-200, 1e98] {
            let scaled = step(&values.map(|v| v * unit)).unwrap().unwrap();
            assert!((scaled.share - step(&values).unwrap().unwrap().share).abs() < 1e-12);
        }
    }
}
