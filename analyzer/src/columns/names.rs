//! Names numbered in order of first appearance.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Names as bytes, numbered from 0.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, u32, RandomStart>,
}

impl Names {
    /// The number of a name, the next one when it is new.
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert(name.into(), next);
        next
    }

    /// All names by number.
    pub(super) fn into_ordered(self) -> Vec<Box<[u8]>> {
        let mut ordered: Vec<_> = self.numbers.into_iter().collect();
        ordered.sort_unstable_by_key(|(_, number)| *number);
        ordered.into_iter().map(|(name, _)| name).collect()
    }
}

/// A random start per table, so that no file can be made to collide.
struct RandomStart(u64);

impl Default for RandomStart {
    fn default() -> RandomStart {
        RandomStart(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for RandomStart {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

/// Eight bytes at a time, both halves of a product folded into one: a fraction of the cost of the standard library's
/// hash on names of a few words, which every row of a file looks up.
struct Folded(u64);

impl Folded {
    fn fold(&mut self, word: u64) {
        /// Odd, with no pattern in its bits: the fraction of the golden ratio.
        const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ word) * FACTOR;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.fold(u64::from_le_bytes(word));
        }
    }

    /// Slices write their length first, so that padding makes no two of them alike.
    fn write_usize(&mut self, length: usize) {
        self.fold(length as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
