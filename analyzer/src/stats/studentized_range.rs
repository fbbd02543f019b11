//! The studentized range: `Q = (largest - smallest of k independent standard normals) / S`,
//! `S = sqrt(chi-squared / df)`.

use super::{Result, check, expectation, normal, root, student};

/// Nodes per unit of z: the narrowest integrand, of many groups, has a standard deviation near .3.
const NODES_PER_UNIT: f64 = 4.0;

/// The probability that lies further than this from an integrand's peak is below f64's precision.
const REACH: f64 = 7.0;

/// A range of normals beyond this has a probability below f64's range.
const WIDEST: f64 = 54.0;

/// P(Q > q) of k groups with `df` >= 1 degrees of freedom, to about ten digits even where it is small; 0 below two
/// groups, which have no range.
///
/// `E[P(W > q S)]`, W the range of k standard normals of which z is the largest:
/// `P(W > w) = k integral phi(z) {Phi(z)^(k-1) - [Phi(z) - Phi(z - w)]^(k-1)} dz` (Tukey 1953; Copenhaver & Holland 1988).
pub fn upper_tail(q: f64, k: usize, df: f64) -> Result<f64> {
    check::not_negative("studentized range", q)?;
    check::degrees_of_freedom(df)?;
    Ok(StudentizedRange::new(k, df).upper(q))
}

/// The q with P(Q > q) = `tail`. `None` below two groups.
pub fn upper_quantile(tail: f64, k: usize, df: f64) -> Result<Option<f64>> {
    check::fraction("tail", tail)?;
    check::degrees_of_freedom(df)?;
    Ok(StudentizedRange::new(k, df).upper_quantile(tail))
}

/// The distribution of one k and df, with what all its probabilities share.
pub(super) struct StudentizedRange {
    k: usize,
    df: f64,
    /// From z = -REACH on, in ascending order.
    nodes: Vec<Node>,
}

struct Node {
    z: f64,
    /// Phi(z).
    below: f64,
    /// `k phi(z) Phi(z)^(k-1)` times the step.
    weight: f64,
}

impl StudentizedRange {
    /// `df` at least 1.
    pub(super) fn new(k: usize, df: f64) -> Self {
        let last = ((WIDEST / 2.0 + 2.0 * REACH) * NODES_PER_UNIT) as usize;
        let nodes = (0..=last).map(|node| {
            let z = node as f64 / NODES_PER_UNIT - REACH;
            let below = normal::cdf(z);
            let weight = k as f64 * normal::density(z) * below.powf(k as f64 - 1.0) / NODES_PER_UNIT;
            Node { z, below, weight }
        });
        Self { k, df, nodes: nodes.collect() }
    }

    /// P(Q > q), q >= 0.
    pub(super) fn upper(&self, q: f64) -> f64 {
        if self.k < 2 {
            return 0.0;
        }
        expectation::over_scaled_chi(self.df, |s| self.normal_range_upper(q * s)).clamp(0.0, 1.0)
    }

    /// The q with P(Q > q) = `tail`; `None` below two groups, and within 1e-15 of a tail of 0.
    pub(super) fn upper_quantile(&self, tail: f64) -> Option<f64> {
        let scaled_t = |tail: f64| 2f64.sqrt() * student::upper_quantile(tail, self.df);
        // Of two groups Q is sqrt 2 |t|. Of k it is at least that of one pair, and at most Bonferroni's of all pairs.
        let one_pair = scaled_t(tail / 2.0);
        if self.k <= 2 || !one_pair.is_finite() {
            return (self.k == 2 && one_pair.is_finite()).then_some(one_pair);
        }
        let all_pairs = scaled_t(tail / (self.k * (self.k - 1)) as f64);
        // Both logarithms make it nearly a line.
        let misfit = |log_q: f64| (self.upper(log_q.exp()) / tail).ln();
        all_pairs.is_finite().then(|| root::between(one_pair.ln(), all_pairs.ln(), misfit).exp())
    }

    /// P(W > w) of the range W of k standard normals, w >= 0.
    fn normal_range_upper(&self, w: f64) -> f64 {
        if w >= WIDEST {
            return 0.0;
        }
        // The integrand peaks near w/2 where w is large. Where it is small, z > w up to a normal's reach matters too.
        let node = |z: f64| ((z + REACH) * NODES_PER_UNIT) as usize;
        let (first, last) = (node(w / 2.0 - REACH), node((w / 2.0 + REACH).max(REACH + 2.0)));
        let others = self.k as f64 - 1.0;
        let terms = self.nodes[first..=last].iter().map(|Node { z, below, weight }| {
            // Phi(z)^(k-1) - [Phi(z) - Phi(z - w)]^(k-1) without its cancellation.
            let outside = (normal::cdf(z - w) / below).min(1.0);
            -weight * (others * (-outside).ln_1p()).exp_m1()
        });
        terms.sum::<f64>().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_are_students_t() {
        for df in [1.0, 3.5, 20.0, 1e5] {
            for q in [0.0, 0.5, 3.0, 8.0, 30.0] {
                let (ours, t) = (upper_tail(q, 2, df).unwrap(), student::two_sided(q / 2f64.sqrt(), df));
                assert!((ours - t).abs() <= 1e-9 * t, "q = {q}, df = {df}: {ours:e} {t:e}");
            }
        }
    }

    #[test]
    fn the_published_table() {
        // Upper 5 % points (Harter 1960, Annals of Mathematical Statistics 31).
        for (k, df, published) in
            [(3, 5.0, 4.602), (5, 10.0, 4.654), (10, 20.0, 5.008), (20, 60.0, 5.241), (4, 120.0, 3.685)]
        {
            let q = upper_quantile(0.05, k, df).unwrap().unwrap();
            assert!((q - published).abs() < 6e-4, "k = {k}, df = {df}: {q}");
        }
    }

    #[test]
    fn the_quantile_inverts_the_tail() {
        for (k, df, tail) in
            [(3, 4.0, 0.05), (7, 1.0, 0.4), (12, 57.3, 1e-9), (5, 2e4, 0.999), (2, 6.0, 0.01)]
        {
            let q = upper_quantile(tail, k, df).unwrap().unwrap();
            assert!((upper_tail(q, k, df).unwrap() / tail - 1.0).abs() < 1e-9, "k = {k}, df = {df}: {q}");
        }
    }

    #[test]
    fn one_group_has_no_range() {
        assert_eq!(upper_tail(1.0, 1, 5.0).unwrap(), 0.0);
        assert_eq!(upper_quantile(0.05, 1, 5.0).unwrap(), None);
        assert_eq!(upper_quantile(0.05, 0, 5.0).unwrap(), None);
        assert!(upper_tail(-1.0, 3, 5.0).is_err());
        assert!(upper_tail(f64::NAN, 3, 5.0).is_err());
        assert!(upper_tail(1.0, 3, 0.0).is_err());
        assert!(upper_quantile(95.0, 3, 5.0).is_err());
    }
}
