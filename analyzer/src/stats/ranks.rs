//! Average ranks, and how much is tied.

/// Ranks of a sample.
pub(super) struct Ranks {
    /// Rank of each value from 1, in the order of the input; ties share the average of their ranks.
    pub ranks: Vec<f64>,
    /// Sum of t^3 - t over the groups of t equal values: 0 without ties.
    pub tie_term: f64,
}

/// Average ranks of `values`, which must be free of NaN.
pub(super) fn average(values: &[f64]) -> Ranks {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let (mut tie_term, mut start) = (0.0, 0);
    while start < order.len() {
        let value = values[order[start]];
        let end = start + order[start..].iter().take_while(|&&i| values[i] == value).count();
        // Ranks start + 1 to end.
        for &index in &order[start..end] {
            ranks[index] = (start + 1 + end) as f64 / 2.0;
        }
        let t = (end - start) as f64;
        tie_term += t * t * t - t;
        start = end;
    }
    Ranks { ranks, tie_term }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_average_rank() {
        let ranked = average(&[3.0, 1.0, 3.0, -0.0, 0.0, 3.0]);
        assert_eq!(ranked.ranks, vec![5.0, 3.0, 5.0, 1.5, 1.5, 5.0]);
        assert_eq!(ranked.tie_term, 24.0 + 6.0);
    }
}
