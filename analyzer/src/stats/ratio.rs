//! Ratio of two geometric means: the comparison of times and rates, whose differences are proportions.

use super::{Estimate, Interval, Result, check, welch};

/// Ratio of the geometric means, b over a, with Welch's interval of the difference of the mean natural logarithms,
/// exponentiated (Bland & Altman 1996, BMJ 312:1153). 1.05 says "5 % more". The interval is `[ratio, ratio]` when neither group varies.
///
/// `None` below two values a side, unless every value is positive, and where the ratio leaves the range of f64; where
/// only a bound leaves it, there is no interval.
pub fn geometric_mean_ratio(a: &[f64], b: &[f64], level: f64) -> Result<Option<Estimate>> {
    check::values(a)?;
    check::values(b)?;
    check::fraction("level", level)?;
    if a.iter().chain(b).any(|value| *value <= 0.0) {
        return Ok(None);
    }
    let [log_a, log_b] = [a, b].map(|values| values.iter().map(|v| v.ln()).collect::<Vec<f64>>());
    let Some(logs) = welch::welch_t(&log_a, &log_b, level)? else {
        return Ok(None);
    };
    let value = logs.diff.exp();
    let ci = Interval { lo: logs.ci.lo.exp(), hi: logs.ci.hi.exp() };
    Ok(value.is_normal().then_some(Estimate { value, ci: ci.hi.is_finite().then_some(ci) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proportional_change_is_found_and_its_interval_holds_it() {
        let a = [10.0, 12.0, 9.0, 11.0, 10.5];
        let b = a.map(|v| 1.2 * v);
        let found = geometric_mean_ratio(&a, &b, 0.95).unwrap().unwrap();
        assert!((found.value - 1.2).abs() < 1e-14);
        assert!(found.ci.unwrap().contains(1.2) && found.ci.unwrap().lo > 0.0);
        let back = geometric_mean_ratio(&b, &a, 0.95).unwrap().unwrap();
        assert!((back.ci.unwrap().lo * found.ci.unwrap().hi - 1.0).abs() < 1e-12);
    }

    #[test]
    fn constants_give_a_point() {
        let found = geometric_mean_ratio(&[2.0; 3], &[3.0; 2], 0.95).unwrap().unwrap();
        assert!((found.value - 1.5).abs() < 1e-15);
        assert_eq!(found.ci, Some(Interval::point(found.value)));
    }

    #[test]
    fn there_is_no_ratio_of_a_value_that_is_not_positive_or_of_too_few() {
        for (a, b) in [
            (vec![1.0, 0.0, 2.0], vec![1.0, 2.0]),
            (vec![1.0, 2.0], vec![1.0, -2.0]),
            (vec![1.0, 2.0], vec![1.0, -0.0]),
            (vec![1.0], vec![1.0, 2.0]),
            (vec![], vec![1.0, 2.0]),
        ] {
            assert_eq!(geometric_mean_ratio(&a, &b, 0.95).unwrap(), None, "{a:?} {b:?}");
        }
        assert!(geometric_mean_ratio(&[1.0, f64::NAN], &[1.0, 2.0], 0.95).is_err());
        assert!(geometric_mean_ratio(&[1.0, 2.0], &[1.0, 2.0], 95.0).is_err());
    }

    #[test]
    fn what_leaves_the_range_of_f64_is_left_out() {
        assert_eq!(geometric_mean_ratio(&[5e-324; 3], &[1e100; 3], 0.95).unwrap(), None);
        let wide = geometric_mean_ratio(&[1.0, 1e-90], &[1.0, 1e90], 0.95).unwrap().unwrap();
        assert!((wide.value / 1e90 - 1.0).abs() < 1e-10);
        assert_eq!(wide.ci, None);
    }
}
