//! Which cells and arms two runs have in common, and whether their blocks pair.

use super::factors::Factor;
use crate::analysis::{Analysis, Cell, Fates};
use crate::load::{Run, Trial};
use std::collections::{BTreeMap, BTreeSet};
use tandem_records::PhaseOrder;

/// A cell that both runs have.
#[derive(Debug, Clone)]
pub struct Shared<'a> {
    /// The cell in A.
    pub before: &'a Cell,
    /// The cell in B.
    pub after: &'a Cell,
    /// Labels of the arms that both have, in the order of A.
    pub arms: Vec<&'a str>,
    /// Block k of A and block k of B asked for the same work in the same order of phases, and nothing that matters
    /// differs: then blocks pair.
    pub paired: bool,
}

impl<'a> Shared<'a> {
    /// Name of the cell.
    pub fn name(&self) -> &str {
        &self.before.name
    }

    /// What became of the trials of every arm that both have, the floor among them: its label, in A, in B.
    pub(super) fn fates(&self) -> impl Iterator<Item = (&'a str, &'a Fates, &'a Fates)> {
        let after = self.after;
        self.before.described().filter_map(move |arm| {
            let there = after.described().find(|there| there.label == arm.label)?;
            Some((arm.label.as_str(), &arm.fates, &there.fates))
        })
    }
}

/// The cells with at least one arm in both, in the order of A.
pub(super) fn shared<'a>(before: &'a Analysis, after: &'a Analysis) -> Vec<Shared<'a>> {
    let both = before.cells.iter().filter_map(|cell| {
        let there = after.cells.iter().find(|there| there.name == cell.name)?;
        let labels = cell.arms.iter().map(|arm| arm.label.as_str());
        let arms: Vec<&str> = labels.filter(|label| there.arm(label).is_some()).collect();
        let paired = same_work(before.run, after.run, &cell.name);
        (!arms.is_empty()).then_some(Shared { before: cell, after: there, arms, paired })
    });
    both.collect()
}

/// Blocks of a cell that differ in a factor that matters are no repetitions of each other.
pub(super) fn unpair_different(shared: &mut [Shared], factors: &[Factor]) {
    for cell in shared {
        let name = cell.before.name.as_str();
        cell.paired &= !factors.iter().any(|factor| factor.cell.as_deref().is_none_or(|cell| cell == name));
    }
}

/// `cell: arm` of everything in `one` that `other` lacks; a cell that is missing as a whole stands alone.
pub(super) fn only_in(one: &Analysis, other: &Analysis) -> Vec<String> {
    let mut only = Vec::new();
    for cell in &one.cells {
        match other.cells.iter().find(|there| there.name == cell.name) {
            None => only.push(cell.name.clone()),
            Some(there) => {
                let missing = cell.arms.iter().filter(|arm| there.arm(&arm.label).is_none());
                only.extend(missing.map(|arm| format!("{} in {}", arm.label, cell.name)));
            }
        }
    }
    only
}

/// Every cell with its arms.
pub(super) fn all(analysis: &Analysis) -> Vec<String> {
    let arms = |cell: &Cell| cell.arms.iter().map(|arm| arm.label.as_str()).collect::<Vec<_>>().join(", ");
    analysis.cells.iter().map(|cell| format!("{} ({})", cell.name, arms(cell))).collect()
}

/// True when both have the same trials with the same values.
pub(super) fn same_rows(before: &Run, after: &Run) -> bool {
    let same =
        |(a, b): (&Trial, &Trial)| (&a.row, &a.agents, &a.requests) == (&b.row, &b.agents, &b.requests);
    before.trials.len() == after.trials.len() && before.trials.iter().zip(&after.trials).all(same)
}

/// True when some block is in both runs and every such block has one seed of work and one order of phases. Plan and
/// seed decide this, never a result.
fn same_work(before: &Run, after: &Run, cell: &str) -> bool {
    let (before, after) = (work(before, cell), work(after, cell));
    let mut common = before.iter().filter_map(|(block, work)| Some((work, after.get(block)?))).peekable();
    common.peek().is_some() && common.all(|(a, b)| a.len() == 1 && a == b)
}

fn work(run: &Run, cell: &str) -> BTreeMap<u32, BTreeSet<(u64, bool)>> {
    let mut blocks = BTreeMap::<u32, BTreeSet<(u64, bool)>>::new();
    for row in run.trials.iter().map(|trial| &trial.row).filter(|row| row.cell == cell) {
        let solo_first = row.phase_order == PhaseOrder::SoloFirst;
        blocks.entry(row.block).or_default().insert((row.seed, solo_first));
    }
    blocks
}
