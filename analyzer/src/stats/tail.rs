//! Values apart from the rest of their sample: what a robust centre does not see.

use super::outliers::{LARGEST_MODIFIED_Z, MAD_OF_A_NORMAL};
use super::{Result, check, quantile};

/// The values of a sample that lie apart from the rest, to one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// How many.
    pub count: usize,
    /// Size of the sample.
    pub of: usize,
    /// The median of their distances to the sample's median; negative below it.
    pub by: f64,
    /// What they move the mean of the sample by: the sum of their distances over its size.
    pub moves_mean: f64,
}

/// The values below and above the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tails {
    /// Below; `None` where there are none.
    pub lower: Option<Apart>,
    /// Above.
    pub higher: Option<Apart>,
}

impl Tails {
    /// Those that exist, the lower one first.
    pub fn sides(self) -> impl Iterator<Item = Apart> {
        self.lower.into_iter().chain(self.higher)
    }
}

/// A single value of more than so many is a bad moment of the machine. Of fewer it is a tenth of all that is known.
const MANY: usize = 10;

/// So many values, and one in so many, are a way in which the sample behaves, whatever they move the mean by.
const SEVERAL: usize = 3;
const ONE_IN: usize = 5;

impl Apart {
    /// True where they are more than a single bad moment: two values, or one of ten.
    pub fn is_pattern(&self) -> bool {
        self.count > 1 || self.of <= MANY
    }

    /// True where they are a fifth of the sample, and three at least.
    pub fn is_common(&self) -> bool {
        self.count >= SEVERAL && self.count * ONE_IN >= self.of
    }
}

/// The values that differ from the sample's median by more than `margin` and whose modified z (Iglewicz & Hoaglin 1993) is over
/// 3.5. Where half of the values are equal there is no such z, and the margin alone decides.
pub fn tails(values: &[f64], margin: f64) -> Result<Tails> {
    check::not_negative("margin", margin)?;
    let Some(centre) = quantile::median(values)? else { return Ok(Tails::default()) };
    let distances: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let sizes: Vec<f64> = distances.iter().map(|d| d.abs()).collect();
    let mad = quantile::of_sorted(&check::sorted(&sizes), 0.5);
    let apart = |d: f64| d.abs() > margin && MAD_OF_A_NORMAL * d.abs() > LARGEST_MODIFIED_Z * mad;
    let side = |is_here: fn(f64) -> bool| -> Option<Apart> {
        let here: Vec<f64> = distances.iter().copied().filter(|d| is_here(*d) && apart(*d)).collect();
        let moves_mean = here.iter().sum::<f64>() / values.len() as f64;
        let by = (!here.is_empty()).then(|| quantile::of_sorted(&check::sorted(&here), 0.5))?;
        Some(Apart { count: here.len(), of: values.len(), by, moves_mean })
    };
    Ok(Tails { lower: side(|d| d < 0.0), higher: side(|d| d > 0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BULK: [f64; 9] = [0.01, -0.02, 0.0, 0.03, -0.01, 0.02, -0.03, 0.01, 0.0];

    #[test]
    fn a_quarter_that_loses_fifty_is_found_with_its_size() {
        let values: Vec<f64> = BULK.into_iter().chain([-50.0, -51.0, -49.0]).collect();
        let found = tails(&values, 0.5).unwrap();
        let lower = found.lower.unwrap();
        assert_eq!((lower.count, lower.of, found.higher), (3, 12, None));
        assert!((lower.by + 50.0).abs() < 0.1 && (lower.moves_mean + 12.5).abs() < 0.1, "{lower:?}");
        assert!(lower.is_pattern());
    }

    #[test]
    fn what_lies_inside_the_margin_or_inside_the_noise_is_not_apart() {
        let values: Vec<f64> = BULK.into_iter().chain([0.4, -0.4]).collect();
        assert_eq!(tails(&values, 0.5).unwrap(), Tails::default(), "inside the margin");
        let noisy: Vec<f64> = (0..20).map(|i| f64::from(i - 10)).collect();
        assert_eq!(
            tails(&noisy, 0.5).unwrap(),
            Tails::default(),
            "the noise itself is wider than the margin"
        );
    }

    #[test]
    fn one_value_is_a_bad_moment_and_no_pattern() {
        let values: Vec<f64> = BULK.into_iter().chain([9.0, 0.0]).collect();
        let higher = tails(&values, 0.5).unwrap().higher.unwrap();
        assert_eq!((higher.count, higher.is_pattern()), (1, false));
        let apart = |count, of| Apart { count, of, by: 1.0, moves_mean: 0.1 };
        assert!(apart(1, 10).is_pattern(), "a tenth of the sample");
        assert!(apart(2, 40).is_pattern() && !apart(2, 6).is_common());
        assert!(apart(3, 15).is_common() && !apart(3, 16).is_common());
    }

    #[test]
    fn where_half_of_the_values_are_equal_the_margin_decides() {
        let values = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 7.0, 5.2];
        let found = tails(&values, 0.5).unwrap();
        assert_eq!(found.higher.map(|side| (side.count, side.by)), Some((1, 2.0)));
        assert_eq!(tails(&[], 0.5).unwrap(), Tails::default());
    }
}
