//! Within-block differences far from the others of their arm, with the numbers of their trials.

use crate::analysis::Cell;
use crate::load::Run;
use crate::stats::{self, outliers};
use std::collections::BTreeMap;

/// The differences to the baseline of one cell, the A/A arm's among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlying {
    /// Differences of arms with enough blocks.
    pub differences: usize,
    /// Those of arms whose fences have a width: where the middle half of an arm's differences is equal, no rule has a scale and
    /// nothing can be outlying.
    pub of: usize,
    /// Those of arms that have a modified z: where half of an arm's differences are equal, there is none.
    pub of_z: usize,
    /// Arms without a modified z.
    pub without_z: Vec<String>,
    /// Outside the inner fences, 1.5 interquartile ranges from the quartiles (Tukey 1977).
    pub beyond_1_5_iqr: usize,
    /// Outside the outer fences, 3 interquartile ranges from the quartiles.
    pub beyond_3_iqr: usize,
    /// Modified z over 3.5 (Iglewicz & Hoaglin 1993); `None` where no arm has one.
    pub beyond_z_3_5: Option<usize>,
    /// Those outside the outer fences or with a modified z over 3.5, by block.
    pub flagged: Vec<Flagged>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Flagged {
    /// Block.
    pub block: u32,
    /// Arm label.
    pub arm: String,
    /// Trial of the arm.
    pub trial: u32,
    /// Trial that it is compared with.
    pub baseline_trial: u32,
    /// Arm minus baseline, a fraction.
    pub difference: f64,
}

pub(super) fn find(run: &Run, cell: &Cell, baseline: &str) -> stats::Result<Outlying> {
    let control = cell.control.iter().map(|control| (control.a.as_str(), &control.b, &control.differences));
    let contrasts = cell.contrasts.iter().map(|one| (baseline, &one.arm, &one.differences));
    let mut found = Outlying::default();
    for (against, arm, differences) in control.chain(contrasts) {
        let values: Vec<f64> = differences.iter().map(|(_, d)| *d).collect();
        if values.len() < super::LEAST_BLOCKS {
            continue;
        }
        let Some(outside) = outliers::outliers(&values)? else { continue };
        let z = outside.modified_z_3_5;
        found.differences += values.len();
        match &z {
            Some(_) => found.of_z += values.len(),
            None => found.without_z.push(arm.clone()),
        }
        if !outside.fences_have_width {
            continue;
        }
        found.of += values.len();
        found.beyond_1_5_iqr += outside.tukey_1_5.len();
        found.beyond_3_iqr += outside.tukey_3.len();
        if let Some(z) = &z {
            *found.beyond_z_3_5.get_or_insert(0) += z.len();
        }
        let (trials, against) = (trials(run, cell, arm), trials(run, cell, against));
        for (place, (block, difference)) in differences.iter().enumerate() {
            let far = outside.tukey_3.contains(&place) || z.as_ref().is_some_and(|z| z.contains(&place));
            if let (true, Some(trial), Some(baseline_trial)) = (far, trials.get(block), against.get(block)) {
                found.flagged.push(Flagged {
                    block: *block,
                    arm: arm.clone(),
                    trial: *trial,
                    baseline_trial: *baseline_trial,
                    difference: *difference,
                });
            }
        }
    }
    found.flagged.sort_by_key(|one| (one.block, one.trial));
    Ok(found)
}

/// Trial of an arm that counts, by block.
fn trials(run: &Run, cell: &Cell, arm: &str) -> BTreeMap<u32, u32> {
    let places = cell.arm(arm).into_iter().flat_map(|arm| &arm.counted);
    places.map(|place| &run.trials[*place].row).map(|row| (row.block, row.trial)).collect()
}
