//! Quantiles of integer stamps, for the summary columns of a request.

/// Type-7 quantile (Hyndman and Fan 1996) of ascending values, rounded to a whole number.
/// `None` of an empty slice.
pub(crate) fn type7(ascending: &[u64], q: f64) -> Option<u64> {
    let last = ascending.len().checked_sub(1)?;
    let place = q * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    let (lo, hi) = (ascending[below] as f64, ascending[above] as f64);
    Some((lo + (hi - lo) * (place - below as f64)).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::type7;

    #[test]
    fn values_of_r_quantile_type_7() {
        // R 4: quantile(c(1, 2, 4, 8, 16) * 100, c(0, .25, .5, .9, .99, 1)) = 100 200 400 1280 1568 1600
        let values = [100, 200, 400, 800, 1600];
        let at = |q| type7(&values, q).unwrap();
        assert_eq!(
            [at(0.0), at(0.25), at(0.5), at(0.9), at(0.99), at(1.0)],
            [100, 200, 400, 1280, 1568, 1600]
        );
        assert_eq!(type7(&[7], 0.99), Some(7));
        assert_eq!(type7(&[], 0.5), None);
    }
}
