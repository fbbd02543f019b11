//! Student's t distribution, from statrs, by its upper tail.

use statrs::distribution::{ContinuousCDF, StudentsT};

fn standard(df: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, df).expect("degrees of freedom are positive: callers have n >= 2")
}

/// P(T > t) with `df` degrees of freedom.
pub(super) fn upper(t: f64, df: f64) -> f64 {
    standard(df).sf(t)
}

/// P(|T| > |t|), at most 1.
pub(super) fn two_sided(t: f64, df: f64) -> f64 {
    (2.0 * upper(t.abs(), df)).min(1.0)
}

/// The t with P(T > t) = `tail`, 0 < tail < 1.
pub(super) fn upper_quantile(tail: f64, df: f64) -> f64 {
    -standard(df).inverse_cdf(tail)
}
