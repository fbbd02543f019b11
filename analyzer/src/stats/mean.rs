//! Mean, sample standard deviation and Student's interval of the mean.

use super::{Estimate, Interval, Result, check, student};

/// Size, mean and sample standard deviation of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Number of values, at least 1.
    pub n: usize,
    /// Arithmetic mean, unit of the data.
    pub mean: f64,
    /// Sample standard deviation (n - 1 below the line), unit of the data; `None` for one value,
    /// exactly 0 for equal values.
    pub sd: Option<f64>,
}

impl Moments {
    /// Standard error of the mean, sd / sqrt n; `None` for one value.
    pub fn standard_error(&self) -> Option<f64> {
        self.sd.map(|sd| sd / (self.n as f64).sqrt())
    }
}

/// Mean and sample standard deviation in two passes, sums compensated (Neumaier 1974), deviations
/// scaled by the largest one so that neither tiny nor huge units lose the variance.
/// Equal values give exactly their value and 0. `None` for an empty slice.
pub fn moments(values: &[f64]) -> Result<Option<Moments>> {
    check::values(values)?;
    let n = values.len();
    if n == 0 {
        return Ok(None);
    }
    if check::constant(values) {
        return Ok(Some(Moments { n, mean: values[0] + 0.0, sd: (n > 1).then_some(0.0) }));
    }
    let mean = compensated_sum(values.iter().copied()) / n as f64;
    let scale = values.iter().map(|v| (v - mean).abs()).fold(0.0, f64::max);
    let squares = compensated_sum(values.iter().map(|v| ((v - mean) / scale).powi(2)));
    Ok(Some(Moments { n, mean, sd: Some(scale * (squares / (n - 1) as f64).sqrt()) }))
}

/// Arithmetic mean; `None` for an empty slice.
pub fn mean(values: &[f64]) -> Result<Option<f64>> {
    Ok(moments(values)?.map(|m| m.mean))
}

/// Sample standard deviation (n - 1 below the line); `None` below two values.
pub fn sample_sd(values: &[f64]) -> Result<Option<f64>> {
    Ok(moments(values)?.and_then(|m| m.sd))
}

/// Mean with Student's interval `mean ± t(1 - (1 - level)/2; n - 1) sd / sqrt n` ("Student" 1908).
///
/// `[mean, mean]` when the variance is zero. `None` below two values. On bounded, skewed data and small n its
/// coverage falls short (about .90 for a nominal .95 at n = 5 to 10): see [`super::bootstrap::bootstrap_t`].
pub fn mean_t(values: &[f64], level: f64) -> Result<Option<Estimate>> {
    check::fraction("level", level)?;
    let Some(Moments { n, mean, sd: Some(sd) }) = moments(values)? else {
        return Ok(None);
    };
    let half = if sd == 0.0 {
        0.0
    } else {
        student::upper_quantile((1.0 - level) / 2.0, (n - 1) as f64) * sd / (n as f64).sqrt()
    };
    // Only a level within 1e-15 of 1 has an infinite t.
    let ci = half.is_finite().then_some(Interval { lo: mean - half, hi: mean + half });
    Ok(Some(Estimate { value: mean, ci }))
}

/// Neumaier's compensated sum: the rounding of each addition is carried along.
fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_exactly_no_variance() {
        let m = moments(&[0.1; 7]).unwrap().unwrap();
        assert_eq!((m.mean, m.sd), (0.1, Some(0.0)));
        assert_eq!(mean_t(&[0.1; 7], 0.95).unwrap().unwrap().ci, Some(Interval::point(0.1)));
    }

    #[test]
    fn a_large_offset_or_a_tiny_unit_does_not_lose_the_variance() {
        let sd = sample_sd(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).unwrap().unwrap();
        assert!((sd - 30f64.sqrt()).abs() < 1e-9);
        let sd = sample_sd(&[4e-200, 7e-200, 13e-200, 16e-200]).unwrap().unwrap();
        assert!((sd / 1e-200 - 30f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn one_value_has_a_mean_and_no_interval() {
        assert_eq!(mean(&[3.0]).unwrap(), Some(3.0));
        assert_eq!(sample_sd(&[3.0]).unwrap(), None);
        assert_eq!(mean_t(&[3.0], 0.95).unwrap(), None);
        assert_eq!(mean(&[]).unwrap(), None);
    }

    #[test]
    fn unsound_input_is_an_error() {
        assert!(mean(&[1.0, f64::NAN]).is_err());
        assert!(mean(&[f64::INFINITY]).is_err());
        assert!(mean(&[1e300]).is_err());
        for level in [0.0, 1.0, 95.0, -0.5, f64::NAN] {
            assert!(mean_t(&[1.0, 2.0], level).is_err());
        }
    }
}
