//! A randomised complete block design: every treatment once in every block.

use super::pairwise::{PairDifference, pairs};
use super::studentized_range::StudentizedRange;
use super::{Result, StatsError, check, fisher};

/// Complete blocks as a matrix: rows are blocks, columns treatments.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocked {
    rows: Vec<Vec<f64>>,
}

impl Blocked {
    /// One row per block, its values in the order of the treatments. Rows of different lengths are an error.
    pub fn new<R: AsRef<[f64]>>(rows: &[R]) -> Result<Self> {
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.as_ref().to_vec()).collect();
        for (block, row) in rows.iter().enumerate() {
            check::values(row)?;
            if row.len() != rows[0].len() {
                return Err(StatsError::Incomplete { block, values: row.len(), treatments: rows[0].len() });
            }
        }
        Ok(Self { rows })
    }

    /// Number of blocks, b.
    pub fn blocks(&self) -> usize {
        self.rows.len()
    }

    /// Number of treatments, k; 0 without blocks.
    pub fn treatments(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// The blocks in the order given.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.iter().map(Vec::as_slice)
    }
}

/// Result of the analysis of variance of a randomised complete block design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RcbdF {
    /// Mean square of the treatments over that of the error.
    pub f: f64,
    /// Treatments minus 1.
    pub df1: f64,
    /// (Blocks minus 1) times (treatments minus 1).
    pub df2: f64,
    /// P(F > f).
    pub p: f64,
    /// How many times as many trials per treatment a completely randomised design needs for the same precision,
    /// without the correction for its degrees of freedom; below 1 the blocks did not pay.
    pub relative_efficiency: f64,
}

/// Additive analysis of variance (Fisher 1935) of b blocks by k treatments: `F = MS_treatments / MS_error` with
/// `MS_error = sum (y_ij - ybar_i. - ybar_.j + ybar_..)^2 / ((b - 1)(k - 1))`, and the relative efficiency
/// `[(b - 1) MS_blocks + b (k - 1) MS_error] / [(b k - 1) MS_error]` (Cochran & Cox 1957; Kuehl 2000).
///
/// `None` below two blocks or two treatments, and when the error is 0 but for rounding.
pub fn rcbd_f(data: &Blocked) -> Option<RcbdF> {
    let fit = Additive::fit(data)?;
    let (b, k) = (data.blocks() as f64, data.treatments() as f64);
    let squares = |effects: &[f64]| effects.iter().map(|effect| effect * effect).sum::<f64>();
    let ms_treatments = b * squares(&fit.treatment_effects) / (k - 1.0);
    let ms_blocks = k * squares(&fit.block_effects) / (b - 1.0);
    let f = ms_treatments / fit.ms_error;
    Some(RcbdF {
        f,
        df1: k - 1.0,
        df2: fit.df_error,
        p: fisher::upper(f, k - 1.0, fit.df_error),
        relative_efficiency: ((b - 1.0) * ms_blocks / fit.ms_error + b * (k - 1.0)) / (b * k - 1.0),
    })
}

/// Tukey's test on the blocked design (Tukey 1953): all pairs of treatments in ascending order, `q = |diff| / sqrt(MS_error / b)`
/// against the studentized range of k treatments with (b - 1)(k - 1) degrees of freedom; intervals hold together at
/// `level`. `None` as for [`rcbd_f`].
pub fn tukey(data: &Blocked, level: f64) -> Result<Option<Vec<PairDifference>>> {
    check::fraction("level", level)?;
    let Some(fit) = Additive::fit(data) else {
        return Ok(None);
    };
    let range = StudentizedRange::new(data.treatments(), fit.df_error);
    let Some(quantile) = range.upper_quantile(1.0 - level) else {
        return Ok(None);
    };
    let se = fit.unit * (fit.ms_error / data.blocks() as f64).sqrt();
    let effect = |treatment: usize| fit.unit * fit.treatment_effects[treatment];
    Ok(pairs(data.treatments())
        .map(|(a, b)| PairDifference::tukey((a, b), effect(b) - effect(a), se, &range, quantile))
        .collect())
}

/// Least-squares fit of `y_ij = mean + block_i + treatment_j`, in units of the largest deviation from the mean, so that no
/// square leaves the range of f64.
struct Additive {
    unit: f64,
    block_effects: Vec<f64>,
    treatment_effects: Vec<f64>,
    ms_error: f64,
    df_error: f64,
}

