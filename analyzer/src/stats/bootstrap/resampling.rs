//! Drawing with replacement: random streams, shared out over threads.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::super::{Result, StatsError};
use super::Resampling;

/// One random stream serves this many resamples: the unit that threads share out. Part of the result's definition.
const RESAMPLES_PER_STREAM: usize = 128;

/// Below this many draws a thread costs more than it saves.
const DRAWS_WORTH_A_THREAD: usize = 1 << 20;

/// Bytes of a random word.
const WORD: usize = size_of::<u64>();

/// So many words are turned into draws at a time: each is a chain of multiplications, and four chains keep the
/// multiplier busy. Part of the definition of a sum by lanes.
pub(super) const LANES: usize = 4;

/// The text in a key of 32 bytes, one per method, so that no two methods share their draws; the seed takes the dots.
pub(super) type Key = [u8; 32];

/// Threads that are worth their start for samples of n values.
pub(super) fn worthwhile_threads(n: usize, resampling: Resampling) -> NonZeroUsize {
    let draws = n.saturating_mul(resampling.resamples);
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    cores.min(NonZeroUsize::new(draws / DRAWS_WORTH_A_THREAD).unwrap_or(NonZeroUsize::MIN))
}

/// Rank, from either end, of the order statistic that bounds an interval: `floor((B + 1) tail)`, at least 1.
pub(super) fn tail_rank(resamples: usize, level: f64) -> Result<usize> {
    let tail = (1.0 - level) / 2.0;
    // 1e-9: a product that is a whole number but for rounding counts as whole.
    let rank = ((resamples as f64 + 1.0) * tail + 1e-9).floor() as usize;
    if rank >= 1 && rank <= resamples {
        Ok(rank)
    } else {
        Err(StatsError::TooFewResamples { resamples, needed: (1.0 / tail).ceil() as usize })
    }
}

/// One number per resample, in the order of the streams. `sampler` makes what a thread needs to compute the number of the
/// next resample from a random stream.
pub(super) fn per_resample<S>(
    key: &Key,
    resampling: Resampling,
    threads: NonZeroUsize,
    sampler: impl Fn() -> S + Sync,
) -> Vec<f64>
where
    S: FnMut(&mut ChaCha8Rng) -> f64,
{
    let mut numbers = vec![0.0; resampling.resamples];
    let streams = Mutex::new(numbers.chunks_mut(RESAMPLES_PER_STREAM).enumerate());
    let next_stream = || streams.lock().expect("taking a stream cannot panic").next();
    let work = || {
        let mut sampler = sampler();
        while let Some((index, stream)) = next_stream() {
            let mut rng = stream_rng(key, resampling.seed, index as u64);
            stream.fill_with(|| sampler(&mut rng));
        }
    };
    let helpers = 1..threads.get().min(resampling.resamples.div_ceil(RESAMPLES_PER_STREAM));
    std::thread::scope(|scope| {
        helpers.for_each(|_| drop(scope.spawn(work)));
        work();
    });
    numbers
}

/// Stream `index` of `seed`. The key is spelled out so that no library's idea of seeding can change a result.
pub(super) fn stream_rng(key: &Key, seed: u64, index: u64) -> ChaCha8Rng {
    let mut key = *key;
    key[..WORD].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(index);
    rng
}

/// Draws n of n values with replacement.
pub(super) struct Draws<'a> {
    values: &'a [f64],
    per_word: usize,
    random: Vec<u8>,
}

impl<'a> Draws<'a> {
    /// Of at least one value.
    pub(super) fn new(values: &'a [f64]) -> Self {
        let n = values.len();
        // One random word yields several indices (Brackett-Rozinsky & Lemire 2024) while 14 bits stay spare: every
        // combination of indices then has its probability to within 2^-14 of it, a thousandth of the resampling noise.
        let bits = (n as u64).next_power_of_two().trailing_zeros().max(1) as usize;
        let per_word = (50 / bits).max(1);
        Self { values, per_word, random: vec![0; n.div_ceil(per_word) * WORD] }
    }

    /// How many values there are, and how many a resample has.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The next resample: `take(lane, place, value)` for each of its places 0 to n - 1. A lane's calls come in the
    /// order of their places; the lanes take turns.
    pub(super) fn each(&mut self, rng: &mut ChaCha8Rng, mut take: impl FnMut(usize, usize, f64)) {
        let (values, n, per_word) = (self.values, self.values.len() as u64, self.per_word);
        // The fraction times n: its whole part is the index, the rest is the next fraction.
        let next = |fraction: &mut u64| {
            let product = u128::from(*fraction) * u128::from(n);
            *fraction = product as u64;
            values[(product >> 64) as usize]
        };
        rng.fill_bytes(&mut self.random);
        let (words, _) = self.random.as_chunks::<WORD>();
        // The last word may have fewer places than it could fill.
        let (groups, _) = words[..values.len() / per_word].as_chunks::<LANES>();
        let mut place = 0;
        for group in groups {
            let mut fractions = group.map(u64::from_le_bytes);
            for i in 0..per_word {
                for (lane, fraction) in fractions.iter_mut().enumerate() {
                    take(lane, place + lane * per_word + i, next(fraction));
                }
            }
            place += LANES * per_word;
        }
        for word in &words[groups.len() * LANES..] {
            let mut fraction = u64::from_le_bytes(*word);
            let end = values.len().min(place + per_word);
            (place..end).for_each(|place| take(0, place, next(&mut fraction)));
            place = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The draws one after the other, as their definition has them.
    fn one_by_one(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let per_word = Draws::new(&vec![0.0; n]).per_word;
        let mut drawn = vec![0.0; n];
        for places in drawn.chunks_mut(per_word) {
            let mut fraction = rng.next_u64();
            for place in places {
                let product = u128::from(fraction) * n as u128;
                *place = (product >> 64) as f64;
                fraction = product as u64;
            }
        }
        drawn
    }

    #[test]
    fn every_place_is_filled_once_in_the_order_of_the_random_words() {
        for n in [1usize, 2, 5, 12, 16, 17, 20, 21, 63, 100, 999, 1000, 1001, 5000, 70_000] {
            let values: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let mut draws = Draws::new(&values);
            let [mut ours, mut theirs] =
                [(); 2].map(|()| stream_rng(b"........ a text of 24 letters...", 9, 4));
            for _ in 0..3 {
                let mut drawn = vec![f64::NAN; n];
                draws.each(&mut ours, |_, place, value| {
                    assert!(drawn[place].is_nan(), "n = {n}: place {place} filled twice");
                    drawn[place] = value;
                });
                assert_eq!(drawn, one_by_one(n, &mut theirs), "n = {n}");
            }
        }
    }

    #[test]
    fn every_index_is_drawn_about_equally_often() {
        for n in [5usize, 17, 1000, 70_000] {
            let values: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let mut draws = Draws::new(&values);
            let mut rng = stream_rng(b"........ a text of 24 letters...", 3, 0);
            let rounds = 2_000_000 / n + 1;
            let mut counts = vec![0f64; n];
            for _ in 0..rounds {
                draws.each(&mut rng, |_, _, value| counts[value as usize] += 1.0);
            }
            // Chi-squared with n - 1 degrees of freedom: mean n - 1, sd sqrt(2 (n - 1)); six sd is generous.
            let chi2: f64 = counts.iter().map(|c| (c - rounds as f64).powi(2) / rounds as f64).sum();
            let df = n as f64 - 1.0;
            assert!((chi2 - df).abs() < 6.0 * (2.0 * df).sqrt() + 6.0, "n = {n}: {chi2}");
        }
    }
}
