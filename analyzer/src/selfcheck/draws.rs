//! Random numbers of one data set.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

/// The random numbers of one data set: a ChaCha8 stream of its own, so that no data set depends on another or on who
/// draws it.
#[derive(Debug, Clone)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// Stream `data_set` of what `seed` and the name of the simulation decide.
    pub fn new(seed: u64, simulation: &str, data_set: u64) -> Self {
        let mut key = *b"................tandem selfcheck";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv1a(simulation).to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(data_set);
        Self(rng)
    }

    /// Uniform on the open interval (0, 1), in steps of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal, by inversion.
    pub fn normal(&mut self) -> f64 {
        Normal::standard().inverse_cdf(self.uniform())
    }

    /// The numbers 0 to n - 1 in an order of equal chances for all (Fisher & Yates 1938).
    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, (self.uniform() * (last + 1) as f64) as usize);
        }
        order
    }
}

/// 64-bit FNV-1a (Fowler, Noll & Vo 1991).
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_set_depends_on_seed_simulation_and_number_and_on_nothing_else() {
        let first = |seed, name, data_set| Draws::new(seed, name, data_set).uniform();
        assert_eq!(first(1, "a", 7), first(1, "a", 7));
        for other in [first(2, "a", 7), first(1, "b", 7), first(1, "a", 8)] {
            assert_ne!(first(1, "a", 7), other);
        }
    }

    #[test]
    fn every_order_of_three_has_its_sixth() {
        let mut draws = Draws::new(1, "orders", 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            *counts.entry(draws.order(3)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Binomial(6000, 1/6) has standard deviation 29.
        assert!(counts.values().all(|n: &i32| (n - 1000).abs() < 130), "{counts:?}");
    }
}
