//! From data to a judged contrast in one call.

use super::{Contrast, Judgement, SampleSize, Unit, judge};
use crate::stats::{Interval, Result, check, hodges_lehmann, shift};

/// A contrast with every number that its row in a report needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Blocks or group sizes.
    pub n: SampleSize,
    /// Hodges-Lehmann estimate of b minus a; `None` without data.
    pub estimate: Option<f64>,
    /// Its interval at the level asked for.
    pub ci: Option<Interval>,
    /// Its 95 % interval.
    pub ci95: Option<Interval>,
    /// Its 90 % interval.
    pub ci90: Option<Interval>,
    /// The verdict at the level asked for.
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

/// Judges within-block differences (b minus a) by their Hodges-Lehmann pseudo-median. `level` is .95, or 1 - .05/k
/// for a family of k contrasts.
pub fn compare_paired(differences: &[f64], level: f64, margin: f64, names: Names) -> Result<Comparison> {
    let at = |level| hodges_lehmann::pseudo_median_interval(differences, level);
    let found = Intervals { ci: at(level)?, ci95: at(0.95)?, ci90: at(0.9)? };
    let estimate = hodges_lehmann::pseudo_median(differences)?;
    let n = SampleSize::Blocks(differences.len());
    finish(n, estimate, found, level, margin, check::constant(differences), names)
}

/// Judges two unpaired groups by their Hodges-Lehmann shift.
pub fn compare_unpaired(a: &[f64], b: &[f64], level: f64, margin: f64, names: Names) -> Result<Comparison> {
    let at = |level| shift::shift_interval(a, b, level);
    let found = Intervals { ci: at(level)?, ci95: at(0.95)?, ci90: at(0.9)? };
    let n = SampleSize::Groups(a.len(), b.len());
    finish(n, shift::shift(a, b)?, found, level, margin, check::constant(a) && check::constant(b), names)
}

struct Intervals {
    ci: Option<Interval>,
    ci95: Option<Interval>,
    ci90: Option<Interval>,
}

fn finish(
    n: SampleSize,
    estimate: Option<f64>,
    found: Intervals,
    level: f64,
    margin: f64,
    no_variation: bool,
    names: Names,
) -> Result<Comparison> {
    let Intervals { ci, ci95, ci90 } = found;
    let Names { a, b, unit } = names;
    let judgement = judge(&Contrast { a, b, n, estimate, ci, level, ci90, margin, no_variation, unit })?;
    Ok(Comparison { n, estimate, ci, ci95, ci90, judgement })
}
