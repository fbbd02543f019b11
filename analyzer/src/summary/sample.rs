//! Seven numbers of one sample, in linear time.

use crate::stats::{Result, mean};

/// Seven numbers of a sample, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of values, at least 1.
    pub n: usize,
    /// Arithmetic mean, with compensated sums.
    pub mean: f64,
    /// Sample standard deviation (n - 1 below the line); `None` for one value.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Type-7 quantile at one half.
    pub median: f64,
    /// Type-7 quantile at .95.
    pub p95: f64,
}

/// Summarises `values`, which lose their order; `None` when there are none.
///
/// Mean and sd as [`mean::moments`], quantiles as [`crate::stats::quantile::quantile`], by selection in place of a
/// sort (Hoare 1961).
///
/// # Errors
/// For values that are not finite or over 1e100 in magnitude.
pub fn summary(values: &mut [f64]) -> Result<Option<Summary>> {
    let Some(moments) = mean::moments(values)? else {
        return Ok(None);
    };
    let (min, max) = values.iter().fold((values[0], values[0]), |(min, max), &v| (v.min(min), v.max(max)));
    let p95 = select(values, 0.95);
    // What p95 was selected from leaves everything that the median needs in front of it.
    let median = select(values, 0.5);
    Ok(Some(Summary { n: moments.n, mean: moments.mean, sd: moments.sd, min, max, median, p95 }))
}

/// Type-7 quantile (Hyndman & Fan 1996) of at least one value.
fn select(values: &mut [f64], p: f64) -> f64 {
    let h = (values.len() - 1) as f64 * p;
    let (_, &mut below, rest) = values.select_nth_unstable_by(h.floor() as usize, f64::total_cmp);
    let above = rest.iter().copied().reduce(f64::min).unwrap_or(below);
    below + (h - h.floor()) * (above - below) + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantiles;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_numbers_as_the_sorted_sample_gives(values in prop::collection::vec(-1e6f64..1e6, 1..200)) {
            let expected = quantiles(&values, &[0.0, 0.5, 0.95, 1.0]).unwrap().unwrap();
            let found = summary(&mut values.clone()).unwrap().unwrap();
            prop_assert_eq!(vec![found.min, found.median, found.p95, found.max], expected);
            prop_assert_eq!(Some(found.mean), mean::mean(&values).unwrap());
            prop_assert_eq!(found.sd, mean::sample_sd(&values).unwrap());
        }
    }

    #[test]
    fn few_values() {
        assert_eq!(summary(&mut []).unwrap(), None);
        let one = summary(&mut [3.0]).unwrap().unwrap();
        assert_eq!(one, Summary { n: 1, mean: 3.0, sd: None, min: 3.0, max: 3.0, median: 3.0, p95: 3.0 });
        let two = summary(&mut [2.0, 1.0]).unwrap().unwrap();
        assert_eq!((two.median, two.p95), (1.5, 1.95));
        assert!(summary(&mut [1.0, f64::NAN]).is_err());
    }
}
