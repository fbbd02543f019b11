//! Counts of durations in buckets of constant relative width, small enough to keep one per stream.

/// Buckets per power of two: a bucket is at most 1/32 of its value wide, so a quantile is exact to 3.2 %.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.ilog2();

/// A sparse log-linear histogram of nanoseconds, sorted by bucket. A stream touches a few dozen buckets.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    counts: Vec<(u16, u32)>,
    max: Option<u64>,
}

fn bucket_of(value: u64) -> u16 {
    if value < STEPS {
        return value as u16;
    }
    let shift = value.ilog2() - STEP_BITS;
    (u64::from(shift + 1) * STEPS + ((value >> shift) - STEPS)) as u16
}

/// Largest value of a bucket.
fn upper_edge(bucket: u16) -> u64 {
    let (octave, step) = (u64::from(bucket) / STEPS, u64::from(bucket) % STEPS);
    if octave == 0 {
        return step;
    }
    let shift = octave - 1;
    ((STEPS + step) << shift) + ((1 << shift) - 1)
}

impl Histogram {
    /// Adds one value.
    pub fn record(&mut self, value: u64) {
        self.add(bucket_of(value), 1);
        self.max = self.max.max(Some(value));
    }

    /// Adds all values of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        for &(bucket, count) in &other.counts {
            self.add(bucket, count);
        }
        self.max = self.max.max(other.max);
    }

    fn add(&mut self, bucket: u16, count: u32) {
        match self.counts.binary_search_by_key(&bucket, |&(b, _)| b) {
            Ok(at) => self.counts[at].1 = self.counts[at].1.saturating_add(count),
            Err(at) => self.counts.insert(at, (bucket, count)),
        }
    }

    /// Largest value, exact.
    pub fn max(&self) -> Option<u64> {
        self.max
    }

    /// Smallest recorded value that at least `share` of the values do not exceed, rounded up to the edge of its
    /// bucket and never above the maximum. `None` without values.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let total: u64 = self.counts.iter().map(|&(_, count)| u64::from(count)).sum();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for &(bucket, count) in &self.counts {
            seen += u64::from(count);
            if seen >= rank {
                return self.max.map(|max| upper_edge(bucket).min(max));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_exact_to_a_thirtysecond(mut values in prop::collection::vec(0u64..1 << 40, 1..300), share in 0.01..=1.0f64) {
            let mut histogram = Histogram::default();
            for &value in &values { histogram.record(value); }
            values.sort_unstable();
            let exact = values[((values.len() as f64 * share).ceil() as usize).max(1) - 1];
            let found = histogram.quantile(share).unwrap();
            prop_assert!(found >= exact && found <= exact + exact / STEPS, "{found} for {exact}");
            prop_assert_eq!(histogram.max(), values.last().copied());
        }

        #[test]
        fn merging_is_the_same_as_recording_everything(a in prop::collection::vec(0u64..1 << 30, 0..50), b in prop::collection::vec(0u64..1 << 30, 0..50)) {
            let fill = |values: &[u64]| { let mut h = Histogram::default(); values.iter().for_each(|&v| h.record(v)); h };
            let mut merged = fill(&a);
            merged.merge(&fill(&b));
            let whole = fill(&[a, b].concat());
            prop_assert_eq!(merged.counts, whole.counts);
        }
    }

    #[test]
    fn nothing_recorded_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(Histogram::default().max(), None);
    }
}
