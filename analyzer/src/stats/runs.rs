//! Runs test: do values above and below the median follow each other at random?

use super::{Result, normal, quantile};

/// Result of the runs test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunsTest {
    /// Number of runs: longest stretches of neighbours on one side of the median.
    pub runs: usize,
    /// Negative with too few runs (drift, clusters), positive with too many (alternation).
    pub z: f64,
    /// Two-sided p of the normal approximation.
    pub p: f64,
}

/// Runs test about the median (Wald & Wolfowitz 1940), normal approximation without continuity correction: with n1 values
/// at or above the median and n2 below, the runs have mean `2 n1 n2 / n + 1` and variance
/// `2 n1 n2 (2 n1 n2 - n) / (n^2 (n - 1))`.
///
/// `None` when all values are on one side (then at least half of them are the least value), and below three values,
/// whose number of runs is fixed.
pub fn runs_test(values: &[f64]) -> Result<Option<RunsTest>> {
    let Some(median) = quantile::median(values)? else {
        return Ok(None);
    };
    let above: Vec<bool> = values.iter().map(|value| *value >= median).collect();
    let runs = above.chunk_by(|one, next| one == next).count();
    let n = values.len() as f64;
    let n1 = above.iter().filter(|above| **above).count() as f64;
    let products = 2.0 * n1 * (n - n1);
    if n < 3.0 || products == 0.0 {
        return Ok(None);
    }
    let mean = products / n + 1.0;
    let sd = (products * (products - n) / (n * n * (n - 1.0))).sqrt();
    let z = (runs as f64 - mean) / sd;
    Ok(Some(RunsTest { runs, z, p: (2.0 * normal::upper(z.abs())).min(1.0) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_has_few_runs_and_alternation_many() {
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        let drift = runs_test(&rising).unwrap().unwrap();
        assert!(drift.runs == 2 && drift.z < -3.0 && drift.p < 0.001);
        let alternating: Vec<f64> = (0..20).map(|t| f64::from(t % 2)).collect();
        let alternation = runs_test(&alternating).unwrap().unwrap();
        assert!(alternation.runs == 20 && alternation.z > 3.0 && alternation.p < 0.001);
    }

    #[test]
    fn one_side_only_or_two_values_have_no_test() {
        for values in [&[][..], &[1.0], &[1.0, 2.0], &[3.0; 9], &[1.0, 1.0, 1.0, 2.0, 5.0]] {
            assert_eq!(runs_test(values).unwrap(), None, "{values:?}");
        }
        assert!(runs_test(&[1.0, 2.0, 3.0]).unwrap().is_some());
        assert!(runs_test(&[1.0, f64::INFINITY, 3.0]).is_err());
    }
}
