//! How long a response is that names no length: a pure function of the request's key.

use crate::key::{below, mix};

/// Keeps the length independent of the offset and the jitter, which are drawn from the same key.
const LENGTH: u64 = u64::from_be_bytes(*b"length\0\0");

/// Length in tokens, uniform over the whole numbers from `tokens * (1 - spread)` to `tokens * (1 + spread)`, at
/// least 1. The same request gets the same length alone and among others, as from a model with a fixed seed.
pub fn free_length(tokens: u32, spread: f64, key: u64) -> u32 {
    let middle = f64::from(tokens);
    // Casts saturate. Rounded inwards, so that no length lies outside the bounds.
    let least = ((middle * (1.0 - spread)).ceil() as u32).clamp(1, tokens.max(1));
    let most = ((middle * (1.0 + spread)).floor() as u32).max(tokens);
    let lengths = u64::from(most - least) + 1;
    least + below(mix(key ^ LENGTH), lengths) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lengths_stay_inside_their_bounds(tokens in 1u32.., spread in 0.0..=0.9f64, key: u64) {
            let length = f64::from(free_length(tokens, spread, key));
            let (tokens, most) = (f64::from(tokens), f64::from(u32::MAX));
            prop_assert!(length >= (tokens * (1.0 - spread)).max(1.0));
            prop_assert!(length <= (tokens * (1.0 + spread)).min(most));
        }

        #[test]
        fn without_a_spread_every_length_is_the_configured_one(tokens in 1u32.., key: u64) {
            prop_assert_eq!(free_length(tokens, 0.0, key), tokens);
        }
    }

    #[test]
    fn the_same_request_has_the_same_length_on_every_machine() {
        let lengths = [0, 1, 2, u64::MAX].map(|key| free_length(1000, 0.5, key));
        assert_eq!(lengths, [1255, 844, 1087, 1283]);
    }

    #[test]
    fn lengths_are_uniform_from_end_to_end() {
        let mut counts = [0u32; 11];
        for key in 0..11_000 {
            counts[free_length(10, 0.5, key) as usize - 5] += 1;
        }
        // 1000 each; the standard deviation of a count is 30.
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
