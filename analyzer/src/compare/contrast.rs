//! One arm of a cell in both runs: what changed, and what changed relative to the baseline.

use super::pairing::Shared;
use super::quantity::{Margins, Quantity};
use crate::analysis::{Analysis, Cell, repeated};
use crate::stats::verdict::{
    AaReading, Comparison, Levels, Names, Verdict, aa_reading, compare_paired, compare_unpaired,
};
use crate::stats::{Interval, Result, hodges_lehmann, quantile};
use std::collections::BTreeMap;

/// Values of one arm by block, on the scale on which the quantity is compared.
pub(super) type Values = BTreeMap<u32, f64>;

/// One arm, one quantity, two runs. Changes are B minus A: fractions of efficiency, differences of logarithms.
#[derive(Debug, Clone)]
pub struct Contrast<'a> {
    /// Cell.
    pub cell: &'a str,
    /// Arm label.
    pub arm: &'a str,
    /// Quantity.
    pub quantity: Quantity,
    /// Median in A, in the quantity's own unit.
    pub before: Option<f64>,
    /// Median in B.
    pub after: Option<f64>,
    /// B minus A. Whatever changed is in it: the arm, code that arms share, machine, servers.
    pub change: Comparison,
    /// (Arm minus baseline in B) minus (arm minus baseline in A): what all arms share is not in it. None for the
    /// baseline, and where a run lacks it.
    pub relative: Option<Comparison>,
    /// What the instrument shows between the baseline and its second label, in A and in B.
    pub own_error: [Option<OwnError>; 2],
    /// The arm is the baseline under a second label: in no family, a control.
    pub is_control: bool,
}

/// The baseline against itself in one run, by the contrast's quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnError {
    /// Blocks in which both labels count.
    pub n: usize,
    /// Hodges-Lehmann estimate.
    pub estimate: Option<f64>,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
    /// What it means.
    pub reading: AaReading,
}

/// Levels of the intervals of one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// Quantity.
    pub quantity: Quantity,
    /// Contrasts of changes.
    pub changes: usize,
    /// Contrasts of changes relative to the baseline.
    pub relative: usize,
}

impl Family {
    /// Level of the intervals of changes: 1 - .05 / contrasts.
    pub fn level(&self) -> f64 {
        1.0 - 0.05 / self.changes.max(1) as f64
    }

    /// Level of the intervals of relative changes.
    pub fn level_relative(&self) -> f64 {
        1.0 - 0.05 / self.relative.max(1) as f64
    }
}

impl Contrast<'_> {
    /// True when the change is relevant and for the worse.
    pub fn is_regression(&self) -> bool {
        self.change.judgement.verdict == Verdict::Relevant
            && self.change.estimate.is_some_and(|d| self.quantity.is_worse(d))
    }

    /// True when one of the runs sees a difference between the baseline and itself.
    pub fn is_biased(&self) -> bool {
        self.own_error.iter().flatten().any(|own| own.reading == AaReading::Biased)
    }
}

/// The values of an arm in the trials that count.
pub(super) fn values(analysis: &Analysis, cell: &Cell, label: &str, quantity: Quantity) -> Values {
    let places = cell.arm(label).map(|arm| arm.counted.as_slice()).unwrap_or_default();
    let value = |place: &usize| {
        let trial = analysis.outcomes[*place].counted()?;
        Some((analysis.run.trials[*place].row.block, quantity.scaled(trial)?))
    };
    places.iter().filter_map(value).collect()
}

/// The arms of a cell that get a contrast by a quantity, each with whether it is the control: those of which at least
/// one run tells the quantity. Efficiency is told by every trial.
fn arms<'a>(runs: [&Analysis; 2], cell: &Shared<'a>, quantity: Quantity) -> Vec<(&'a str, bool)> {
    if !is_judged(cell, quantity) {
        return Vec::new();
    }
    let told = |label: &str| {
        quantity == Quantity::Efficiency
            || !values(runs[0], cell.before, label, quantity).is_empty()
            || !values(runs[1], cell.after, label, quantity).is_empty()
    };
    let labels = cell.arms.iter().copied().filter(|label| told(label));
    labels.map(|label| (label, repeated(label).is_some())).collect()
}

/// True when changes of the quantity in the cell get a verdict: not in an exploratory set, and no efficiency of a
/// flood, whose pace is the client's own.
pub(super) fn is_judged(cell: &Shared, quantity: Quantity) -> bool {
    let facts = [&cell.before.facts, &cell.after.facts];
    let fits = match quantity {
        Quantity::Efficiency => facts.iter().all(|facts| facts.is_judged()),
        _ => facts.iter().all(|facts| !facts.exploratory),
    };
    quantity.is_judged() && fits
}

