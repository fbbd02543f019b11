//! Trials of an arm that lose much in B: a robust centre does not see them.

use super::contrast::{Contrast, listed, values};
use super::pairing::Shared;
use super::quantity::{Margins, Quantity};
use crate::analysis::Analysis;
use crate::stats::failures::{Share, rise};
use crate::stats::tail::{Apart, tails};
use crate::stats::{Result, verdict::Verdict};

/// Largest chance of as many lost trials by what the cell's arms lost in A. Below the usual 5 %, because every contrast is asked;
/// losses that are rare in A come so often by chance in far fewer cases still, because counts are coarse.
const LARGEST_P: f64 = 0.01;

/// An arm of which single trials in B lose more than the margin, more of them than in A.
#[derive(Debug, Clone, PartialEq)]
pub struct TailLoss<'a> {
    /// Cell.
    pub cell: &'a str,
    /// Arm label.
    pub arm: &'a str,
    /// Quantity.
    pub quantity: Quantity,
    /// The trials of B, on the scale on which the quantity is compared.
    pub lost: Apart,
    /// Such trials in A, of all arms of the cell.
    pub before: Share,
    /// Chance of as many in B.
    pub p: f64,
}

/// The losses of all judged contrasts but the control's, and but those that are regressions anyway.
///
/// A trial is lost where it is worse than its arm's other trials by more than the margin and stands apart from them
/// ([`tails`]). An arm has a loss where such trials are too many for single bad moments ([`Apart::is_pattern`]), move the mean by
/// more than the margin, and are more than A's arms let expect (Fisher's exact test).
pub(super) fn losses<'a>(
    runs: [&Analysis; 2],
    shared: &[Shared<'a>],
    contrasts: &[Contrast<'a>],
    margins: Margins,
) -> Result<Vec<TailLoss<'a>>> {
    let mut losses = Vec::new();
    for contrast in contrasts.iter().filter(|c| !c.is_control && !c.is_regression()) {
        let Some(cell) = shared.iter().find(|cell| cell.name() == contrast.cell) else { continue };
        let (quantity, margin) = (contrast.quantity, contrast.quantity.margin(margins));
        if contrast.change.judgement.verdict == Verdict::NotAnalysable {
            continue;
        }
        let worse = |analysis, of, label: &str| -> Result<(usize, Option<Apart>)> {
            let values = listed(&values(analysis, of, label, quantity));
            let found = tails(&values, margin)?;
            Ok((values.len(), found.sides().find(|side| quantity.is_worse(side.by))))
        };
        let (n, Some(lost)) = worse(runs[1], cell.after, contrast.arm)? else { continue };
        if !lost.is_pattern() || lost.moves_mean.abs() <= margin {
            continue;
        }
        let mut before: Share = (0, 0);
        for arm in &cell.before.arms {
            let (n, lost) = worse(runs[0], cell.before, &arm.label)?;
            before = (before.0 + lost.map_or(0, |lost| lost.count), before.1 + n);
        }
        let p = rise(before, (lost.count, n));
        if p <= LARGEST_P {
            losses.push(TailLoss { cell: contrast.cell, arm: contrast.arm, quantity, lost, before, p });
        }
    }
    Ok(losses)
}
