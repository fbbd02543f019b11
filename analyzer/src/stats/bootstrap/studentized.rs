//! The bootstrap-t interval of the mean.

use std::num::NonZeroUsize;

use rand_chacha::ChaCha8Rng;

use super::super::{Interval, Result, check, mean};
use super::resampling::{Draws, Key, per_resample, tail_rank, worthwhile_threads};
use super::{LEAST_N, Resampling};

/// Part of the result's definition.
pub(super) const KEY: Key = *b"........ bootstrap-t of the mean";

/// Bootstrap-t interval of the mean: `[mean - t*(hi) se, mean - t*(lo) se]`, t* the order statistics of the resamples'
/// `(mean* - mean) / se*` with ranks `floor((B + 1)(1 - level)/2)` from both ends (Efron & Tibshirani 1993, section
/// 12.5; ranks as in Davison & Hinkley 1997, section 5.2).
///
/// A resample without variance has an infinite t* on the side of its mean and counts as such: dropping it
/// would narrow the interval. Equal values give `[mean, mean]`.
///
/// `None` below n = 5, and when so many resamples have no variance that a bound would be infinite (nearly constant
/// data). Errors: unsound values or level; too few resamples for the level.
pub fn bootstrap_t(values: &[f64], level: f64, resampling: Resampling) -> Result<Option<Interval>> {
    bootstrap_t_on(worthwhile_threads(values.len(), resampling), values, level, resampling)
}

/// [`bootstrap_t`] on a given number of threads, which changes the time and nothing else.
pub fn bootstrap_t_on(
    threads: NonZeroUsize,
    values: &[f64],
    level: f64,
    resampling: Resampling,
) -> Result<Option<Interval>> {
    check::fraction("level", level)?;
    let rank = tail_rank(resampling.resamples, level)?;
    let Some(moments) = mean::moments(values)?.filter(|m| m.n >= LEAST_N) else {
        return Ok(None);
    };
    let Some(se) = moments.standard_error().filter(|se| *se > 0.0) else {
        return Ok(Some(Interval::point(moments.mean)));
    };
    let deviations: Vec<f64> = values.iter().map(|v| (v - moments.mean) / se).collect();
    let mut ts = per_resample(&KEY, resampling, threads, || {
        let mut sampler = Sampler::new(&deviations);
        move |rng: &mut ChaCha8Rng| sampler.t(rng)
    });
    let lo = *ts.select_nth_unstable_by(rank - 1, f64::total_cmp).1;
    let hi = *ts.select_nth_unstable_by(resampling.resamples - rank, f64::total_cmp).1;
    let interval = Interval { lo: moments.mean - hi * se, hi: moments.mean - lo * se };
    Ok((interval.lo.is_finite() && interval.hi.is_finite()).then_some(interval))
}

/// Draws resamples and studentizes them.
pub(super) struct Sampler<'a> {
    draws: Draws<'a>,
    pub(super) drawn: Vec<f64>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(deviations: &'a [f64]) -> Self {
        Self { draws: Draws::new(deviations), drawn: vec![0.0; deviations.len()] }
    }

    /// t* of the next resample.
    pub(super) fn t(&mut self, rng: &mut ChaCha8Rng) -> f64 {
        self.draw(rng);
        if check::constant(&self.drawn) {
            return infinite_unless_zero(self.drawn[0], 1e-12);
        }
        let n = self.drawn.len() as f64;
        let mean = lane_sum(&self.drawn, |d| d) / n;
        let squares = lane_sum(&self.drawn, |d| (d - mean) * (d - mean));
        // Values so close together that their squares vanish.
        if squares == 0.0 {
            return infinite_unless_zero(mean, 0.0);
        }
        mean / (squares / (n - 1.0) / n).sqrt()
    }

    pub(super) fn draw(&mut self, rng: &mut ChaCha8Rng) {
        let drawn = &mut self.drawn;
        self.draws.each(rng, |_, place, deviation| drawn[place] = deviation);
    }
}

/// t* of a resample without variance; `rounding` is how far the sample's mean may be from its own deviation of 0.
fn infinite_unless_zero(mean: f64, rounding: f64) -> f64 {
    if mean.abs() <= rounding { 0.0 } else { mean.signum() * f64::INFINITY }
}

/// Sum over eight interleaved lanes: an order that is the same on every machine and that vector units can follow.
fn lane_sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0f64; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|v| term(*v)).sum::<f64>()
}
