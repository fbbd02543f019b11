//! When each token of a response is due: a pure function of pace, key and length.
//!
//! With t0 the moment the request was parsed (or, in a queue, the moment its turn came):
//!
//! - token k is due at `t0 + ttft + offset + k * itl + jitter(k)`, offset uniform in `[0, itl / 2)` from the
//!   key, jitter(k) uniform in `[0, jitter * itl)` from key and k;
//! - the final record is due at `t0 + ttft + n * itl` exactly, so that responses of equal length are equal
//!   work whatever their offsets.
//!
//! The offset spreads the first tokens of streams that are released together: real servers do not answer in
//! one burst. Because `jitter <= 0.5`, deadlines never cross and the final record is always the last.

use crate::Pacing;
use crate::key::{below, mix};

/// Deadlines of one response, in nanoseconds after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    ttft_ns: u64,
    itl_ns: u64,
    offset_ns: u64,
    jitter_span_ns: u64,
    key: u64,
    tokens: u32,
}

impl Schedule {
    /// Schedule of `tokens` tokens for the request with this key.
    pub fn new(pacing: &Pacing, key: u64, tokens: u32) -> Schedule {
        Schedule {
            ttft_ns: pacing.ttft_ns,
            itl_ns: pacing.itl_ns,
            offset_ns: below(mix(key), pacing.itl_ns / 2),
            jitter_span_ns: (pacing.itl_ns as f64 * pacing.jitter) as u64,
            key,
            tokens,
        }
    }

    /// When token `k` (from 0) is due.
    pub fn token_due(&self, k: u32) -> u64 {
        let jitter = below(mix(self.key ^ mix(u64::from(k) + 1)), self.jitter_span_ns);
        self.ttft_ns + self.offset_ns + u64::from(k) * self.itl_ns + jitter
    }

    /// When the final record is due.
    pub fn end(&self) -> u64 {
        self.ttft_ns + u64::from(self.tokens) * self.itl_ns
    }

    /// Number of tokens.
    pub fn tokens(&self) -> u32 {
        self.tokens
    }

    /// Time before the first gap begins.
    pub fn ttft_ns(&self) -> u64 {
        self.ttft_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pacings() -> impl Strategy<Value = Pacing> {
        (0u64..10_000_000_000, 0u64..1_000_000_000, 0.0..=0.5f64).prop_map(|(ttft_ns, itl_ns, jitter)| {
            Pacing { ttft_ns, itl_ns, jitter, tokens: 1, length_spread: 0.0 }
        })
    }

    proptest! {
        #[test]
        fn the_same_request_has_the_same_schedule(pacing in pacings(), key: u64, n in 1u32..2000, k in 0u32..2000) {
            let (a, b) = (Schedule::new(&pacing, key, n), Schedule::new(&pacing, key, n));
            prop_assert_eq!(a.token_due(k), b.token_due(k));
            prop_assert_eq!(a.end(), b.end());
        }

        #[test]
        fn deadlines_never_cross_and_the_final_record_is_last(pacing in pacings(), key: u64, n in 1u32..500) {
            let schedule = Schedule::new(&pacing, key, n);
            let due: Vec<u64> = (0..n).map(|k| schedule.token_due(k)).chain([schedule.end()]).collect();
            prop_assert!(due.is_sorted());
        }

        #[test]
        fn equal_lengths_end_together_whatever_the_key(pacing in pacings(), a: u64, b: u64, n in 1u32..5000) {
            prop_assert_eq!(Schedule::new(&pacing, a, n).end(), Schedule::new(&pacing, b, n).end());
        }

        #[test]
        fn every_token_falls_inside_its_own_gap(pacing in pacings(), key: u64, k in 0u32..5000) {
            let schedule = Schedule::new(&pacing, key, 5000);
            let gap = pacing.ttft_ns + u64::from(k) * pacing.itl_ns;
            prop_assert!((gap..=gap + pacing.itl_ns).contains(&schedule.token_due(k)));
        }

        #[test]
        fn a_shorter_response_is_the_beginning_of_a_longer_one(pacing in pacings(), key: u64, k in 0u32..50) {
            prop_assert_eq!(Schedule::new(&pacing, key, 50).token_due(k), Schedule::new(&pacing, key, 500).token_due(k));
        }
    }

    #[test]
    fn offsets_cover_half_a_gap() {
        let pacing = Pacing { ttft_ns: 0, itl_ns: 1_000_000, jitter: 0.0, tokens: 1, length_spread: 0.0 };
        let offsets: Vec<u64> = (0..1000).map(|key| Schedule::new(&pacing, key, 1).token_due(0)).collect();
        let mean = offsets.iter().sum::<u64>() / 1000;
        assert!(offsets.iter().all(|&o| o < 500_000));
        assert!((225_000..275_000).contains(&mean), "mean offset {mean} ns");
    }
}
