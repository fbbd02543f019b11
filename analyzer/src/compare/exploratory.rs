//! Changes without a verdict, with p values adjusted over all of them by Benjamini-Hochberg.

use super::contrast::{differences, is_judged, listed, median, values};
use super::pairing::Shared;
use super::quantity::Quantity;
use crate::analysis::{Analysis, repeated};
use crate::stats::verdict::LEAST_N;
use crate::stats::{Interval, Result, hodges_lehmann, multiple, rank_sum, shift, wilcoxon};

/// One arm, one quantity, two runs, without a verdict.
#[derive(Debug, Clone)]
pub struct Explored<'a> {
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
    /// Hodges-Lehmann estimate of B minus A, or of the logarithm of B / A.
    pub estimate: f64,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
    /// p by Wilcoxon's signed ranks where blocks pair, else by Mann and Whitney.
    pub p: Option<f64>,
    /// The same adjusted over all exploratory changes; none for the control.
    pub p_adjusted: Option<f64>,
}

/// Explores the quantities that get no verdict, in all cells.
pub(super) fn explore<'a>(
    runs: [&'a Analysis; 2],
    shared: &[Shared<'a>],
    quantities: &[Quantity],
) -> Result<Vec<Explored<'a>>> {
    let mut found = Vec::new();
    for cell in shared {
        for quantity in quantities.iter().copied().filter(|quantity| !is_judged(cell, *quantity)) {
            for arm in &cell.arms {
                found.extend(one(runs, cell, arm, quantity)?);
            }
        }
    }
    let tested = |one: &Explored| one.p.filter(|_| repeated(one.arm).is_none());
    let ps: Vec<f64> = found.iter().filter_map(tested).collect();
    let mut adjusted = multiple::benjamini_hochberg(&ps)?.into_iter();
    for one in &mut found {
        if tested(one).is_some() {
            one.p_adjusted = adjusted.next();
        }
    }
    Ok(found)
}

fn one<'a>(
    runs: [&'a Analysis; 2],
    cell: &Shared<'a>,
    arm: &'a str,
    quantity: Quantity,
) -> Result<Option<Explored<'a>>> {
    let before = values(runs[0], cell.before, arm, quantity);
    let after = values(runs[1], cell.after, arm, quantity);
    let (estimate, p) = if cell.paired {
        let differences = listed(&differences(&before, &after));
        let p = wilcoxon::signed_rank_test(&differences)?.map(|test| test.p());
        (hodges_lehmann::hodges_lehmann(&differences, 0.95)?, p)
    } else {
        let (a, b) = (listed(&before), listed(&after));
        (shift::hodges_lehmann_shift(&a, &b, 0.95)?, rank_sum::mann_whitney(&a, &b)?.map(|test| test.p()))
    };
    let Some(estimate) = estimate else { return Ok(None) };
    Ok(Some(Explored {
        cell: &cell.before.name,
        arm,
        quantity,
        before: median(&before, quantity)?,
        after: median(&after, quantity)?,
        estimate: estimate.value,
        ci: estimate.ci.filter(|_| before.len().min(after.len()) >= LEAST_N),
        p,
        p_adjusted: None,
    }))
}
