//! p values adjusted for many comparisons.

use super::{Result, check};

/// Holm's step-down adjustment (Holm 1979): controls the chance of any false positive, whatever the dependence.
/// Adjusted p of the i-th smallest (from 1) of k: the running maximum of `(k - i + 1) p`, at most 1.
/// Results in the order of the input.
pub fn holm(ps: &[f64]) -> Result<Vec<f64>> {
    check::probabilities(ps)?;
    let k = ps.len();
    let mut adjusted = vec![0.0; k];
    let mut largest = 0.0f64;
    for (rank, index) in ascending(ps).into_iter().enumerate() {
        largest = largest.max((k - rank) as f64 * ps[index]).min(1.0);
        adjusted[index] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's step-up adjustment (1995): controls the share of false positives among the positives.
/// Adjusted p of the i-th smallest (from 1) of k: the running minimum, from the top, of `k p / i`.
/// Results in the order of the input.
pub fn benjamini_hochberg(ps: &[f64]) -> Result<Vec<f64>> {
    check::probabilities(ps)?;
    let k = ps.len();
    let mut adjusted = vec![0.0; k];
    let mut smallest = 1.0f64;
    for (rank, index) in ascending(ps).into_iter().enumerate().rev() {
        smallest = smallest.min(k as f64 * ps[index] / (rank + 1) as f64);
        adjusted[index] = smallest;
    }
    Ok(adjusted)
}

/// Indices in ascending order of p; equal ones keep their order.
fn ascending(ps: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|&a, &b| ps[a].total_cmp(&ps[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_comparison_needs_no_adjustment_and_one_keeps_its_p() {
        assert_eq!(holm(&[]).unwrap(), Vec::<f64>::new());
        assert_eq!(holm(&[0.03]).unwrap(), vec![0.03]);
        assert_eq!(benjamini_hochberg(&[0.03]).unwrap(), vec![0.03]);
    }

    #[test]
    fn adjusted_values_stay_probabilities() {
        assert_eq!(holm(&[0.9, 1.0, 0.8]).unwrap(), vec![1.0, 1.0, 1.0]);
        assert!(benjamini_hochberg(&[0.9, 1.0, 0.8]).unwrap().iter().all(|p| *p <= 1.0));
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        for bad in [f64::NAN, -0.1, 1.1] {
            assert!(holm(&[0.5, bad]).is_err());
            assert!(benjamini_hochberg(&[0.5, bad]).is_err());
        }
    }
}
