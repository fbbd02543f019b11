//! Two groups within blocks.

use super::bounds::{self, Bounds};
use super::group::LEVEL;
use crate::stats::autocorrelation::{self, Alike};
use crate::stats::bootstrap::{Resampling, bootstrap_t};
use crate::stats::hodges_lehmann::{pseudo_median, pseudo_median_interval};
use crate::stats::{Result, mean, paired as tests, permutation, wilcoxon};
use serde::Serialize;

/// Two groups within blocks, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Paired {
    /// Blocks that count.
    pub n: usize,
    /// Mean of the differences.
    pub mean_diff: Option<f64>,
    /// Their sample standard deviation.
    pub sd_diff: Option<f64>,
    /// Paired t.
    pub t: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// Student's interval of the mean difference.
    pub ci: Bounds,
    /// Bootstrap-t interval of the mean difference.
    pub bootstrap_t_ci: Bounds,
    /// Wilcoxon's signed-rank test.
    pub wilcoxon: Wilcoxon,
    /// Pseudo-median of the differences.
    pub hodges_lehmann: Option<f64>,
    /// Its interval.
    pub hodges_lehmann_ci: Bounds,
    /// Its 90 % interval.
    pub hodges_lehmann_ci90: Bounds,
    /// p of the sign-flip permutation test.
    pub permutation_p: Option<f64>,
    /// p of the two one-sided t tests against the margin.
    pub tost_p: Option<f64>,
    /// Neighbouring blocks that are alike, where chance gives that in under one table in twenty: for the text.
    #[serde(skip)]
    pub alike: Option<Alike>,
}

/// Wilcoxon's signed-rank test.
#[derive(Debug, Clone, Serialize)]
pub struct Wilcoxon {
    /// The smaller rank sum.
    pub w: Option<f64>,
    /// Exact p; none with ties or above 50 differences.
    pub p_exact: Option<f64>,
    /// p of the normal approximation.
    pub p_asymptotic: Option<f64>,
}

/// From the differences, b minus a.
pub(super) fn paired(differences: &[f64], margin: f64, resampling: Resampling) -> Result<Paired> {
    let t = tests::paired_t(differences, LEVEL)?;
    let ranks = wilcoxon::signed_rank_test(differences)?;
    let alike = autocorrelation::alike(differences, resampling.seed)?;
    Ok(Paired {
        n: differences.len(),
        mean_diff: mean::mean(differences)?,
        sd_diff: t.map(|t| t.sd_diff),
        t: t.and_then(|t| t.t),
        df: t.map(|t| t.df),
        p: t.and_then(|t| t.p),
        ci: bounds::both(t.map(|t| t.ci)),
        bootstrap_t_ci: bounds::both(bootstrap_t(differences, LEVEL, resampling)?),
        wilcoxon: Wilcoxon {
            w: ranks.map(|r| r.w()),
            p_exact: ranks.and_then(|r| r.p_exact),
            p_asymptotic: ranks.map(|r| r.p_asymptotic),
        },
        hodges_lehmann: pseudo_median(differences)?,
        hodges_lehmann_ci: bounds::both(pseudo_median_interval(differences, LEVEL)?),
        hodges_lehmann_ci90: bounds::both(pseudo_median_interval(differences, 0.9)?),
        permutation_p: permutation::sign_flip(differences, resampling.seed)?.map(|test| test.p),
        tost_p: tests::paired_tost(differences, margin)?,
        alike: alike.filter(|found| found.is_shown()),
    })
}
