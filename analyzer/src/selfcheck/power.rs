//! Are differences found as often as planned, and why blocks and shuffled order?

use super::claim::{Claim, Claimed, Experiment};
use super::shape::Shape;
use super::sweep::{Order, Sweep};
use crate::stats;
use crate::stats::hodges_lehmann::pseudo_median_interval;
use crate::stats::paired::{differences, paired_t};
use crate::stats::power::{blocks_to_detect, minimum_detectable_effect};
use crate::stats::welch::welch_t;

const ALPHA: f64 = 0.05;
const PLANNED: f64 = 0.8;

/// Noise of a trial inside its block, a quarter of what the block itself moves by.
const NOISE_SD: f64 = 0.25;
const BLOCK_SD: f64 = 1.0;
const BLOCKS: usize = 20;

/// A difference that hides in the noise of the blocks: .3 of their standard deviation.
const HIDDEN: f64 = 0.3;

pub(super) fn experiments() -> stats::Result<Vec<Experiment>> {
    let sd_diff = NOISE_SD * std::f64::consts::SQRT_2;
    let blocked = |noise, blocks, shift| Sweep {
        noise_sd: NOISE_SD,
        block_sd: BLOCK_SD,
        shift,
        ..Sweep::equal(2, blocks, noise)
    };
    let mut experiments = Vec::new();
    if let Some(effect) = minimum_detectable_effect(BLOCKS, sd_diff, ALPHA, PLANNED)? {
        let claims = vec![
            paired("finds the minimum detectable effect (planned: 80 %)", Claimed::between(0.78, 0.82)),
            // Asymptotic efficiency against t on normal data: 3 / pi, as if 20 blocks were 19.
            robust("finds the minimum detectable effect of the t test", Claimed::at_least(0.75)),
            welch("finds it without blocks", Claimed::nothing()),
        ];
        experiments.push(Experiment::new(blocked(Shape::Normal, BLOCKS, effect), claims));
        let claims = vec![
            paired("finds the same in heavy-tailed noise of the same sd", Claimed::nothing()),
            robust("finds the same in heavy-tailed noise of the same sd", Claimed::nothing()),
        ];
        experiments.push(Experiment::new(blocked(Shape::HeavyTailed, BLOCKS, effect), claims));
    }
    if let Some(blocks) = blocks_to_detect(HIDDEN, sd_diff, ALPHA, PLANNED)? {
        let claims = vec![paired("finds it after the planned number of blocks", Claimed::at_least(PLANNED))];
        experiments.push(Experiment::new(blocked(Shape::Normal, blocks, HIDDEN), claims));
    }
    let claims = vec![
        paired("finds a difference of 0.3 sd of the blocks", Claimed::between(0.93, 0.97)),
        robust("finds a difference of 0.3 sd of the blocks", Claimed::at_least(0.9)),
        welch("finds it without blocks", Claimed::nothing()),
    ];
    experiments.push(Experiment::new(blocked(Shape::Normal, BLOCKS, HIDDEN), claims));
    experiments.extend(order());
    Ok(experiments)
}

/// Two equal arms on a machine that drifts: what order does.
fn order() -> [Experiment; 2] {
    let shuffled = Sweep { drift: 1.0, ..Sweep::equal(2, BLOCKS, Shape::Normal) };
    let in_rows = Sweep { order: Order::ArmAfterArm, ..shuffled };
    let what = "finds a difference that is drift";
    let claims = |claimed| vec![robust(what, claimed), welch(what, claimed)];
    [
        Experiment::new(in_rows, claims(Claimed::nothing())),
        Experiment::new(shuffled, claims(Claimed::at_most(ALPHA))),
    ]
}

fn paired(finds: &str, claimed: Claimed) -> Claim {
    Claim::new(format!("paired t {finds}"), claimed, |values| {
        let test = paired_t(&differences(&values[0], &values[1])?, 0.95)?;
        Ok(test.and_then(|test| test.p).is_some_and(|p| p < ALPHA))
    })
}

fn robust(finds: &str, claimed: Claimed) -> Claim {
    Claim::new(format!("95 % Hodges-Lehmann interval {finds}"), claimed, |values| {
        let ci = pseudo_median_interval(&differences(&values[0], &values[1])?, 0.95)?;
        Ok(ci.is_some_and(|ci| ci.excludes_zero()))
    })
}

fn welch(finds: &str, claimed: Claimed) -> Claim {
    Claim::new(format!("Welch t {finds}"), claimed, |values| {
        let test = welch_t(&values[0], &values[1], 0.95)?;
        Ok(test.and_then(|test| test.p).is_some_and(|p| p < ALPHA))
    })
}
