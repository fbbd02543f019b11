//! The Shapiro-Wilk test: whether a sample may come from a normal distribution.

use super::{Result, check, mean, normal};

/// Largest sample that Royston's approximation was fitted to.
const MOST_VALUES: usize = 5000;

/// Result of the Shapiro-Wilk test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapiroWilk {
    /// Squared correlation of the ordered sample with normal scores, at most 1; small values speak against normality.
    pub w: f64,
    /// P(W < w) for a normal sample.
    pub p: f64,
}

/// Shapiro and Wilk (1965), weights and p value by Royston (1995, algorithm AS R94), as in R.
/// `None` below 3 and above 5000 values, and for equal values.
pub fn shapiro_wilk(values: &[f64]) -> Result<Option<ShapiroWilk>> {
    let n = values.len();
    let Some(moments) = mean::moments(values)? else {
        return Ok(None);
    };
    if !(3..=MOST_VALUES).contains(&n) || check::constant(values) {
        return Ok(None);
    }
    // W depends on neither offset nor unit: centred, with a largest deviation of 1, no square leaves the range of f64.
    let mut centred: Vec<f64> = check::sorted(values).iter().map(|x| x - moments.mean).collect();
    let unit = centred[0].abs().max(centred[n - 1].abs());
    centred.iter_mut().for_each(|x| *x /= unit);
    let upper_half = weights(n);
    let length = 2.0 * upper_half.iter().map(|a| a * a).sum::<f64>();
    let product: f64 = upper_half
        .iter()
        .zip(&centred)
        .zip(centred.iter().rev())
        .map(|((a, low), high)| a * (high - low))
        .sum();
    let mean = centred.iter().sum::<f64>() / n as f64;
    let squares: f64 = centred.iter().map(|x| (x - mean).powi(2)).sum();
    // 1 - W as a product of differences: it keeps digits where W is near 1.
    let root = (length * squares).sqrt();
    let short = ((root - product) * (root + product) / (length * squares)).clamp(0.0, 1.0);
    Ok(Some(ShapiroWilk { w: 1.0 - short, p: lower_tail(short, n) }))
}

/// Weights of the upper half from the outermost inwards: Blom's normal scores, the outer one or two (n > 5) corrected
/// by polynomials in 1/sqrt n, the others rescaled to a sum of squares of 1 over both halves.
fn weights(n: usize) -> Vec<f64> {
    const OUTERMOST: [f64; 6] = [0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056];
    const SECOND: [f64; 6] = [0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633];
    if n == 3 {
        return vec![0.5f64.sqrt()];
    }
    let size = n as f64;
    let mut weights: Vec<f64> =
        (1..=n / 2).map(|i| -normal::inverse((i as f64 - 0.375) / (size + 0.25))).collect();
    let total = 2.0 * weights.iter().map(|m| m * m).sum::<f64>();
    let corrected = if n > 5 { 2 } else { 1 };
    let (mut scores, mut kept) = (total, 1.0);
    for (weight, polynomial) in weights.iter_mut().zip([OUTERMOST, SECOND]).take(corrected) {
        scores -= 2.0 * *weight * *weight;
        *weight = horner(&polynomial, 1.0 / size.sqrt()) + *weight / total.sqrt();
        kept -= 2.0 * *weight * *weight;
    }
    let shrink = (scores / kept).sqrt();
    weights.iter_mut().skip(corrected).for_each(|weight| *weight /= shrink);
    weights
}

/// P(W < w) from `short` = 1 - w: exact at n = 3, else log(1 - W), further transformed up to n = 11, is nearly normal.
fn lower_tail(short: f64, n: usize) -> f64 {
    let size = n as f64;
    if n == 3 {
        let exact = 6.0 / std::f64::consts::PI * ((1.0 - short).sqrt().asin() - 0.75f64.sqrt().asin());
        return exact.clamp(0.0, 1.0);
    }
    let y = short.ln();
    if n > 11 {
        let log = size.ln();
        let mean = horner(&[-1.5861, -0.31082, -0.083751, 0.0038915], log);
        let sd = horner(&[-0.4803, -0.082676, 0.0030302], log).exp();
        return normal::upper((y - mean) / sd);
    }
    let bound = horner(&[-2.273, 0.459], size);
    if y >= bound {
        return 0.0;
    }
    let mean = horner(&[0.544, -0.39978, 0.025054, -6.714e-4], size);
    let sd = horner(&[1.3822, -0.77857, 0.062767, -0.0020322], size).exp();
    normal::upper((-(bound - y).ln() - mean) / sd)
}

/// The polynomial with these coefficients, lowest power first.
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        // Shapiro & Wilk 1965, section 4, example 1: weights of 11 men, W = .79 (p near .01).
        let test =
            shapiro_wilk(&[148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0]);
        let test = test.unwrap().unwrap();
        assert!((test.w - 0.79).abs() < 0.005 && (test.p - 0.01).abs() < 0.005, "{test:?}");
    }

    #[test]
    fn the_weights_have_length_one() {
        for n in [3, 4, 5, 6, 11, 12, 500] {
            assert!((2.0 * weights(n).iter().map(|a| a * a).sum::<f64>() - 1.0).abs() < 1e-12, "n = {n}");
        }
    }

    #[test]
    fn three_values_on_a_line_fit_perfectly() {
        let test = shapiro_wilk(&[1.0, 2.0, 3.0]).unwrap().unwrap();
        assert!((test.w - 1.0).abs() < 1e-12 && (test.p - 1.0).abs() < 1e-6, "{test:?}");
    }

    #[test]
    fn neither_unit_nor_offset_matters() {
        let values = [0.5, 1.25, -2.0, 7.0, 3.5, 0.125, 9.0, -1.0];
        let of =
            |scale: f64, offset: f64| shapiro_wilk(&values.map(|v| (v + offset) * scale)).unwrap().unwrap().w;
        for (scale, offset) in [(1e-300, 0.0), (1e98, 0.0), (1.0, 1e12)] {
            assert!((of(1.0, 0.0) - of(scale, offset)).abs() < 1e-12);
        }
    }

    #[test]
    fn what_royston_did_not_cover_has_no_test() {
        assert_eq!(shapiro_wilk(&[1.0, 2.0]).unwrap(), None);
        assert_eq!(shapiro_wilk(&[1.0; 10]).unwrap(), None);
        let many: Vec<f64> = (0..5001).map(f64::from).collect();
        assert_eq!(shapiro_wilk(&many).unwrap(), None);
        assert!(shapiro_wilk(&many[..5000]).unwrap().is_some());
        assert!(shapiro_wilk(&[1.0, 2.0, f64::NAN]).is_err());
    }
}
