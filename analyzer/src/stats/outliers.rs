//! Values far from the rest: flagged by position, never removed.

use super::{Result, check, quantile};

/// Multiple of the interquartile range from a quartile to the inner fence (Tukey 1977).
pub(super) const INNER_FENCE: f64 = 1.5;

/// Multiple of the interquartile range from a quartile to the outer fence (Tukey 1977).
const OUTER_FENCE: f64 = 3.0;

/// Makes MAD / 0.6745 estimate the standard deviation of normal data (Iglewicz & Hoaglin 1993, section 3.3).
pub(super) const MAD_OF_A_NORMAL: f64 = 0.6745;

/// Largest modified z that is not flagged (Iglewicz & Hoaglin 1993, section 3.3).
pub(super) const LARGEST_MODIFIED_Z: f64 = 3.5;

/// Positions in the sample (from 0, ascending) that each rule flags; their number is the length of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outliers {
    /// False where the quartiles are equal, as they are when the middle half of the values is: the fences have no width then,
    /// and whatever lies off that value lies outside.
    pub fences_have_width: bool,
    /// Strictly outside `[Q1 - 1.5 IQR, Q3 + 1.5 IQR]`.
    pub tukey_1_5: Vec<usize>,
    /// Strictly outside `[Q1 - 3 IQR, Q3 + 3 IQR]`.
    pub tukey_3: Vec<usize>,
    /// `|0.6745 (x - median) / MAD|` over 3.5; `None` when MAD is 0, as it is when half of the values are equal.
    pub modified_z_3_5: Option<Vec<usize>>,
}

/// Tukey's fences (Tukey 1977) from type-7 quartiles, and the modified z of Iglewicz & Hoaglin (1993) with
/// MAD = median of |x - median|. `None` for an empty slice.
pub fn outliers(values: &[f64]) -> Result<Option<Outliers>> {
    let Some(quartiles) = quantile::quantiles(values, &[0.25, 0.5, 0.75])? else {
        return Ok(None);
    };
    let [q1, median, q3] = [quartiles[0], quartiles[1], quartiles[2]];
    let beyond = |fence: f64| {
        let reach = fence * (q3 - q1);
        positions(values, |value| value < q1 - reach || value > q3 + reach)
    };
    let deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    let mad = quantile::of_sorted(&check::sorted(&deviations), 0.5);
    let far = |deviation: f64| MAD_OF_A_NORMAL * deviation / mad > LARGEST_MODIFIED_Z;
    Ok(Some(Outliers {
        fences_have_width: q3 > q1,
        tukey_1_5: beyond(INNER_FENCE),
        tukey_3: beyond(OUTER_FENCE),
        modified_z_3_5: (mad > 0.0).then(|| positions(&deviations, far)),
    }))
}

fn positions(values: &[f64], flagged: impl Fn(f64) -> bool) -> Vec<usize> {
    values.iter().enumerate().filter(|(_, value)| flagged(**value)).map(|(position, _)| position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_fence_is_inside() {
        // Quartiles 2 and 4: fences at -1 and 7, and at -4 and 10.
        let found = |extreme| outliers(&[1.0, 2.0, 3.0, 4.0, extreme]).unwrap().unwrap();
        assert!(found(7.0).tukey_1_5.is_empty());
        assert_eq!(found(7.000001).tukey_1_5, [4]);
        assert!(found(10.0).tukey_3.is_empty());
        assert_eq!(found(-90.0).tukey_3, [4]);
    }

    #[test]
    fn half_of_the_values_equal_leave_no_modified_z() {
        let found = outliers(&[5.0, 5.0, 5.0, 5.0, 90.0]).unwrap().unwrap();
        let (tukey_1_5, tukey_3) = (vec![4], vec![4]);
        assert_eq!(found, Outliers { fences_have_width: false, tukey_1_5, tukey_3, modified_z_3_5: None });
        // Three of five equal, but not the middle half: fences there are, a modified z there is not.
        let found = outliers(&[5.0, 5.0, 5.0, 7.0, 90.0]).unwrap().unwrap();
        assert!(found.fences_have_width && found.modified_z_3_5.is_none());
    }

    #[test]
    fn small_samples_have_no_outliers_and_an_empty_one_no_answer() {
        assert_eq!(outliers(&[]).unwrap(), None);
        for values in [&[4.0][..], &[1.0, 1e100], &[1.0, 2.0, 1e100]] {
            let found = outliers(values).unwrap().unwrap();
            assert_eq!((found.tukey_1_5.len(), found.tukey_3.len()), (0, 0));
        }
        assert!(outliers(&[1.0, f64::NAN]).is_err());
    }

    #[test]
    fn values_as_near_as_f64_can_tell_apart_are_flagged_like_any_others() {
        let tiny = 5e-324;
        let found = outliers(&[0.0, tiny, 2.0 * tiny, 3.0 * tiny, 1e100]).unwrap().unwrap();
        assert_eq!(found.modified_z_3_5, Some(vec![4]));
        assert_eq!(found.tukey_3, [4]);
    }
}
