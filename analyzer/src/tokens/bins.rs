//! Counts of durations in bins that are narrow everywhere, whatever their range.

use std::collections::BTreeMap;

/// Bins of one doubling.
const PER_OCTAVE_BITS: u32 = 7;
/// Durations below this have a bin of their own, in ns.
const EXACT_NS: u64 = 1 << (PER_OCTAVE_BITS + 1);

/// Largest distance of a duration from the middle of its bin, relative to the duration: half a bin of the 128 that
/// divide each doubling.
pub const RELATIVE_ERROR: f64 = 1.0 / (1 << (PER_OCTAVE_BITS + 1)) as f64;

/// Durations in ns, counted. Every one is counted; what is given up is its place inside a bin, [`RELATIVE_ERROR`].
/// At most 7,424 bins, so that any number of tokens fits; counts of two samples add up to those of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogBins {
    counts: BTreeMap<u16, u64>,
}

impl LogBins {
    /// Counts a duration.
    pub fn add(&mut self, ns: u64) {
        *self.counts.entry(bin(ns)).or_default() += 1;
    }

    /// Adds the counts of another sample.
    pub fn merge(&mut self, other: &LogBins) {
        for (bin, count) in &other.counts {
            *self.counts.entry(*bin).or_default() += count;
        }
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The middle of each bin that is not empty, in ns, ascending, with its count.
    pub fn values(&self) -> impl Iterator<Item = (f64, u64)> {
        self.counts.iter().map(|(bin, count)| (middle(*bin), *count))
    }

    /// The smallest value that a share of the durations does not exceed (type-1 quantile); none without any.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (share * self.total() as f64).ceil().max(1.0) as u64;
        let mut upto = 0;
        self.values()
            .find(|(_, count)| {
                upto += count;
                upto >= rank
            })
            .map(|(value, _)| value)
    }
}

fn bin(ns: u64) -> u16 {
    if ns < EXACT_NS {
        return ns as u16;
    }
    let octave = ns.ilog2() - PER_OCTAVE_BITS;
    ((u64::from(octave) << PER_OCTAVE_BITS) + (ns >> octave)) as u16
}

fn middle(bin: u16) -> f64 {
    let bin = u64::from(bin);
    if bin < EXACT_NS {
        return bin as f64;
    }
    let octave = (bin >> PER_OCTAVE_BITS) - 1;
    let lowest = (bin - (octave << PER_OCTAVE_BITS)) << octave;
    lowest as f64 + ((1u64 << octave) - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bins_follow_each_other_without_a_hole() {
        let ends = [0, 1, 255, 256, 257, 258, 511, 512, 1 << 20, u64::MAX];
        assert_eq!(ends.map(bin), [0, 1, 255, 256, 256, 257, 383, 384, 1792, 7423]);
        assert_eq!((middle(255), middle(256), middle(384)), (255.0, 256.5, 513.5));
    }

    proptest! {
        #[test]
        fn the_middle_of_its_bin_is_near_a_duration(bits in 0u32..64, low: u64) {
            let ns = (1u64 << bits) | (low & ((1 << bits) - 1));
            let (found, exact) = (middle(bin(ns)), ns as f64);
            prop_assert!((found - exact).abs() <= exact * RELATIVE_ERROR, "{} for {}", found, ns);
            const { assert!(RELATIVE_ERROR < 0.005) };
        }

        #[test]
        fn merged_counts_are_those_of_the_concatenation(
            samples in proptest::collection::vec(proptest::collection::vec(0u64..1 << 40, 0..30), 1..6),
            share in 0.0..=1.0f64,
        ) {
            let of = |values: &[u64]| {
                let mut bins = LogBins::default();
                values.iter().for_each(|ns| bins.add(*ns));
                bins
            };
            let mut merged = LogBins::default();
            samples.iter().for_each(|values| merged.merge(&of(values)));
            let mut all = samples.concat();
            prop_assert_eq!(&merged, &of(&all));
            prop_assert_eq!(merged.total(), all.len() as u64);
            all.sort_unstable();
            let rank = ((share * all.len() as f64).ceil() as usize).max(1);
            match (merged.quantile(share), all.get(rank - 1)) {
                (Some(found), Some(exact)) => {
                    prop_assert!((found - *exact as f64).abs() <= *exact as f64 * RELATIVE_ERROR)
                }
                (found, exact) => prop_assert!(found.is_none() && exact.is_none()),
            }
        }
    }
}
