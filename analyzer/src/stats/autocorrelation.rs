//! Does a value resemble the one before it? Autocorrelation in run order.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Result, mean};

/// Of two values the lag-1 autocorrelation is -1/2 whatever they are.
pub const LEAST_N_OF_ACF1: usize = 3;

/// Number of lags that the Ljung-Box statistic pools.
pub const LJUNG_BOX_LAGS: usize = 10;

/// Result of the Ljung-Box test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LjungBox {
    /// The statistic.
    pub q: f64,
    /// P(chi-squared on 10 degrees of freedom > q).
    pub p: f64,
}

/// Lag-1 autocorrelation `sum (x_t - m)(x_t+1 - m) / sum (x_t - m)^2`, m the mean (Box, Jenkins, Reinsel & Ljung 2015,
/// section 2.1.5). With few values it leans to the negative: about -1/n without any dependence, and never above 0
/// at n = 3. `None` below three values and for constant data.
pub fn acf1(values: &[f64]) -> Result<Option<f64>> {
    Ok(deviations(values)?.filter(|d| d.len() >= LEAST_N_OF_ACF1).map(|d| autocorrelation(&d, 1)))
}

/// Ljung-Box test of the raw series: `Q = n (n + 2) sum r_k^2 / (n - k)` over the lags k = 1 to 10, r_k the
/// autocorrelation at lag k, against chi-squared on 10 degrees of freedom (Ljung & Box 1978).
/// `None` up to ten values, which have no tenth lag, and for constant data.
pub fn ljung_box(values: &[f64]) -> Result<Option<LjungBox>> {
    let Some(deviations) = deviations(values)?.filter(|d| d.len() > LJUNG_BOX_LAGS) else {
        return Ok(None);
    };
    let n = deviations.len() as f64;
    let sum: f64 =
        (1..=LJUNG_BOX_LAGS).map(|k| autocorrelation(&deviations, k).powi(2) / (n - k as f64)).sum();
    let q = n * (n + 2.0) * sum;
    let null = ChiSquared::new(LJUNG_BOX_LAGS as f64).expect("ten degrees of freedom are positive");
    Ok(Some(LjungBox { q, p: null.sf(q).clamp(0.0, 1.0) }))
}

/// Deviations from the mean in units of the largest, so that no unit loses their squares; `None` without variation.
fn deviations(values: &[f64]) -> Result<Option<Vec<f64>>> {
    let Some(moments) = mean::moments(values)? else {
        return Ok(None);
    };
    let largest = values.iter().map(|v| (v - moments.mean).abs()).fold(0.0, f64::max);
    Ok((largest > 0.0).then(|| values.iter().map(|v| (v - moments.mean) / largest).collect()))
}

/// `sum d_t d_t+lag / sum d_t^2` of deviations that are not all 0.
fn autocorrelation(deviations: &[f64], lag: usize) -> f64 {
    let products: f64 = deviations.iter().zip(&deviations[lag..]).map(|(d, later)| d * later).sum();
    products / deviations.iter().map(|d| d * d).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternation_is_negative_and_a_slope_positive() {
        let alternating: Vec<f64> = (0..20).map(|t| f64::from(t % 2)).collect();
        assert!((acf1(&alternating).unwrap().unwrap() + 0.95).abs() < 1e-14);
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        assert!(acf1(&rising).unwrap().unwrap() > 0.8);
        assert!(ljung_box(&rising).unwrap().unwrap().p < 1e-6);
    }

    #[test]
    fn too_few_and_constant_values_have_none() {
        for n in 0..LEAST_N_OF_ACF1 {
            assert_eq!(acf1(&[1.0, 3.0][..n]).unwrap(), None);
        }
        assert_eq!(acf1(&[1.0, 3.0, 2.0]).unwrap(), Some(-0.5));
        let eleven: Vec<f64> = (0..11).map(|t| f64::from(t * 7 % 11)).collect();
        assert_eq!(ljung_box(&eleven[..10]).unwrap(), None);
        assert!(ljung_box(&eleven).unwrap().is_some());
        assert_eq!((acf1(&[0.1; 30]).unwrap(), ljung_box(&[0.1; 30]).unwrap()), (None, None));
        assert!(acf1(&[1.0, 2.0, f64::NAN]).is_err());
    }

    #[test]
    fn the_unit_does_not_matter() {
        let values = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.0, 3.5, 8.0, 9.5];
        for unit in [1e-200, 1e98] {
            let scaled = values.map(|v| v * unit);
            assert!((acf1(&scaled).unwrap().unwrap() - acf1(&values).unwrap().unwrap()).abs() < 1e-12);
            let [ours, plain] = [&scaled, &values].map(|v| ljung_box(v).unwrap().unwrap());
            assert!((ours.q - plain.q).abs() < 1e-10 && (ours.p - plain.p).abs() < 1e-12);
        }
    }
}
