//! Does a value resemble the one before it? Autocorrelation in run order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Result, mean, normal, shuffle};

/// Of two values the lag-1 autocorrelation is -1/2 whatever they are.
pub const LEAST_N_OF_ACF1: usize = 3;

/// So many values are shuffled at most; with more, r is normal.
const MOST_SHUFFLED: usize = 1_000;

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

/// Neighbours that are alike, and what that does to an interval of the mean or the pseudo-median.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Lag-1 autocorrelation.
    pub r: f64,
    /// One-sided p: the share of the orders of these values with an r at least as large, see [`alike`].
    pub p: f64,
}

impl Alike {
    /// True when chance gives so large an r in under one series in twenty.
    pub fn is_shown(self) -> bool {
        self.p < 0.05 && self.r > 0.0
    }

    /// By which factor an interval that takes the values for independent is too narrow, if each depends on the one before
    /// it and on nothing earlier: the variance of a mean then grows by `(1 + r) / (1 - r)` (Bartlett 1946).
    pub fn too_narrow_by(self) -> f64 {
        let r = self.r.clamp(0.0, 0.99);
        ((1.0 + r) / (1.0 - r)).sqrt()
    }
}

/// Whether neighbours are more alike than the order explains: lag-1 autocorrelation, p by shuffling the series; beyond a
/// thousand values by its normal limit, mean -1/n and variance 1/n (Wald & Wolfowitz 1943). `None` where [`acf1`] has none.
pub fn alike(values: &[f64], seed: u64) -> Result<Option<Alike>> {
    let Some(r) = acf1(values)? else { return Ok(None) };
    let n = values.len() as f64;
    if values.len() > MOST_SHUFFLED {
        return Ok(Some(Alike { r, p: normal::upper((r + 1.0 / n) * n.sqrt()) }));
    }
    let mut key = *b"........ shuffles of differences";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let (mut shuffled, mut rng) = (values.to_vec(), ChaCha8Rng::from_seed(key));
    let [p] = shuffle::p_values([Some(r)], || {
        shuffle::shuffle(&mut shuffled, &mut rng);
        Ok([acf1(&shuffled)?])
    })?;
    Ok(p.map(|p| Alike { r, p }))
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
    fn neighbours_that_are_alike_are_shown_with_what_they_cost() {
        let rising: Vec<f64> = (0..12).map(f64::from).collect();
        let found = alike(&rising, 1).unwrap().unwrap();
        assert!(found.is_shown() && found.p < 0.001 && found.r == acf1(&rising).unwrap().unwrap());
        assert!((Alike { r: 0.6, p: 0.01 }.too_narrow_by() - 2.0).abs() < 1e-12);
        let alternating: Vec<f64> = (0..12).map(|t| f64::from(t % 2)).collect();
        let found = alike(&alternating, 1).unwrap().unwrap();
        assert!(!found.is_shown() && found.p > 0.9 && found.too_narrow_by() == 1.0, "{found:?}");
        assert_eq!((alike(&[1.0, 2.0], 1).unwrap(), alike(&[0.1; 9], 1).unwrap()), (None, None));
    }

    #[test]
    fn p_is_the_share_of_the_orders() {
        // Of the 120 orders of 5 values; one standard error of 4,999 shuffles is .007 at most.
        let values = [1.0, 2.0, 4.0, 7.0, 6.0];
        let seen = acf1(&values).unwrap().unwrap();
        let (mut reached, mut all) = (0, 0);
        for code in 0..3125usize {
            let places: Vec<usize> = (0..5).map(|digit| code / 5usize.pow(digit) % 5).collect();
            if (0..5).all(|place| places.contains(&place)) {
                let order: Vec<f64> = places.iter().map(|place| values[*place]).collect();
                reached += i32::from(acf1(&order).unwrap().unwrap() >= seen - 1e-9);
                all += 1;
            }
        }
        let share = f64::from(reached) / f64::from(all);
        let p = alike(&values, 3).unwrap().unwrap().p;
        // Stopped after 20 hits: a standard error of a fifth of the share.
        assert!((p - share).abs() < share, "{p} {share}");
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
