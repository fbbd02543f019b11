//! Do verdicts of whole sweeps claim what is not there?

use super::claim::{Claim, Claimed, Experiment};
use super::shape::Shape;
use super::sweep::{Sweep, Values};
use crate::analysis::family_level;
use crate::stats;
use crate::stats::hodges_lehmann::pseudo_median_interval;
use crate::stats::multiple::holm;
use crate::stats::paired::{differences, paired_t};
use crate::stats::verdict::{AaReading, Names, Unit, Verdict, aa_reading, compare_paired};

/// Arms, and blocks, of the sweeps made up here.
const ARMS: usize = 5;
const BLOCKS: usize = 20;

/// Chance of a false claim that is allowed.
const ALLOWED: f64 = 0.05;

/// Equivalence margin, percentage points.
const MARGIN: f64 = 0.5;

pub(super) fn experiments() -> Vec<Experiment> {
    let equal = |noise| Sweep::equal(ARMS, BLOCKS, noise);
    let drifting = |sweep: Sweep| Sweep { drift: 1.0, ..sweep };
    let pair = |noise| Sweep::equal(2, BLOCKS, noise);
    let at_the_margin = |sweep: Sweep| Sweep { shift: MARGIN, ..sweep };
    let mut experiments = Vec::new();
    for sweep in [equal(Shape::Normal), equal(Shape::Bounded), drifting(equal(Shape::Normal))] {
        let claims = vec![
            some_arm_differs(family_level(ARMS - 1)),
            some_pair_differs("Holm over ten pairs", Claimed::at_most(ALLOWED), holm),
            some_pair_differs("uncorrected", Claimed::nothing(), |ps| Ok(ps.to_vec())),
        ];
        experiments.push(Experiment { sweep, claims });
    }
    for sweep in [pair(Shape::Normal), pair(Shape::HeavyTailed), drifting(pair(Shape::Bounded))] {
        experiments.push(Experiment { sweep, claims: vec![control_is_biased()] });
    }
    for noise in [Shape::Normal, Shape::Bounded, Shape::HeavyTailed] {
        experiments.push(Experiment { sweep: at_the_margin(pair(noise)), claims: vec![within_the_margin()] });
        experiments
            .push(Experiment { sweep: at_the_margin(equal(noise)), claims: vec![some_arm_is_relevant()] });
    }
    let lopsided = Sweep::sample(Shape::Bounded, BLOCKS);
    let claims = [1.0, -1.0].map(within_the_margin_of_lopsided);
    experiments.push(Experiment { sweep: lopsided, claims: claims.into() });
    experiments
}

/// The verdicts on the first arm against every other.
fn verdicts(values: &Values, level: f64) -> stats::Result<Vec<Verdict>> {
    let judged = |arm: &Vec<f64>| verdict(&differences(&values[0], arm)?, level);
    values[1..].iter().map(judged).collect()
}

fn verdict(differences: &[f64], level: f64) -> stats::Result<Verdict> {
    let unit = Unit::plain("pp");
    let names = Names { a: "a", b: "b", unit: &unit };
    Ok(compare_paired(differences, level, MARGIN, names)?.judgement.verdict)
}

/// "A sweep over equal arms says that some arm differs from the first."
pub fn some_arm_differs(level: f64) -> Claim {
    let what = format!("some arm is said to differ from the baseline, intervals at {:.2} %", 100.0 * level);
    Claim::new(what, Claimed::at_most(ALLOWED), move |values| {
        let differs =
            |v: &Verdict| matches!(v, Verdict::Relevant | Verdict::Negligible | Verdict::Unresolved);
        Ok(verdicts(values, level)?.iter().any(differs))
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
        Ok(adjust(&ps)?.iter().any(|p| *p < ALLOWED))
    })
}

fn control_is_biased() -> Claim {
    Claim::new("A/A control reads biased", Claimed::at_most(ALLOWED), |values| {
        let differences = differences(&values[0], &values[1])?;
        let at = |level| pseudo_median_interval(&differences, level);
        Ok(aa_reading(differences.len(), at(0.95)?, at(0.9)?, MARGIN)? == AaReading::Biased)
    })
}

fn is_within(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Equivalent | Verdict::Negligible)
}

fn within_the_margin() -> Claim {
    Claim::new(
        "equivalent or negligible, the true difference being the margin",
        Claimed::at_most(ALLOWED),
        |values| Ok(verdicts(values, 0.95)?.into_iter().any(is_within)),
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
        Ok(is_within(verdict(&differences, 0.95)?))
    })
}

fn some_arm_is_relevant() -> Claim {
    let what = "some arm is said to differ by more than the margin, every true difference being the margin";
    Claim::new(what, Claimed::at_most(ALLOWED), |values| {
        Ok(verdicts(values, family_level(ARMS - 1))?.contains(&Verdict::Relevant))
    })
}
