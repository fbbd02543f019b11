//! When the requests of an open loop are to start: a schedule that no answer and no client can move.

use tandem_records::Arrivals;

/// Intended starts in ns after the release, ascending, one an agent. The first is the release itself.
///
/// A pure function of its arguments, so that all arms of a block get the same one. `rate_per_s` lies in [`tandem_records::RATES_PER_S`].
/// `constant`: agent i starts at i / rate. `poisson`: the gaps are independent and exponential with mean 1 / rate, by
/// inversion, -ln(U) / rate (Devroye 1986, Non-Uniform Random Variate Generation, section II.2.1); it is the Poisson
/// process as one of its own arrivals sees it, so that both kinds span (agents - 1) / rate in the mean.
pub(crate) fn starts_ns(seed: u64, agents: u32, rate_per_s: f64, arrivals: Arrivals) -> Vec<u64> {
    let ns_per_request = 1e9 / rate_per_s;
    let ns = |requests: f64| (requests * ns_per_request).round() as u64;
    match arrivals {
        Arrivals::Constant => (0..agents).map(|agent| ns(f64::from(agent))).collect(),
        Arrivals::Poisson => {
            let mut at = 0.0;
            let mut start = |agent: u32| {
                if agent > 0 {
                    at -= uniform(seed, agent).ln();
                }
                ns(at)
            };
            (0..agents).map(&mut start).collect()
        }
    }
}

/// The `index`-th number of SplitMix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators),
/// as a multiple of 2^-53 in (0, 1]: its logarithm is finite.
fn uniform(seed: u64, index: u32) -> f64 {
    const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = seed.wrapping_add(u64::from(index).wrapping_mul(GOLDEN_GAMMA));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    ((z >> 11) + 1) as f64 * (0.5f64).powi(53)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gaps in units of the mean gap.
    fn gaps(seed: u64, agents: u32, rate: f64) -> Vec<f64> {
        let starts = starts_ns(seed, agents, rate, Arrivals::Poisson);
        starts.windows(2).map(|pair| (pair[1] - pair[0]) as f64 * rate / 1e9).collect()
    }

    proptest! {
        #[test]
        fn starts_ascend_from_the_release_and_are_the_same_again(
            seed: u64, agents in 1u32..400, rate in 0.001f64..1e6, poisson: bool,
        ) {
            let arrivals = if poisson { Arrivals::Poisson } else { Arrivals::Constant };
            let starts = starts_ns(seed, agents, rate, arrivals);
            prop_assert_eq!((starts.len(), starts[0]), (agents as usize, 0));
            prop_assert!(starts.is_sorted());
            prop_assert_eq!(&starts, &starts_ns(seed, agents, rate, arrivals));
            // More agents extend a schedule and leave its beginning alone.
            prop_assert_eq!(&starts[..], &starts_ns(seed, agents + 7, rate, arrivals)[..agents as usize]);
        }

        #[test]
        fn a_rate_only_stretches_the_poisson_schedule(seed: u64, rate in 0.1f64..1e3) {
            for (a, b) in gaps(seed, 50, rate).iter().zip(gaps(seed, 50, 1.0)) {
                prop_assert!((a - b).abs() < 1e-5, "{a} {b}"); // whole nanoseconds
            }
        }

        #[test]
        fn poisson_gaps_have_the_exponential_mean_and_tail(seed: u64) {
            let gaps = gaps(seed, 20_001, 100.0);
            let n = gaps.len() as f64;
            // Six standard errors: the mean's is 1 / sqrt(n), a share's sqrt(p (1 - p) / n).
            prop_assert!((gaps.iter().sum::<f64>() / n - 1.0).abs() < 6.0 / n.sqrt());
            for t in [0.1f64, 1.0, 3.0] {
                let p = (-t).exp();
                let share = gaps.iter().filter(|gap| **gap > t).count() as f64 / n;
                prop_assert!((share - p).abs() < 6.0 * (p * (1.0 - p) / n).sqrt(), "P(gap > {t}) is {share}");
            }
        }

        #[test]
        fn seeds_differ(seed: u64) {
            prop_assert_ne!(gaps(seed, 3, 1.0), gaps(seed ^ 1, 3, 1.0));
        }
    }

    #[test]
    fn constant_starts_are_multiples_of_the_gap() {
        assert_eq!(starts_ns(9, 4, 50.0, Arrivals::Constant), [0, 20_000_000, 40_000_000, 60_000_000]);
        // Not a sum of rounded gaps: the error does not grow.
        assert_eq!(starts_ns(9, 3_000_001, 3.0, Arrivals::Constant).last(), Some(&1_000_000_000_000_000));
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // First outputs for seed 1234567 of the reference code, https://prng.di.unimi.it/splitmix64.c
        let expected = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973];
        let of = |z: u64| ((z >> 11) + 1) as f64 / (1u64 << 53) as f64;
        assert_eq!([uniform(1_234_567, 1), uniform(1_234_567, 2)], expected.map(of));
    }
}
