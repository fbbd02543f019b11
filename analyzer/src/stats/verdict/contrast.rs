//! From data to a judged contrast in one call.

use super::{Against, Contrast, Judgement, Levels, SampleSize, Side, Unit, judge};
use crate::stats::tail::{self, Tails};
use crate::stats::{
    Interval, Result, brunner_munzel, check, hodges_lehmann, paired, resolution, shift, welch,
};

/// A contrast with every number that its row in a report needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Blocks or group sizes.
    pub n: SampleSize,
    /// Hodges-Lehmann estimate of b minus a; `None` without data.
    pub estimate: Option<f64>,
    /// The interval that decides whether they differ.
    pub ci: Option<Interval>,
    /// The interval that decides whether they are equivalent: `ci` itself in a family.
    pub ci_within: Option<Interval>,
    /// The 95 % interval.
    pub ci95: Option<Interval>,
    /// Step of the data, where it is coarse and the intervals are extended by it.
    pub step: Option<f64>,
    /// What the mean or single trials say against equivalence, whatever the verdict.
    pub against: Option<Against>,
    /// The verdict at the levels asked for.
    pub judgement: Judgement,
}

/// The words around a contrast.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Name of the reference.
    pub a: &'a str,
    /// Name of what is compared with it.
    pub b: &'a str,
    /// How differences are written.
    pub unit: &'a Unit,
}

/// Judges within-block differences (b minus a) by their Hodges-Lehmann pseudo-median.
pub fn compare_paired(differences: &[f64], levels: Levels, margin: f64, names: Names) -> Result<Comparison> {
    paired(differences, &[], levels, margin, names)
}

/// Judges two groups within blocks, block by block in the same order, as [`compare_paired`] does, with an eye on the step of
/// the values themselves.
pub fn compare_in_blocks(
    a: &[f64],
    b: &[f64],
    levels: Levels,
    margin: f64,
    names: Names,
) -> Result<Comparison> {
    paired(&paired::differences(a, b)?, &[a, b], levels, margin, names)
}

fn paired(
    differences: &[f64],
    behind: &[&[f64]],
    levels: Levels,
    margin: f64,
    names: Names,
) -> Result<Comparison> {
    let mean = paired::paired_t(differences, levels.differs)?.map(|t| (t.mean_diff, t.ci));
    finish(
        &Found {
            n: SampleSize::Blocks(differences.len()),
            groups: &[differences],
            behind,
            estimate: hodges_lehmann::pseudo_median(differences)?,
            interval: &|level| hodges_lehmann::pseudo_median_interval(differences, level),
            mean,
            apart: sides(tail::tails(differences, margin)?, false).collect(),
        },
        levels,
        margin,
        names,
    )
}

/// Judges two unpaired groups by their Hodges-Lehmann shift, with an interval that holds for unequal spreads, shapes and
/// sizes ([`brunner_munzel::shift_interval`]).
pub fn compare_unpaired(
    a: &[f64],
    b: &[f64],
    levels: Levels,
    margin: f64,
    names: Names,
) -> Result<Comparison> {
    let mean = welch::welch_t(a, b, levels.differs)?.map(|t| (t.diff, t.ci));
    let apart = sides(tail::tails(b, margin)?, false).chain(sides(tail::tails(a, margin)?, true));
    finish(
        &Found {
            n: SampleSize::Groups(a.len(), b.len()),
            groups: &[a, b],
            behind: &[],
            estimate: shift::shift(a, b)?,
            interval: &|level| brunner_munzel::shift_interval(a, b, level),
            mean,
            apart: apart.collect(),
        },
        levels,
        margin,
        names,
    )
}

/// What was computed before the verdict.
struct Found<'a> {
    n: SampleSize,
    groups: &'a [&'a [f64]],
    /// The values of which the one group is the differences, where they are known.
    behind: &'a [&'a [f64]],
    estimate: Option<f64>,
    interval: &'a dyn Fn(f64) -> Result<Option<Interval>>,
    /// Mean difference with its t interval at the level of `differs`.
    mean: Option<(f64, Interval)>,
    apart: Vec<Side>,
}

fn sides(tails: Tails, of_a: bool) -> impl Iterator<Item = Side> {
    tails.sides().map(move |apart| Side { of_a, apart })
}

fn finish(found: &Found, levels: Levels, margin: f64, names: Names) -> Result<Comparison> {
    let mut step = None;
    let mut at = |level| -> Result<Option<Interval>> {
        let Some(interval) = (found.interval)(level)? else { return Ok(None) };
        let (interval, coarse) = resolution::resolved(interval, found.groups, found.behind)?;
        step = step.or(coarse);
        Ok(Some(interval))
    };
    let (ci, ci_within, ci95) = (at(levels.differs)?, at(levels.within)?, at(0.95)?);
    let against = against(found, margin);
    let no_variation = found.groups.iter().chain(found.behind).all(|group| check::constant(group));
    let judgement = judge(&Contrast {
        a: names.a,
        b: names.b,
        n: found.n,
        estimate: found.estimate,
        ci,
        ci_within,
        levels,
        margin,
        no_variation,
        step,
        against,
        apart: &found.apart,
        unit: names.unit,
    })?;
    Ok(Comparison { n: found.n, estimate: found.estimate, ci, ci_within, ci95, step, against, judgement })
}

/// What contradicts equivalence although the typical value may lie inside the margin: values apart that are more than a
/// single bad moment and would by themselves move a mean by more than the margin, whether or not others move it back;
/// values apart that are common; or a mean beyond the margin that its interval tells from 0.
fn against(found: &Found, margin: f64) -> Option<Against> {
    let patterns = || found.apart.iter().filter(|side| side.apart.is_pattern());
    let weight: f64 = patterns().map(|side| side.pull().abs()).sum();
    if (weight > margin || patterns().any(|side| side.apart.is_common()))
        && let Some(largest) = patterns().max_by(|x, y| x.pull().abs().total_cmp(&y.pull().abs()))
    {
        return Some(Against::Tail(*largest));
    }
    let (mean, ci) = found.mean?;
    (mean.abs() > margin && ci.excludes_zero()).then_some(Against::Mean { mean, ci })
}
