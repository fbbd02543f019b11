//! Two groups, b against a.

use super::bounds::{self, Bounds};
use super::group::LEVEL;
use super::paired::{Paired, paired};
use super::settings::Settings;
use crate::columns::Group;
use crate::stats::verdict::{Levels, Names, Unit, compare_in_blocks, compare_unpaired};
use crate::stats::{Result, brown_forsythe, effect, paired as stats_paired, rank_sum, ratio, shift, welch};
use serde::Serialize;

/// Two groups, b against a, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct PairStats {
    /// Reference.
    pub a: String,
    /// What is compared with it.
    pub b: String,
    /// Mean of b minus mean of a.
    pub diff: Option<f64>,
    /// Welch's t test.
    pub welch: Welch,
    /// Welch's two one-sided tests against the margin.
    pub tost_welch: TostWelch,
    /// Mann and Whitney's test.
    pub mann_whitney: MannWhitney,
    /// Hodges-Lehmann shift.
    pub hodges_lehmann: Option<f64>,
    /// Its interval.
    pub hodges_lehmann_ci: Bounds,
    /// Its 90 % interval.
    pub hodges_lehmann_ci90: Bounds,
    /// Brown and Forsythe's test of equal spread.
    pub brown_forsythe: BrownForsythe,
    /// Standardised difference.
    pub hedges_g: HedgesG,
    /// Chance that b is larger minus chance that it is smaller.
    pub cliffs_delta: Option<f64>,
    /// Ratio of the geometric means; none unless every value is positive, nor where they are differences from an origin.
    pub ratio_geomean: RatioGeomean,
    /// The comparison within blocks; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired: Option<Paired>,
    /// Word of the verdict: within blocks where there are blocks.
    pub verdict: &'static str,
    /// Its sentence.
    pub verdict_text: String,
    /// Hodges-Lehmann estimate that the verdict rests on.
    pub verdict_estimate: Option<f64>,
    /// The 95 % interval that decides whether they differ: unpaired, it holds for unequal spreads, shapes and sizes, where
    /// `hodges_lehmann_ci` is that of the rank-sum test.
    pub verdict_ci: Bounds,
    /// The 90 % interval that decides on equivalence.
    pub verdict_ci90: Bounds,
    /// Step of the values where it is coarse; both intervals are extended by it.
    pub step: Option<f64>,
}

/// Welch's t test.
#[derive(Debug, Clone, Serialize)]
pub struct Welch {
    /// Statistic.
    pub t: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// Interval of the difference.
    pub ci: Bounds,
}

/// Welch's two one-sided tests.
#[derive(Debug, Clone, Serialize)]
pub struct TostWelch {
    /// The larger p.
    pub p: Option<f64>,
}

/// Mann and Whitney's test.
#[derive(Debug, Clone, Serialize)]
pub struct MannWhitney {
    /// Pairs of values with b above a.
    pub u_b: Option<f64>,
    /// Exact p; none with ties or above 200 values.
    pub p_exact: Option<f64>,
    /// p of the normal approximation.
    pub p_asymptotic: Option<f64>,
}

/// Brown and Forsythe's test.
#[derive(Debug, Clone, Serialize)]
pub struct BrownForsythe {
    /// Statistic.
    pub f: Option<f64>,
    /// Its p.
    pub p: Option<f64>,
}

/// Hedges' g.
#[derive(Debug, Clone, Serialize)]
pub struct HedgesG {
    /// Standardised difference.
    pub g: Option<f64>,
    /// Its noncentral-t interval.
    pub ci: Bounds,
}

/// Ratio of the geometric means, b over a.
#[derive(Debug, Clone, Serialize)]
pub struct RatioGeomean {
    /// The ratio.
    pub ratio: Option<f64>,
    /// Its interval.
    pub ci: Bounds,
}

/// The two groups.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    /// Reference.
    pub a: &'a Group,
    /// What is compared with it.
    pub b: &'a Group,
    /// Their values in the blocks that count, if there are blocks.
    pub in_blocks: Option<(Vec<f64>, Vec<f64>)>,
    /// Their values are differences from an origin, so that they have no ratio.
    pub has_origin: bool,
}

/// Compares two groups.
pub(super) fn compare(sides: &Sides, settings: &Settings) -> Result<PairStats> {
    let (a, b) = (sides.a, sides.b);
    let (x, y) = (a.values.as_slice(), b.values.as_slice());
    let unit = Unit::plain("");
    let names = Names { a: &a.name, b: &b.name, unit: &unit };
    let margin = settings.margin();
    let welch = welch::welch_t(x, y, LEVEL)?;
    let ranks = rank_sum::mann_whitney(x, y)?;
    let hedges_g = effect::hedges_g_interval(x, y, LEVEL)?;
    let ratio = if sides.has_origin { None } else { ratio::geometric_mean_ratio(x, y, LEVEL)? };
    // One value has no spread that could be compared.
    let spread = if x.len() > 1 && y.len() > 1 { brown_forsythe::brown_forsythe(&[x, y])? } else { None };
    let unpaired = compare_unpaired(x, y, Levels::SINGLE, margin, names)?;
    let (paired, compared) = match &sides.in_blocks {
        Some((x, y)) => {
            let differences = stats_paired::differences(x, y)?;
            let compared = compare_in_blocks(x, y, Levels::SINGLE, margin, names)?;
            (Some(paired(&differences, margin, settings.resampling)?), compared)
        }
        None => (None, unpaired),
    };
    Ok(PairStats {
        a: a.name.clone(),
        b: b.name.clone(),
        diff: difference(x, y)?,
        welch: Welch {
            t: welch.and_then(|w| w.t),
            df: welch.and_then(|w| w.df),
            p: welch.and_then(|w| w.p),
            ci: bounds::both(welch.map(|w| w.ci)),
        },
        tost_welch: TostWelch { p: welch::welch_tost(x, y, margin)? },
        mann_whitney: MannWhitney {
            u_b: ranks.map(|r| r.u_b),
            p_exact: ranks.and_then(|r| r.p_exact),
            p_asymptotic: ranks.map(|r| r.p_asymptotic),
        },
        hodges_lehmann: shift::shift(x, y)?,
        hodges_lehmann_ci: bounds::both(shift::shift_interval(x, y, LEVEL)?),
        hodges_lehmann_ci90: bounds::both(shift::shift_interval(x, y, 0.9)?),
        brown_forsythe: BrownForsythe { f: spread.map(|test| test.f), p: spread.map(|test| test.p) },
        hedges_g: HedgesG { g: hedges_g.map(|g| g.value), ci: bounds::both(hedges_g.and_then(|g| g.ci)) },
        cliffs_delta: effect::cliffs_delta(x, y)?,
        ratio_geomean: RatioGeomean {
            ratio: ratio.map(|r| r.value),
            ci: bounds::both(ratio.and_then(|r| r.ci)),
        },
        paired,
        verdict: compared.judgement.verdict.as_str(),
        verdict_text: compared.judgement.text,
        verdict_estimate: compared.estimate,
        verdict_ci: bounds::both(compared.ci),
        verdict_ci90: bounds::both(compared.ci_within),
        step: compared.step,
    })
}

/// Mean of b minus mean of a: it exists for one value a side, where Welch's test does not.
fn difference(a: &[f64], b: &[f64]) -> Result<Option<f64>> {
    use crate::stats::mean::mean;
    Ok(mean(a)?.zip(mean(b)?).map(|(a, b)| b - a))
}
