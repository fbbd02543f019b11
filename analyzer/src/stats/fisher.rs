//! The F distribution's upper tail, from statrs' incomplete beta function.

use statrs::function::beta::beta_reg;

/// P(F > f) with `df1` and `df2` degrees of freedom, f >= 0. The argument of the beta function is formed without the
/// subtraction from 1 that costs statrs' own tail its small values.
pub(super) fn upper(f: f64, df1: f64, df2: f64) -> f64 {
    beta_reg(df2 / 2.0, df1 / 2.0, df2 / (df2 + df1 * f)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numerator_degrees_have_a_closed_form_far_into_the_tail() {
        for (f, df2) in [(0.0f64, 5.0f64), (3.0, 8.0), (1e6, 12.0), (1e40, 4.0)] {
            let exact = (1.0 + 2.0 * f / df2).powf(-df2 / 2.0);
            assert!(
                (upper(f, 2.0, df2) / exact - 1.0).abs() < 1e-10,
                "{f}: {:e} {exact:e}",
                upper(f, 2.0, df2)
            );
        }
    }
}