impl Additive {
    /// `None` below two blocks or two treatments, and when the residuals are no larger than the rounding of the values.
    fn fit(data: &Blocked) -> Option<Self> {
        let (b, k) = (data.blocks(), data.treatments());
        if b < 2 || k < 2 {
            return None;
        }
        let mean = |values: &mut dyn Iterator<Item = f64>, n: usize| values.sum::<f64>() / n as f64;
        let grand = mean(&mut data.rows().flatten().copied(), b * k);
        let unit = data.rows().flatten().map(|y| (y - grand).abs()).fold(0.0, f64::max);
        if unit == 0.0 {
            return None;
        }
        let scaled: Vec<Vec<f64>> =
            data.rows().map(|row| row.iter().map(|y| (y - grand) / unit).collect()).collect();
        // About the mean of the scaled values: `grand` itself carries the rounding of large values.
        let centre = mean(&mut scaled.iter().flatten().copied(), b * k);
        let block_effects: Vec<f64> =
            scaled.iter().map(|row| mean(&mut row.iter().copied(), k) - centre).collect();
        let treatment_effects: Vec<f64> =
            (0..k).map(|j| mean(&mut scaled.iter().map(|row| row[j]), b) - centre).collect();
        let (mut squares, mut largest) = (0.0, 0.0f64);
        for (row, block) in scaled.iter().zip(&block_effects) {
            for (y, treatment) in row.iter().zip(&treatment_effects) {
                let residual = y - centre - block - treatment;
                squares += residual * residual;
                largest = largest.max(residual.abs());
            }
        }
        // An additive table leaves residuals of a few units in the last place of its values.
        let magnitude = data.rows().flatten().map(|y| y.abs()).fold(0.0, f64::max);
        let rounding = 8.0 * f64::EPSILON * (magnitude / unit);
        let df_error = ((b - 1) * (k - 1)) as f64;
        (largest > rounding.max(8.0 * f64::EPSILON)).then(|| Self {
            unit,
            block_effects,
            treatment_effects,
            ms_error: squares / df_error,
            df_error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_treatments_give_the_square_of_the_paired_t() {
        let rows = [[1.0, 2.5], [2.0, 2.25], [4.0, 6.5], [3.0, 2.0], [7.0, 9.0]];
        let differences: Vec<f64> = rows.iter().map(|[a, b]| b - a).collect();
        let t = super::super::paired::paired_t(&differences, 0.95).unwrap().unwrap();
        let test = rcbd_f(&Blocked::new(&rows).unwrap()).unwrap();
        assert!((test.f - t.t.unwrap().powi(2)).abs() < 1e-12);
        assert!((test.p - t.p.unwrap()).abs() < 1e-12);
        assert_eq!((test.df1, test.df2), (1.0, 4.0));
    }

    #[test]
    fn tukeys_test_of_two_treatments_is_the_paired_t() {
        let rows = [[1.0, 2.5], [2.0, 2.25], [4.0, 6.5], [3.0, 2.0], [7.0, 9.0]];
        let differences: Vec<f64> = rows.iter().map(|[a, b]| b - a).collect();
        let t = super::super::paired::paired_t(&differences, 0.95).unwrap().unwrap();
        let pairs = tukey(&Blocked::new(&rows).unwrap(), 0.95).unwrap().unwrap();
        assert_eq!(pairs.len(), 1);
        assert!((pairs[0].diff - t.mean_diff).abs() < 1e-12 && (pairs[0].p - t.p.unwrap()).abs() < 1e-9);
        assert!((pairs[0].ci.lo - t.ci.lo).abs() < 1e-9 && (pairs[0].ci.hi - t.ci.hi).abs() < 1e-9);
    }

    #[test]
    fn blocks_that_do_not_differ_do_not_pay() {
        // Every block mean is 2: relative efficiency b (k - 1) / (b k - 1).
        let data =
            Blocked::new(&[[1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0], [1.5, 2.0, 2.5]]).unwrap();
        assert!((rcbd_f(&data).unwrap().relative_efficiency - 8.0 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn additive_tables_have_no_error_to_compare_with() {
        let additive: Vec<Vec<f64>> = [0.1, 0.7, 1.3, 99.9]
            .iter()
            .map(|block| [0.0, 0.3, 0.05].iter().map(|t| block + t).collect())
            .collect();
        assert_eq!(rcbd_f(&Blocked::new(&additive).unwrap()), None);
        assert_eq!(tukey(&Blocked::new(&additive).unwrap(), 0.95).unwrap(), None);
        assert_eq!(rcbd_f(&Blocked::new(&[[2.0, 2.0], [2.0, 2.0]]).unwrap()), None);
        assert_eq!(rcbd_f(&Blocked::new(&[[1.0, 2.0]]).unwrap()), None);
        assert_eq!(rcbd_f(&Blocked::new(&[[1.0], [2.0]]).unwrap()), None);
        assert_eq!(rcbd_f(&Blocked::new::<Vec<f64>>(&[]).unwrap()), None);
    }

    #[test]
    fn a_gap_is_an_error() {
        let gap = Blocked::new(&[vec![1.0, 2.0], vec![3.0]]);
        assert_eq!(gap, Err(StatsError::Incomplete { block: 1, values: 1, treatments: 2 }));
        assert!(Blocked::new(&[[1.0, f64::NAN]]).is_err());
    }

    #[test]
    fn neither_unit_nor_offset_matters() {
        let rows = [[1.0, 2.5, 3.0], [2.0, 2.25, 4.5], [4.0, 6.5, 4.0]];
        let of = |scale: f64, offset: f64| {
            let moved = rows.map(|row| row.map(|y| (y + offset) * scale));
            rcbd_f(&Blocked::new(&moved).unwrap()).unwrap()
        };
        for (scale, offset) in [(1e-300, 0.0), (1e98, 0.0), (1.0, 1e12)] {
            let (ours, moved) = (of(1.0, 0.0), of(scale, offset));
            assert!((ours.p - moved.p).abs() < 1e-12);
            assert!((ours.relative_efficiency - moved.relative_efficiency).abs() < 1e-9);
        }
    }
}
