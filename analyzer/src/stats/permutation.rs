//! Sign-flip permutation test of within-block differences.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Result, check};

/// Up to here all 2^n sign patterns are looked at (a million).
pub const LARGEST_EXACT_N: usize = 20;

/// Draws above that n: a p of .05 then has a standard error of .0007.
pub const DRAWS: u32 = 100_000;

/// Draws that are summed side by side; divides [`DRAWS`].
const LANES: usize = 8;

/// Result of the sign-flip test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignFlip {
    /// Two-sided p of the mean difference.
    pub p: f64,
    /// Whether every pattern was looked at; otherwise p comes from [`DRAWS`] seeded draws.
    pub exact: bool,
}

/// Sign-flip permutation test (Fisher 1935): under the null the two labels of a block could as well be exchanged, so
/// every difference could have the other sign. p = share of the sign patterns with |sum| at least that observed:
/// all 2^n for n <= 20, else `(1 + hits) / (1 + draws)` over 100,000 seeded draws (Phipson & Smyth 2010).
/// `None` for an empty slice.
pub fn sign_flip(differences: &[f64], seed: u64) -> Result<Option<SignFlip>> {
    check::values(differences)?;
    if differences.is_empty() {
        return Ok(None);
    }
    // Sums that are equal but for the order of their rounding count as equal.
    let slack = 1e-12 * differences.iter().map(|d| d.abs()).sum::<f64>();
    let observed = differences.iter().sum::<f64>().abs() - slack;
    Ok(Some(if differences.len() <= LARGEST_EXACT_N {
        SignFlip { p: share_of_all(differences, observed), exact: true }
    } else {
        SignFlip { p: share_of_draws(differences, observed, seed), exact: false }
    }))
}

/// Share of all patterns with |sum| >= observed. Each half is summed once per pattern, so that every total is one addition.
fn share_of_all(differences: &[f64], observed: f64) -> f64 {
    let (left, right) = differences.split_at(differences.len() / 2);
    let (left, right) = (all_sums(left), check::sorted(&all_sums(right)));
    // A total grows with its right half: the hits are those from some place on and those up to some place.
    let hits = |l: &f64| {
        let above = right.len() - right.partition_point(|r| l + r < observed);
        let below = right.partition_point(|r| l + r <= -observed);
        (above + below).min(right.len())
    };
    left.iter().map(hits).sum::<usize>() as f64 / (left.len() * right.len()) as f64
}

/// The sums of all sign patterns.
fn all_sums(differences: &[f64]) -> Vec<f64> {
    differences.iter().fold(vec![0.0], |sums, d| sums.iter().flat_map(|s| [s + d, s - d]).collect())
}

fn share_of_draws(differences: &[f64], observed: f64, seed: u64) -> f64 {
    let mut key = *b"........ sign-flip permutations.";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    let words = differences.len().div_ceil(64);
    let mut signs = vec![0u64; LANES * words];
    let mut hits = 0;
    for _ in 0..DRAWS as usize / LANES {
        signs.fill_with(|| rng.next_u64());
        // One addition must wait for the one before it, but not for those of other draws.
        let mut sums = [0.0f64; LANES];
        for (word, part) in differences.chunks(64).enumerate() {
            let mut lanes: [u64; LANES] = std::array::from_fn(|lane| signs[lane * words + word]);
            for d in part {
                for (sum, signs) in sums.iter_mut().zip(&mut lanes) {
                    *sum += f64::from_bits(d.to_bits() ^ (*signs << 63));
                    *signs >>= 1;
                }
            }
        }
        hits += sums.iter().filter(|sum| sum.abs() >= observed).count();
    }
    (1 + hits) as f64 / f64::from(1 + DRAWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_signs_equal_leaves_the_two_extreme_patterns() {
        for n in 1..=20 {
            let values: Vec<f64> = (1..=n).map(|i| 0.1 * f64::from(i)).collect();
            let test = sign_flip(&values, 1).unwrap().unwrap();
            assert_eq!(test, SignFlip { p: 2.0 / f64::from(1 << n), exact: true });
        }
    }

    #[test]
    fn values_that_cancel_but_for_rounding_count_as_equal() {
        // 0.1 + 0.2 - 0.3 is not 0 in floating point, and 0.3 - 0.1 - 0.2 is another number.
        assert_eq!(sign_flip(&[0.1, 0.2, -0.3], 1).unwrap().unwrap().p, 1.0);
        assert_eq!(sign_flip(&[0.0; 5], 1).unwrap().unwrap().p, 1.0);
    }

    #[test]
    fn the_exact_share_is_that_of_the_patterns_one_by_one() {
        let values = [0.5, -2.0, 0.5, 0.0, 3.25, 1.0, -0.5];
        for n in 1..=values.len() {
            let sums = all_sums(&values[..n]);
            for observed in [-1e-9, 0.0, 0.5, 1.75, 2.0, 7.0, 9.0] {
                let hits = sums.iter().filter(|sum| sum.abs() >= observed).count();
                assert_eq!(share_of_all(&values[..n], observed), hits as f64 / sums.len() as f64);
            }
        }
    }

    #[test]
    fn draws_agree_with_the_exact_share() {
        let values: Vec<f64> = (0..20).map(|i| f64::from(i * 37 % 20) - 6.5).collect();
        let observed = values.iter().sum::<f64>().abs();
        let (exact, drawn) = (share_of_all(&values, observed), share_of_draws(&values, observed, 5));
        assert!(
            (exact - drawn).abs() < 5.0 * (exact * (1.0 - exact) / f64::from(DRAWS)).sqrt(),
            "{exact} {drawn}"
        );
    }

    #[test]
    fn above_twenty_blocks_the_draws_are_seeded() {
        let values: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 30) - 12.0).collect();
        let test = sign_flip(&values, 9).unwrap().unwrap();
        assert!(!test.exact && test.p > 0.0 && test.p < 1.0);
        assert_eq!(Some(test), sign_flip(&values, 9).unwrap());
        assert!(sign_flip(&[1.0, f64::NAN], 1).is_err());
        assert_eq!(sign_flip(&[], 1).unwrap(), None);
    }
}
