//! Do verdicts of whole sweeps claim what is not there?

use super::claim::{Claim, Claimed, Experiment};
use super::shape::Shape;
use super::sweep::Sweep;
use crate::analysis::{ALPHA, Family};
use crate::stats;
use crate::stats::hodges_lehmann::pseudo_median_interval;
use crate::stats::multiple::holm;
use crate::stats::paired::{differences, paired_t};
use crate::stats::verdict::{AaReading, Levels, Names, Unit, Verdict, aa_reading, compare_paired};

/// Arms, and blocks, of the sweeps made up here.
const ARMS: usize = 5;
const BLOCKS: usize = 20;

/// Cells and blocks of the plan `quick`.
const CELLS: usize = 5;
const QUICK_BLOCKS: usize = 12;

/// Equivalence margin, percentage points.
pub(super) const MARGIN: f64 = 0.5;

pub(super) fn experiments() -> stats::Result<Vec<Experiment>> {
    let equal = |noise| Sweep::equal(ARMS, BLOCKS, noise);
    let drifting = |sweep: Sweep| Sweep { drift: 1.0, ..sweep };
    let pair = |noise| Sweep::equal(2, BLOCKS, noise);
    let at_the_margin = |sweep: Sweep| Sweep { shift: MARGIN, ..sweep };
    let family = Family::new(ARMS - 1, 1)?;
    let mut experiments = Vec::new();
    for sweep in [equal(Shape::Normal), equal(Shape::Bounded), drifting(equal(Shape::Normal))] {
        let claims = vec![
            some_arm_differs(family.level),
            some_pair_differs("Holm over ten pairs", Claimed::at_most(ALPHA), holm),
            some_pair_differs("uncorrected", Claimed::nothing(), |ps| Ok(ps.to_vec())),
        ];
        experiments.push(Experiment::new(sweep, claims));
    }
    for sweep in [pair(Shape::Normal), pair(Shape::HeavyTailed), drifting(pair(Shape::Bounded))] {
        experiments.push(Experiment::new(sweep, [control_is_biased()]));
    }
    for noise in [Shape::Normal, Shape::Bounded, Shape::HeavyTailed] {
        experiments.push(Experiment::new(at_the_margin(pair(noise)), [within_the_margin()]));
        // A quiet machine, where arms at the margin look equivalent if anything does, and a noisy one.
        for sd in [0.1, 0.5] {
            let run = Sweep { cells: CELLS, noise_sd: sd, ..Sweep::equal(ARMS, QUICK_BLOCKS, noise) };
            let none = run_claims("some difference, every arm being equal", differs)?;
            experiments.push(Experiment::new(run, [none]));
            let false_claim = |verdict| is_within(verdict) || verdict == Verdict::Relevant;
            let claims = [
                run_claims(
                    "a difference beyond the margin or an equivalence, every true difference being the margin",
                    false_claim,
                )?,
                some_is_equivalent_at_90(),
            ];
            experiments.push(Experiment::new(at_the_margin(run), claims));
        }
    }
    let quiet = Sweep { noise_sd: 0.2, ..Sweep::equal(ARMS, QUICK_BLOCKS, Shape::Normal) };
    experiments.push(Experiment::new(quiet, [all_are_equivalent(Family::new(ARMS - 1, 2)?)]));
    let lopsided = Sweep::sample(Shape::Bounded, BLOCKS);
    experiments.push(Experiment::new(lopsided, [1.0, -1.0].map(within_the_margin_of_lopsided)));
    Ok(experiments)
}

/// The verdicts on the first arm of a cell against every other.
fn verdicts(cell: &[Vec<f64>], levels: Levels) -> stats::Result<Vec<Verdict>> {
    let judged = |arm: &Vec<f64>| verdict(&differences(&cell[0], arm)?, levels);
    cell[1..].iter().map(judged).collect()
}

fn verdict(differences: &[f64], levels: Levels) -> stats::Result<Verdict> {
    let unit = Unit::plain("pp");
    let names = Names { a: "a", b: "b", unit: &unit };
    Ok(compare_paired(differences, levels, MARGIN, names)?.judgement.verdict)
}

