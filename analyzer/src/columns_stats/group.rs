//! One group on its own.

use super::bounds::{self, LocationBounds};
use crate::columns::{Location, Origin};
use crate::stats::bootstrap::{Resampling, bootstrap_t, percentile_and_bca};
use crate::stats::{Result, autocorrelation, mean, outliers, quantile, runs, shapiro_wilk, trend};
use serde::Serialize;

/// Level of every interval whose name does not say otherwise.
pub(super) const LEVEL: f64 = 0.95;

/// One group on its own, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct GroupStats {
    /// Values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: Location,
    /// Sample standard deviation; none for one value.
    pub sd: Option<f64>,
    /// Least value.
    pub min: Location,
    /// Greatest value.
    pub max: Location,
    /// Median.
    pub median: Location,
    /// Type-7 quantiles.
    pub quantiles: Quantiles,
    /// Student's interval of the mean.
    pub t_ci: LocationBounds,
    /// Bootstrap-t interval of the mean.
    pub bootstrap_t_ci: LocationBounds,
    /// BCa bootstrap interval of the mean.
    pub bca_ci: LocationBounds,
    /// Percentile bootstrap interval of the mean.
    pub percentile_ci: LocationBounds,
    /// Order-statistic interval of the median.
    pub median_ci: LocationBounds,
    /// Its real coverage.
    pub median_ci_coverage: Option<f64>,
    /// Order-statistic interval of the 90 % quantile.
    pub p90_ci: LocationBounds,
    /// Order-statistic interval of the 95 % quantile.
    pub p95_ci: LocationBounds,
    /// Test of normality.
    pub shapiro_wilk: ShapiroWilk,
    /// Values that a rule flags; none is removed.
    pub outliers: Outliers,
    /// The values in the order of their rows.
    pub series: Series,
}

/// Type-7 quantiles.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "named by their probability")]
pub struct Quantiles {
    #[serde(rename = "0.05")]
    pub p05: Location,
    #[serde(rename = "0.1")]
    pub p10: Location,
    #[serde(rename = "0.25")]
    pub p25: Location,
    #[serde(rename = "0.5")]
    pub p50: Location,
    #[serde(rename = "0.75")]
    pub p75: Location,
    #[serde(rename = "0.9")]
    pub p90: Location,
    #[serde(rename = "0.95")]
    pub p95: Location,
    #[serde(rename = "0.99")]
    pub p99: Location,
}

/// Shapiro and Wilk's test.
#[derive(Debug, Clone, Serialize)]
pub struct ShapiroWilk {
    /// Statistic.
    pub w: Option<f64>,
    /// Chance of a smaller one under normality.
    pub p: Option<f64>,
}

/// How many values each rule flags; none where the rule has no scale to judge by.
#[derive(Debug, Clone, Serialize)]
pub struct Outliers {
    /// Beyond 1.5 interquartile ranges from the quartiles.
    pub tukey_1_5: Option<usize>,
    /// Beyond 3.
    pub tukey_3: Option<usize>,
    /// Modified z above 3.5.
    pub modified_z_3_5: Option<usize>,
}

/// The values in the order of their rows.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Autocorrelation at lag 1.
    pub acf1: Option<f64>,
    /// Ljung and Box's statistic over ten lags.
    pub ljung_box_q10: Option<f64>,
    /// Its p.
    pub ljung_box_p: Option<f64>,
    /// Kendall's tau of value against place.
    pub kendall_tau: Option<f64>,
    /// Its p.
    pub kendall_p: Option<f64>,
    /// Theil and Sen's slope, per row of the group.
    pub theil_sen_slope: Option<f64>,
    /// Runs about the median, as a normal deviate.
    pub runs_z: Option<f64>,
    /// Its p.
    pub runs_p: Option<f64>,
}

/// Everything about one group; `None` without a value. `origin` was subtracted from the values.
pub(super) fn describe(
    values: &[f64],
    origin: Option<Origin>,
    resampling: Resampling,
) -> Result<Option<GroupStats>> {
    let at = |above| Location::new(origin, above);
    let (Some(moments), Some(quantiles)) = (mean::moments(values)?, quantiles(values, at)?) else {
        return Ok(None);
    };
    let t_ci = mean::mean_t(values, LEVEL)?.and_then(|estimate| estimate.ci);
    let resampled = percentile_and_bca(values, LEVEL, resampling)?;
    let median_ci = quantile::median_interval(values, LEVEL)?;
    let both = |interval| bounds::located(bounds::both(interval), at);
    let either = |interval| bounds::located(bounds::either(interval), at);
    Ok(Some(GroupStats {
        n: moments.n,
        mean: at(moments.mean),
        sd: moments.sd,
        min: at(values.iter().copied().fold(f64::INFINITY, f64::min) + 0.0),
        max: at(values.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 0.0),
        median: quantiles.p50,
        quantiles,
        t_ci: both(t_ci),
        bootstrap_t_ci: both(bootstrap_t(values, LEVEL, resampling)?),
        bca_ci: both(resampled.and_then(|found| found.bca)),
        percentile_ci: both(resampled.map(|found| found.percentile)),
        median_ci: both(median_ci.map(|ci| ci.interval)),
        median_ci_coverage: median_ci.map(|ci| ci.coverage),
        p90_ci: either(quantile::quantile_interval(values, 0.9, LEVEL)?),
        p95_ci: either(quantile::quantile_interval(values, 0.95, LEVEL)?),
        shapiro_wilk: shapiro(values)?,
        outliers: outliers(values)?,
        series: series(values)?,
    }))
}

fn quantiles(values: &[f64], at: impl Fn(f64) -> Location) -> Result<Option<Quantiles>> {
    let found = quantile::quantiles(values, &[0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])?;
    let found = found.map(|found| found.into_iter().map(at).collect::<Vec<_>>());
    Ok(found.as_deref().and_then(|found| match *found {
        [p05, p10, p25, p50, p75, p90, p95, p99] => {
            Some(Quantiles { p05, p10, p25, p50, p75, p90, p95, p99 })
        }
        _ => None,
    }))
}

fn shapiro(values: &[f64]) -> Result<ShapiroWilk> {
    let found = shapiro_wilk::shapiro_wilk(values)?;
    Ok(ShapiroWilk { w: found.map(|test| test.w), p: found.map(|test| test.p) })
}

fn outliers(values: &[f64]) -> Result<Outliers> {
    let found = outliers::outliers(values)?;
    let found = found.as_ref();
    Ok(Outliers {
        tukey_1_5: found.map(|f| f.tukey_1_5.len()),
        tukey_3: found.map(|f| f.tukey_3.len()),
        modified_z_3_5: found.and_then(|f| f.modified_z_3_5.as_ref()).map(Vec::len),
    })
}

fn series(values: &[f64]) -> Result<Series> {
    let ljung_box = autocorrelation::ljung_box(values)?;
    let kendall = trend::kendall(values)?;
    let runs = runs::runs_test(values)?;
    Ok(Series {
        acf1: autocorrelation::acf1(values)?,
        ljung_box_q10: ljung_box.map(|test| test.q),
        ljung_box_p: ljung_box.map(|test| test.p),
        kendall_tau: kendall.map(|trend| trend.tau),
        kendall_p: kendall.map(|trend| trend.p),
        theil_sen_slope: trend::theil_sen(values)?,
        runs_z: runs.map(|test| test.z),
        runs_p: runs.map(|test| test.p),
    })
}
