//! Trials of an arm that lose much in B: a robust centre does not see them.

use super::contrast::{Contrast, listed, values};
use super::pairing::Shared;
use super::quantity::{Margins, Quantity};
use crate::analysis::{Analysis, Cell};
use crate::stats::failures::{Share, rise};
use crate::stats::tail::{Apart, tails};
use crate::stats::{Result, verdict::Verdict};

/// Largest chance of as many lost trials by what was lost in A. Below the usual 5 %, because every contrast is asked;
/// losses that are rare in A come so often by chance in far fewer cases still, because counts are coarse.
const LARGEST_P: f64 = 0.01;

/// So many lost trials of an arm are told, whatever chance may explain; one is a single bad moment.
const LEAST_TOLD: usize = 2;

/// Arms of which more trials lose much in B.
#[derive(Debug, Clone, Default)]
pub struct TailLosses<'a> {
    /// Beyond chance.
    pub sure: Vec<TailLoss<'a>>,
    /// Chance may explain them.
    pub open: Vec<TailLoss<'a>>,
}

/// An arm of which single trials in B lose more than the margin, more of them than in A.
#[derive(Debug, Clone, PartialEq)]
pub struct TailLoss<'a> {
    /// Cell; none for several together.
    pub cell: Option<&'a str>,
    /// Number of cells.
    pub cells: usize,
    /// Arm label.
    pub arm: &'a str,
    /// Quantity.
    pub quantity: Quantity,
    /// Lost trials of B.
    pub after: Share,
    /// What they lose, on the scale on which the quantity is compared: the median in a cell, the mean over several.
    pub by: f64,
    /// Lost trials of A: of all arms of the cell; over several cells of the arm itself.
    pub before: Share,
    /// Chance of as many in B.
    pub p: f64,
}

/// The lost trials behind one judged contrast.
struct Counted<'a> {
    cell: &'a str,
    arm: &'a str,
    quantity: Quantity,
    margin: f64,
    /// Those of the arm in B; none where it lost none.
    lost: Option<Apart>,
    after: Share,
    /// Those of the arm in A.
    own: Share,
    /// Those of all arms of the cell in A.
    of_cell: Share,
}

/// The losses of all judged contrasts but the control's, and but those that are regressions anyway.
///
/// A trial is lost where it is worse than its arm's other trials by more than the margin and stands apart from them
/// ([`tails`]). An arm has a loss in a cell where such trials are too many for single bad moments ([`Apart::is_pattern`]), move
/// the mean by more than the margin, and are more than A's arms let expect (Fisher's exact test). The other cells of an arm are
/// judged together: its lost trials in B against its own in A by the same test, where they move the mean over these cells by more
/// than the margin. Arms differ in how often they lose trials, and many cells show it, so over cells A's other arms are no measure.
pub(super) fn losses<'a>(
    runs: [&Analysis; 2],
    shared: &[Shared<'a>],
    contrasts: &[Contrast<'a>],
    margins: Margins,
) -> Result<TailLosses<'a>> {
    let mut found = TailLosses::default();
    let mut rest = Vec::new();
    for contrast in contrasts.iter().filter(|c| !c.is_control && !c.is_regression()) {
        let Some(cell) = shared.iter().find(|cell| cell.name() == contrast.cell) else { continue };
        if contrast.change.judgement.verdict == Verdict::NotAnalysable {
            continue;
        }
        let one = count(runs, cell, contrast, margins)?;
        match one.loss() {
            Some(loss) if one.is_sure(&loss) => found.sure.push(loss),
            _ => rest.push(one),
        }
    }
    while let Some((arm, quantity)) = rest.first().map(|one| (one.arm, one.quantity)) {
        let (cells, others) = rest.into_iter().partition(|one| (one.arm, one.quantity) == (arm, quantity));
        rest = others;
        judge_together(&cells, &mut found);
    }
    Ok(found)
}

/// Judges the cells of one arm by one quantity that tell nothing for certain one by one.
fn judge_together<'a>(cells: &[Counted<'a>], found: &mut TailLosses<'a>) {
    let risen: Vec<TailLoss> = cells.iter().filter_map(Counted::loss).collect();
    match together(cells) {
        Some((loss, true)) => found.sure.push(loss),
        Some((loss, false)) if risen.len() > 1 => found.open.push(loss),
        _ => found.open.extend(risen.into_iter().filter(|loss| loss.after.0 >= LEAST_TOLD)),
    }
}

/// The lost trials of several cells, and whether they are beyond chance; none where they are no more than in A.
fn together<'a>(cells: &[Counted<'a>]) -> Option<(TailLoss<'a>, bool)> {
    let first = cells.first().filter(|_| cells.len() > 1)?;
    let sum = |share: fn(&Counted) -> Share| {
        cells.iter().map(share).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    };
    let (before, after) = (sum(|cell| cell.own), sum(|cell| cell.after));
    let lost: f64 = cells.iter().filter_map(|cell| Some(cell.lost?.moves_mean * cell.after.1 as f64)).sum();
    let p = rise(before, after);
    let sure = p <= LARGEST_P && lost.abs() > first.margin * after.1 as f64;
    let loss = TailLoss {
        cell: None,
        cells: cells.len(),
        arm: first.arm,
        quantity: first.quantity,
        after,
        by: lost / after.0.max(1) as f64,
        before,
        p,
    };
    rises(before, after).then_some((loss, sure))
}

impl<'a> Counted<'a> {
    /// The lost trials in B; none where their share is not larger than the arm's own in A.
    fn loss(&self) -> Option<TailLoss<'a>> {
        let lost = self.lost.filter(|_| rises(self.own, self.after))?;
        Some(TailLoss {
            cell: Some(self.cell),
            cells: 1,
            arm: self.arm,
            quantity: self.quantity,
            after: self.after,
            by: lost.by,
            before: self.of_cell,
            p: rise(self.of_cell, self.after),
        })
    }

    fn is_sure(&self, loss: &TailLoss) -> bool {
        let is_large = |lost: Apart| lost.is_pattern() && lost.moves_mean.abs() > self.margin;
        self.lost.is_some_and(is_large) && loss.p <= LARGEST_P
    }
}

fn count<'a>(
    runs: [&Analysis; 2],
    cell: &Shared<'a>,
    contrast: &Contrast<'a>,
    margins: Margins,
) -> Result<Counted<'a>> {
    let (quantity, margin) = (contrast.quantity, contrast.quantity.margin(margins));
    let worse = |analysis: &Analysis, of: &Cell, label: &str| -> Result<(Option<Apart>, Share)> {
        let values = listed(&values(analysis, of, label, quantity));
        let lost = tails(&values, margin)?.sides().find(|side| quantity.is_worse(side.by));
        Ok((lost, (lost.map_or(0, |lost| lost.count), values.len())))
    };
    let (lost, after) = worse(runs[1], cell.after, contrast.arm)?;
    let (mut own, mut of_cell): (Share, Share) = ((0, 0), (0, 0));
    for arm in &cell.before.arms {
        let (_, here) = worse(runs[0], cell.before, &arm.label)?;
        of_cell = (of_cell.0 + here.0, of_cell.1 + here.1);
        if arm.label == contrast.arm {
            own = here;
        }
    }
    Ok(Counted { cell: contrast.cell, arm: contrast.arm, quantity, margin, lost, after, own, of_cell })
}

/// True where the share is larger in B.
fn rises(before: Share, after: Share) -> bool {
    after.0 * before.1.max(1) > before.0 * after.1
}
