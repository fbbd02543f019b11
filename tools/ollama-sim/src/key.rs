//! The key of a request: what its text and its schedule are drawn from.

use xxhash_rust::xxh3::Xxh3Default;

/// Key from the simulator's seed, the model, the parts of the prompt and the request's own seed option.
/// Part boundaries count: `["ab", "c"]` and `["a", "bc"]` differ.
pub fn request_key(sim_seed: u64, model: &str, prompt: &[&str], request_seed: Option<i64>) -> u64 {
    let mut hash = Xxh3Default::new();
    hash.update(&sim_seed.to_le_bytes());
    for part in std::iter::once(&model).chain(prompt) {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    if let Some(seed) = request_seed {
        hash.update(&seed.to_le_bytes());
    }
    hash.digest()
}

/// Sebastiano Vigna's splitmix64 step: turns counters into independent-looking bits.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Uniform integer in `[0, span)`, 0 when `span` is 0. Bias is below span / 2^64.
pub fn below(bits: u64, span: u64) -> u64 {
    ((u128::from(bits) * u128::from(span)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_request_counts() {
        let base = request_key(1, "sim", &["ab", "c"], Some(1));
        assert_eq!(base, request_key(1, "sim", &["ab", "c"], Some(1)));
        for other in [
            request_key(2, "sim", &["ab", "c"], Some(1)),
            request_key(1, "sin", &["ab", "c"], Some(1)),
            request_key(1, "sim", &["a", "bc"], Some(1)),
            request_key(1, "sim", &["ab", "c"], Some(2)),
            request_key(1, "sim", &["ab", "c"], None),
        ] {
            assert_ne!(base, other);
        }
    }
}
