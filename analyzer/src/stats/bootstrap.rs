//! Bootstrap-t interval of the mean: seeded, and the same bits on any number of threads.

use std::num::NonZeroUsize;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Interval, Result, StatsError, check, mean};

/// With fewer values too many resamples have no variance (one in 64 at n = 4) for a tail to be trusted.
pub const LEAST_N: usize = 5;

/// One random stream serves this many resamples: the unit that threads share out. Part of the result's definition.
const RESAMPLES_PER_STREAM: usize = 128;

/// Below this many draws a thread costs more than it saves.
const DRAWS_WORTH_A_THREAD: usize = 1 << 20;

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Number of resamples.
    pub resamples: usize,
    /// Seed of the ChaCha8 streams: the same seed, the same interval, on every machine.
    pub seed: u64,
}

impl Default for Resampling {
    /// 10,000 resamples: the tails of a 95 % interval then hold 250 each. The seed is arbitrary and fixed.
    fn default() -> Self {
        Self { resamples: 10_000, seed: 115 }
    }
}

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
    let draws = values.len().saturating_mul(resampling.resamples);
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let worth = NonZeroUsize::new(draws / DRAWS_WORTH_A_THREAD).unwrap_or(NonZeroUsize::MIN);
    bootstrap_t_on(cores.min(worth), values, level, resampling)
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
    let mut ts = studentized(&deviations, resampling, threads);
    let lo = *ts.select_nth_unstable_by(rank - 1, f64::total_cmp).1;
    let hi = *ts.select_nth_unstable_by(resampling.resamples - rank, f64::total_cmp).1;
    let interval = Interval { lo: moments.mean - hi * se, hi: moments.mean - lo * se };
    Ok((interval.lo.is_finite() && interval.hi.is_finite()).then_some(interval))
}

/// Rank, from either end, of the order statistic that bounds the interval.
fn tail_rank(resamples: usize, level: f64) -> Result<usize> {
    let tail = (1.0 - level) / 2.0;
    // 1e-9: a product that is a whole number but for rounding counts as whole.
    let rank = ((resamples as f64 + 1.0) * tail + 1e-9).floor() as usize;
    if rank >= 1 && rank <= resamples {
        Ok(rank)
    } else {
        Err(StatsError::TooFewResamples { resamples, needed: (1.0 / tail).ceil() as usize })
    }
}

/// t* of every resample, in the order of the streams.
fn studentized(deviations: &[f64], resampling: Resampling, threads: NonZeroUsize) -> Vec<f64> {
    let mut ts = vec![0.0; resampling.resamples];
    let streams = resampling.resamples.div_ceil(RESAMPLES_PER_STREAM);
    let streams_each = streams.div_ceil(threads.get());
    std::thread::scope(|scope| {
        for (share, part) in ts.chunks_mut(streams_each * RESAMPLES_PER_STREAM).enumerate() {
            let mut work = move || {
                let mut sampler = Sampler::new(deviations);
                for (i, stream) in part.chunks_mut(RESAMPLES_PER_STREAM).enumerate() {
                    let mut rng = stream_rng(resampling.seed, (share * streams_each + i) as u64);
                    stream.fill_with(|| sampler.t(&mut rng));
                }
            };
            if threads.get() == 1 { work() } else { drop(scope.spawn(work)) }
        }
    });
    ts
}

/// Stream `index` of `seed`. The key is spelled out so that no library's idea of seeding can change a result.
fn stream_rng(seed: u64, index: u64) -> ChaCha8Rng {
    let mut key = *b"........ bootstrap-t of the mean";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(index);
    rng
}

/// Draws resamples with replacement and studentizes them.
struct Sampler<'a> {
    deviations: &'a [f64],
    drawn: Vec<f64>,
    per_word: usize,
}

impl<'a> Sampler<'a> {
    fn new(deviations: &'a [f64]) -> Self {
        let n = deviations.len();
        // One random word yields several indices (Brackett-Rozinsky & Lemire 2024) while 14 bits stay spare: every
        // combination of indices then has its probability to within 2^-14 of it, a thousandth of the resampling noise.
        let bits = (n as u64).next_power_of_two().trailing_zeros().max(1) as usize;
        Self { deviations, drawn: vec![0.0; n], per_word: (50 / bits).max(1) }
    }

    /// t* of the next resample.
    fn t(&mut self, rng: &mut ChaCha8Rng) -> f64 {
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

    fn draw(&mut self, rng: &mut ChaCha8Rng) {
        let n = self.deviations.len() as u64;
        for places in self.drawn.chunks_mut(self.per_word) {
            let mut fraction = rng.next_u64();
            for place in places {
                // The fraction times n: its whole part is the index, the rest is the next fraction.
                let product = u128::from(fraction) * u128::from(n);
                *place = self.deviations[(product >> 64) as usize];
                fraction = product as u64;
            }
        }
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

#[cfg(test)]
mod tests;