fn differs(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Relevant | Verdict::Negligible | Verdict::Unresolved)
}

pub(super) fn is_within(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Equivalent | Verdict::Negligible)
}

/// "A sweep over equal arms says that some arm differs from the first."
pub fn some_arm_differs(level: f64) -> Claim {
    let what = format!("some arm is said to differ from the baseline, intervals at {:.2} %", 100.0 * level);
    Claim::new(what, Claimed::at_most(ALPHA), move |values| {
        Ok(verdicts(values, Levels::simultaneous(level))?.into_iter().any(differs))
    })
}

/// "Some verdict of a run, in its primary cell or any other, is a false one."
fn run_claims(what: &str, is_false: fn(Verdict) -> bool) -> stats::Result<Claim> {
    let (primary, others) = (Family::new(ARMS - 1, 2)?, Family::new((CELLS - 1) * (ARMS - 1), 2)?);
    let what = format!("a run claims {what}");
    Ok(Claim::new(what, Claimed::at_most(ALPHA), move |values| {
        for (place, cell) in values.chunks(ARMS).enumerate() {
            let family = if place == 0 { primary } else { others };
            if verdicts(cell, family.levels())?.into_iter().any(is_false) {
                return Ok(true);
            }
        }
        Ok(false)
    }))
}

/// What a 90 % interval of each contrast would claim: why equivalence is controlled over the family, too.
fn some_is_equivalent_at_90() -> Claim {
    let what = "a run claims an equivalence by single 90 % intervals, every true difference being the margin";
    Claim::new(what, Claimed::nothing(), |values| {
        for cell in values.chunks(ARMS) {
            if verdicts(cell, Levels::SINGLE)?.into_iter().any(is_within) {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// The plan `quick` can say that arms are equivalent, in its own number of blocks.
fn all_are_equivalent(family: Family) -> Claim {
    let what = format!(
        "all four equal arms of the primary cell are found equivalent, intervals at {:.2} %",
        100.0 * family.level
    );
    Claim::new(what, Claimed::at_least(0.8), move |values| {
        Ok(verdicts(values, family.levels())?.into_iter().all(is_within))
    })
}

fn some_pair_differs(how: &str, claimed: Claimed, adjust: fn(&[f64]) -> stats::Result<Vec<f64>>) -> Claim {
    Claim::new(format!("some pair differs by paired t, {how}"), claimed, move |values| {
        let mut ps = Vec::new();
        for (i, a) in values.iter().enumerate() {
            for b in &values[i + 1..] {
                ps.extend(paired_t(&differences(a, b)?, 0.95)?.and_then(|test| test.p));
            }
        }
        Ok(adjust(&ps)?.iter().any(|p| *p < ALPHA))
    })
}

fn control_is_biased() -> Claim {
    Claim::new("A/A control reads biased", Claimed::at_most(ALPHA), |values| {
        let differences = differences(&values[0], &values[1])?;
        let at = |level| pseudo_median_interval(&differences, level);
        Ok(aa_reading(differences.len(), at(0.95)?, at(0.9)?, MARGIN)? == AaReading::Biased)
    })
}

fn within_the_margin() -> Claim {
    Claim::new(
        "equivalent or negligible, the true difference being the margin",
        Claimed::at_most(ALPHA),
        |values| Ok(verdicts(values, Levels::SINGLE)?.into_iter().any(is_within)),
    )
}

/// Differences of an arm with a tail to one without noise: not symmetric, their pseudo-median at the margin. Nothing is
/// claimed of them, because the signed-rank distribution assumes symmetry: METHODOLOGY says what that costs.
fn within_the_margin_of_lopsided(side: f64) -> Claim {
    let tail = if side > 0.0 { "towards 0" } else { "away from 0" };
    let what = format!("equivalent or negligible, the pseudo-median being the margin, one-sided tail {tail}");
    Claim::new(what, Claimed::nothing(), move |values| {
        let centred = values[0].iter().map(|value| value - Shape::Bounded.pseudo_median());
        let differences: Vec<f64> = centred.map(|value| side * MARGIN + 0.5 * value).collect();
        Ok(is_within(verdict(&differences, Levels::SINGLE)?))
    })
}