/// Judges one quantity in all cells. The family is all arms of all cells, but for the control.
pub(super) fn judge<'a>(
    runs: [&'a Analysis; 2],
    shared: &[Shared<'a>],
    quantity: Quantity,
    margins: Margins,
) -> Result<(Family, Vec<Contrast<'a>>)> {
    let baseline = runs[0].settings.baseline.as_str();
    let mut family = Family { quantity, changes: 0, relative: 0 };
    for cell in shared {
        let arms = arms(runs, cell, quantity);
        let real = arms.iter().filter(|(_, is_control)| !is_control).count();
        family.changes += real;
        if arms.iter().any(|(label, _)| *label == baseline) {
            family.relative += real - 1;
        }
    }
    let mut contrasts = Vec::new();
    for cell in shared {
        for (arm, is_control) in arms(runs, cell, quantity) {
            contrasts.push(contrast(runs, cell, arm, is_control, family, margins)?);
        }
    }
    Ok((family, contrasts))
}

fn contrast<'a>(
    runs: [&'a Analysis; 2],
    cell: &Shared<'a>,
    arm: &'a str,
    is_control: bool,
    family: Family,
    margins: Margins,
) -> Result<Contrast<'a>> {
    let quantity = family.quantity;
    let (unit, margin) = (quantity.unit(), quantity.margin(margins));
    let names = Names { a: "A", b: "B", unit: &unit };
    let of = |label: &str| {
        [values(runs[0], cell.before, label, quantity), values(runs[1], cell.after, label, quantity)]
    };
    let baseline = runs[0].settings.baseline.as_str();
    let (here, base) = (of(arm), of(baseline));
    // The control's intervals are never widened for a family: that would hide a bias.
    let levels = |level: f64| if is_control { Levels::SINGLE } else { Levels::simultaneous(level) };
    let relative = if arm != baseline && cell.arms.contains(&baseline) {
        // Within a block all arms have the same work, so it is out of these differences already: nothing to pair by.
        let [before, after] = [0, 1].map(|run| differences(&base[run], &here[run]));
        Some(compare(&before, &after, false, levels(family.level_relative()), margin, names)?)
    } else {
        None
    };
    let own_error = [own_error(&base[0], cell, &of, 0, margin)?, own_error(&base[1], cell, &of, 1, margin)?];
    Ok(Contrast {
        cell: &cell.before.name,
        arm,
        quantity,
        before: median(&here[0], quantity)?,
        after: median(&here[1], quantity)?,
        change: compare(&here[0], &here[1], cell.paired, levels(family.level()), margin, names)?,
        relative,
        own_error,
        is_control,
    })
}

/// B minus A by block where blocks pair, else by the shift between unpaired groups.
fn compare(
    before: &Values,
    after: &Values,
    paired: bool,
    levels: Levels,
    margin: f64,
    names: Names,
) -> Result<Comparison> {
    let mut found = if paired {
        compare_paired(&listed(&differences(before, after)), levels, margin, names)?
    } else {
        compare_unpaired(&listed(before), &listed(after), levels, margin, names)?
    };
    // Five against five have an interval, but no verdict: then no number suggests one.
    if found.judgement.verdict == Verdict::NotAnalysable {
        (found.ci, found.ci_within, found.ci95) = (None, None, None);
    }
    Ok(found)
}

/// b minus a in every block that both have.
pub(super) fn differences(a: &Values, b: &Values) -> Values {
    a.iter().filter_map(|(block, a)| Some((*block, b.get(block)? - a))).collect()
}

pub(super) fn listed(values: &Values) -> Vec<f64> {
    values.values().copied().collect()
}

pub(super) fn median(values: &Values, quantity: Quantity) -> Result<Option<f64>> {
    Ok(quantile::median(&listed(values))?.map(|value| quantity.unscaled(value)))
}

fn own_error(
    base: &Values,
    cell: &Shared,
    of: &impl Fn(&str) -> [Values; 2],
    run: usize,
    margin: f64,
) -> Result<Option<OwnError>> {
    let here = if run == 0 { cell.before } else { cell.after };
    let Some(control) = here.control.as_ref() else { return Ok(None) };
    let differences = listed(&differences(base, &of(&control.b)[run]));
    let estimate = hodges_lehmann::hodges_lehmann(&differences, 0.95)?;
    let ci = estimate.and_then(|found| found.ci);
    let ci90 = hodges_lehmann::pseudo_median_interval(&differences, 0.9)?;
    let reading = aa_reading(differences.len(), ci, ci90, margin)?;
    Ok(Some(OwnError { n: differences.len(), estimate: estimate.map(|found| found.value), ci, reading }))
}
