//! The step of the data: what a coarse timer or few digits leave of a measurement.

use super::{Interval, Result, check, mean};

/// Differences under this part of the largest value are rounding of the sums that made the values, no step.
const ROUNDING: f64 = 1e-9;

/// The smallest distance between two different values of one group; `None` where no group varies.
pub fn step(groups: &[&[f64]]) -> Result<Option<f64>> {
    let mut least = f64::INFINITY;
    for group in groups {
        check::values(group)?;
        let sorted = check::sorted(group);
        let rounding = ROUNDING * group.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > rounding);
        least = gaps.fold(least, f64::min);
    }
    Ok(least.is_finite().then_some(least))
}

/// An interval of a location, or of the difference of two, that holds whatever the step hides.
///
/// Order statistics of values that were rounded to a step lie on its grid. Where the interval is narrower than the step, or the
/// step larger than a group's standard deviation, the grid decides and not the sample: intervals of one point come of it on
/// data that vary. The difference of two rounded values is off by up to one step, so the interval is then extended by a step
/// at either end; the step is returned with it. Rounding of data that vary by more than a step evens out (Sheppard 1898), and
/// the interval stays.
///
/// `behind` are the values of which `groups` are the differences. Where these are all equal, they may be so because a
/// coarse timer took what is smaller than its step, and the step of the values counts.
pub fn resolved(interval: Interval, groups: &[&[f64]], behind: &[&[f64]]) -> Result<(Interval, Option<f64>)> {
    let Some(step) = step(groups)?.map_or_else(|| step(behind), |step| Ok(Some(step)))? else {
        return Ok((interval, None));
    };
    let mut coarse = interval.hi - interval.lo < step;
    for group in groups {
        coarse |= mean::sample_sd(group)?.is_some_and(|sd| sd < step);
    }
    if !coarse {
        return Ok((interval, None));
    }
    Ok((Interval { lo: interval.lo - step, hi: interval.hi + step }, Some(step)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_the_smallest_distance_inside_a_group() {
        assert_eq!(step(&[&[93.75, 109.375, 93.75], &[125.0, 93.75]]).unwrap(), Some(15.625));
        assert_eq!(step(&[&[1.0, 1.0], &[1.5, 1.5]]).unwrap(), None, "no group varies");
        assert_eq!(step(&[&[]]).unwrap(), None);
        assert!(step(&[&[f64::NAN]]).is_err());
    }

    #[test]
    fn rounding_is_no_step() {
        let tenths = [0.1 + 0.2, 0.3, 0.4];
        assert!((step(&[&tenths]).unwrap().unwrap() - 0.1).abs() < 1e-12);
    }

    #[test]
    fn an_interval_narrower_than_the_step_is_extended_by_it() {
        let coarse = [93.75, 93.75, 93.75, 109.375, 109.375, 93.75];
        let wide = (Interval { lo: -15.625, hi: 15.625 }, Some(15.625));
        assert_eq!(resolved(Interval::point(0.0), &[&coarse, &coarse], &[]).unwrap(), wide);
        assert_eq!(
            resolved(Interval::point(0.0), &[&[0.0; 6]], &[&coarse, &coarse]).unwrap(),
            wide,
            "paired"
        );
    }

    #[test]
    fn an_interval_of_values_finer_than_their_spread_stays() {
        let fine: Vec<f64> = (0..30).map(|i| f64::from(i * i % 31) / 10.0).collect();
        let interval = Interval { lo: -0.5, hi: 0.5 };
        assert_eq!(resolved(interval, &[&fine, &fine], &[]).unwrap(), (interval, None));
    }

    #[test]
    fn data_without_variation_have_no_step() {
        let point = Interval::point(0.02);
        assert_eq!(resolved(point, &[&[1.0; 6], &[1.02; 6]], &[]).unwrap(), (point, None));
    }
}
