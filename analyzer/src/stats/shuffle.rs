//! p by shuffling, as often as it takes.

use super::Result;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Most shuffles.
const SHUFFLES: u32 = 4_999;

/// A p value is known well enough once this many shuffles reached the observed statistic (Besag & Clifford 1991).
const ENOUGH: u32 = 20;

/// Share of the shuffles whose statistics reach the observed ones, each for itself: `h / l` when the h-th did at the l-th
/// shuffle, else `(1 + hits) / (1 + shuffles)` (Besag & Clifford 1991). `next` shuffles once more and gives the statistics,
/// which are large where there is something to find; where a statistic does not exist there is no p.
pub(crate) fn p_values<const N: usize>(
    observed: [Option<f64>; N],
    mut next: impl FnMut() -> Result<[Option<f64>; N]>,
) -> Result<[Option<f64>; N]> {
    let mut hits = [0u32; N];
    let mut p = [None; N];
    for done in 1..=SHUFFLES {
        if p.iter().zip(observed).all(|(p, seen)| p.is_some() || seen.is_none()) {
            return Ok(p);
        }
        let found = next()?;
        for i in 0..N {
            // The slack: sums that differ by the order of their rounding are equal.
            let reached = found[i].zip(observed[i]).is_some_and(|(f, seen)| f >= seen - 1e-9 * seen.abs());
            hits[i] += u32::from(reached && p[i].is_none());
            if hits[i] == ENOUGH && p[i].is_none() {
                p[i] = Some(f64::from(ENOUGH) / f64::from(done));
            }
        }
    }
    let rest = |i: usize| observed[i].map(|_| f64::from(hits[i] + 1) / f64::from(SHUFFLES + 1));
    Ok(std::array::from_fn(|i| p[i].or(rest(i))))
}

/// Fisher and Yates.
pub(crate) fn shuffle(values: &mut [f64], rng: &mut ChaCha8Rng) {
    for last in (1..values.len()).rev() {
        let other = (u128::from(rng.next_u64()) * (last as u128 + 1)) >> 64;
        values.swap(last, other as usize);
    }
}
