//! Which changes `--fail-on-regression` fails on, and which it cannot decide.

use super::Compared;
use super::contrast::Contrast;
use super::failing::{self, NewFailures};
use super::pairing::Shared;
use super::quantity::Margins;
use super::tail::TailLoss;
use crate::stats::Interval;
use crate::stats::verdict::{AaReading, Verdict};

/// What the gate makes of the contrasts.
#[derive(Debug, Clone, Default)]
pub struct Gate<'c, 'a> {
    /// Relevant changes for the worse that stand, the worst first: the largest in units of its margin.
    pub regressions: Vec<&'c Contrast<'a>>,
    /// Relevant changes for the worse that the instrument's own error may explain, or in cells that are invalid.
    pub undecided: Vec<Undecided<'c, 'a>>,
    /// Changes for the worse whose size against the margin is open.
    pub unresolved: Vec<&'c Contrast<'a>>,
    /// Arms of which more trials lose much in B than chance explains, though the typical one may not.
    pub tails: Vec<&'c TailLoss<'a>>,
    /// Trials that fail in B more often than in A.
    pub failing: NewFailures<'a>,
}

/// A relevant change for the worse that does not count, and why.
#[derive(Debug, Clone)]
pub struct Undecided<'c, 'a> {
    /// The change.
    pub contrast: &'c Contrast<'a>,
    /// Why it does not count.
    pub why: String,
}

impl Gate<'_, '_> {
    /// True when something got worse for certain.
    pub fn fails(&self) -> bool {
        !self.regressions.is_empty() || !self.failing.sure.is_empty() || !self.tails.is_empty()
    }
}

/// Sorts the contrasts. The control is never judged: it is the baseline once more.
pub(super) fn gate<'c, 'a>(compared: &'c Compared<'a>) -> Gate<'c, 'a> {
    let Compared { contrasts, shared, margins, .. } = compared;
    let margins = *margins;
    let tails = compared.tail_losses.sure.iter().collect();
    let mut gate = Gate { failing: failing::find(shared), tails, ..Gate::default() };
    for contrast in contrasts.iter().filter(|contrast| !contrast.is_control) {
        let worse = contrast.change.estimate.is_some_and(|d| contrast.quantity.is_worse(d));
        if contrast.is_regression() {
            match doubt(contrast, shared, margins) {
                None => gate.regressions.push(contrast),
                Some(why) => gate.undecided.push(Undecided { contrast, why }),
            }
        } else if contrast.change.judgement.verdict == Verdict::Unresolved && worse {
            gate.unresolved.push(contrast);
        }
    }
    gate.regressions.sort_by(|a, b| size(b, margins).total_cmp(&size(a, margins)));
    gate
}

/// Size of a change in units of its margin.
fn size(contrast: &Contrast, margins: Margins) -> f64 {
    contrast.change.estimate.unwrap_or(0.0).abs() / contrast.quantity.margin(margins)
}

/// Why a regression does not count; none where it does.
fn doubt(contrast: &Contrast, shared: &[Shared], margins: Margins) -> Option<String> {
    let cell = shared.iter().find(|cell| cell.name() == contrast.cell)?;
    if let Some(why) = cell.before.why_invalid().or_else(|| cell.after.why_invalid()) {
        return Some(why);
    }
    let bias = largest_bias(contrast);
    let near = |ci: Interval| ci.lo.abs().min(ci.hi.abs());
    let stands = contrast.change.ci.is_some_and(|ci| near(ci) > contrast.quantity.margin(margins) + bias);
    (!stands).then(|| "the baseline differs from itself by enough to explain it".to_owned())
}

/// The largest error that the A/A intervals of biased runs allow, of both runs together: as much of a change may come
/// from the instrument.
fn largest_bias(contrast: &Contrast) -> f64 {
    let biased = contrast.own_error.iter().flatten().filter(|own| own.reading == AaReading::Biased);
    biased.filter_map(|own| own.ci).map(|ci| ci.lo.abs().max(ci.hi.abs())).sum()
}
