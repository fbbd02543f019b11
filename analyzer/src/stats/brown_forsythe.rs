//! The Brown-Forsythe test: whether unpaired groups spread unequally about their medians.

use super::{Result, check, fisher, mean};

/// Result of the Brown-Forsythe test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrownForsythe {
    /// The statistic.
    pub f: f64,
    /// Groups minus 1.
    pub df1: f64,
    /// Values minus groups.
    pub df2: f64,
    /// P(F > f).
    pub p: f64,
}

/// Levene's test about the median (Brown & Forsythe 1974): the analysis of variance of `z_ij = |x_ij - median_i|`,
/// `F = (N - k)/(k - 1) sum n_i (zbar_i - zbar)^2 / sum (z_ij - zbar_i)^2`.
///
/// `None` below two groups, with an empty group, and when the z do not vary within any group, as in groups of one or
/// two values.
pub fn brown_forsythe(groups: &[&[f64]]) -> Result<Option<BrownForsythe>> {
    for group in groups {
        check::values(group)?;
    }
    if groups.len() < 2 || groups.iter().any(|group| group.is_empty()) {
        return Ok(None);
    }
    let deviations: Vec<Vec<f64>> = groups.iter().map(|group| doubled_deviations(group)).collect();
    // F does not depend on the unit: in units of the largest deviation no square leaves the range of f64.
    let unit = deviations.iter().flatten().copied().fold(0.0, f64::max);
    if unit == 0.0 {
        return Ok(None);
    }
    let (mut n, mut sum, mut within, mut means) = (0.0, 0.0, 0.0, Vec::with_capacity(groups.len()));
    for group in &deviations {
        let scaled: Vec<f64> = group.iter().map(|z| z / unit).collect();
        let Some(z) = mean::moments(&scaled)? else { return Ok(None) };
        let size = z.n as f64;
        n += size;
        sum += size * z.mean;
        within += (size - 1.0) * z.sd.map_or(0.0, |sd| sd * sd);
        means.push((size, z.mean));
    }
    let between: f64 = means.iter().map(|(size, mean)| size * (mean - sum / n).powi(2)).sum();
    let k = groups.len() as f64;
    let (df1, df2) = (k - 1.0, n - k);
    let f = between / within * (df2 / df1);
    // Not finite: no deviation varies, or all but none.
    Ok(f.is_finite().then(|| BrownForsythe { f, df1, df2, p: fisher::upper(f, df1, df2) }))
}

/// Twice |x - median|, as the distances to both middle values: rounding of the median itself would make equal
/// deviations differ. The factor 2 leaves F.
fn doubled_deviations(group: &[f64]) -> Vec<f64> {
    let sorted = check::sorted(group);
    let (below, above) = (sorted[(group.len() - 1) / 2], sorted[group.len() / 2]);
    group.iter().map(|x| ((x - below) + (x - above)).abs()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_example_by_hand() {
        // Medians 2 and 6, z = 1 0 1 and 4 0 4: means 2/3 and 8/3, within 2/3 + 32/3, between 6, F = 4 x 6 / (34/3).
        let test = brown_forsythe(&[&[1.0, 2.0, 3.0], &[2.0, 6.0, 10.0]]).unwrap().unwrap();
        assert!((test.f - 72.0 / 34.0).abs() < 1e-12);
        assert_eq!((test.df1, test.df2), (1.0, 4.0));
    }

    #[test]
    fn deviations_that_do_not_vary_have_no_test() {
        assert_eq!(brown_forsythe(&[&[0.1, 0.3], &[0.7, 1.1]]).unwrap(), None, "two values deviate equally");
        assert_eq!(brown_forsythe(&[&[1.0; 4], &[2.0; 3]]).unwrap(), None);
        assert_eq!(brown_forsythe(&[&[1.0, 2.0, 4.0]]).unwrap(), None);
        assert_eq!(brown_forsythe(&[&[1.0, 2.0, 4.0], &[]]).unwrap(), None);
        assert!(brown_forsythe(&[&[1.0, 2.0, 4.0], &[f64::NAN]]).is_err());
    }

    #[test]
    fn neither_unit_nor_offset_matters() {
        let groups = [[1.0, 2.0, 4.0, 8.0], [3.0, 3.5, 4.5, 3.25]];
        let of = |scale: f64, offset: f64| {
            let moved = groups.map(|group| group.map(|v| (v + offset) * scale));
            brown_forsythe(&[&moved[0], &moved[1]]).unwrap().unwrap().p
        };
        for (scale, offset) in [(1e-300, 0.0), (1e98, 0.0), (1.0, 1e12)] {
            assert!((of(1.0, 0.0) / of(scale, offset) - 1.0).abs() < 1e-12);
        }
    }
}
