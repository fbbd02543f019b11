//! All groups of a cell at once.

use crate::stats::blocked::{self, Blocked};
use crate::stats::{Result, friedman, kruskal, welch};
use serde::Serialize;

/// All groups of a cell at once, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Omnibus {
    /// Welch's analysis of variance.
    pub welch_anova: WelchAnova,
    /// Kruskal and Wallis' test.
    pub kruskal_wallis: KruskalWallis,
    /// Friedman's test; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friedman: Option<Friedman>,
    /// Randomised complete blocks; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rcbd: Option<Rcbd>,
}

/// Welch's analysis of variance.
#[derive(Debug, Clone, Serialize)]
pub struct WelchAnova {
    /// Statistic.
    pub f: Option<f64>,
    /// Groups minus 1.
    pub df1: Option<f64>,
    /// Degrees of freedom of the error.
    pub df2: Option<f64>,
    /// Its p.
    pub p: Option<f64>,
}

/// Kruskal and Wallis' test.
#[derive(Debug, Clone, Serialize)]
pub struct KruskalWallis {
    /// Statistic, corrected for ties.
    pub h: Option<f64>,
    /// Groups minus 1.
    pub df: Option<f64>,
    /// Its p.
    pub p: Option<f64>,
}

/// Friedman's test with Iman and Davenport's F.
#[derive(Debug, Clone, Serialize)]
pub struct Friedman {
    /// Friedman's statistic.
    pub chi2: Option<f64>,
    /// Its p.
    pub p: Option<f64>,
    /// Iman and Davenport's statistic.
    pub iman_davenport_f: Option<f64>,
    /// Its p.
    pub iman_davenport_p: Option<f64>,
}

/// Analysis of variance of randomised complete blocks.
#[derive(Debug, Clone, Serialize)]
pub struct Rcbd {
    /// Statistic of the groups.
    pub f: Option<f64>,
    /// Groups minus 1.
    pub df1: Option<f64>,
    /// Degrees of freedom of the error.
    pub df2: Option<f64>,
    /// Its p.
    pub p: Option<f64>,
    /// How many times as many unblocked values would be needed.
    pub relative_efficiency: Option<f64>,
}

/// Tests over all groups; `blocked` holds the complete blocks.
pub(super) fn omnibus(groups: &[&[f64]], blocked: Option<&Blocked>) -> Result<Omnibus> {
    let welch = welch::welch_anova(groups)?;
    let kruskal = kruskal::kruskal_wallis(groups)?;
    Ok(Omnibus {
        welch_anova: WelchAnova {
            f: welch.map(|w| w.f),
            df1: welch.map(|w| w.df1),
            df2: welch.map(|w| w.df2),
            p: welch.map(|w| w.p),
        },
        kruskal_wallis: KruskalWallis {
            h: kruskal.map(|k| k.h),
            df: kruskal.map(|k| k.df),
            p: kruskal.map(|k| k.p),
        },
        friedman: blocked.map(friedman),
        rcbd: blocked.map(rcbd),
    })
}

fn friedman(blocked: &Blocked) -> Friedman {
    let found = friedman::friedman(blocked);
    let iman_davenport = found.and_then(|f| f.iman_davenport);
    Friedman {
        chi2: found.map(|f| f.chi2),
        p: found.map(|f| f.p),
        iman_davenport_f: iman_davenport.map(|f| f.f),
        iman_davenport_p: iman_davenport.map(|f| f.p),
    }
}

fn rcbd(blocked: &Blocked) -> Rcbd {
    let found = blocked::rcbd_f(blocked);
    Rcbd {
        f: found.map(|f| f.f),
        df1: found.map(|f| f.df1),
        df2: found.map(|f| f.df2),
        p: found.map(|f| f.p),
        relative_efficiency: found.map(|f| f.relative_efficiency),
    }
}
