//! Steps in run order, and blocks that depend on those before them: what is found, and how often there is nothing.

use super::claim::{Claim, Claimed, Experiment, Values};
use super::shape::Shape;
use super::sweep::Sweep;
use crate::stats::autocorrelation::alike;
use crate::stats::hodges_lehmann::pseudo_median_interval;
use crate::stats::multiple::benjamini_hochberg;
use crate::stats::paired::differences;
use crate::stats::step::{self, NoStep};
use crate::stats::{self, Interval, trend};
use std::sync::Arc;

/// Arms, and noise of a trial in percentage points.
const ARMS: usize = 5;
const NOISE_SD: f64 = 0.5;

/// Level of the tests of order, and chance of a false alarm that is allowed in a run.
const ALPHA: f64 = 0.05;

pub(super) fn experiments(seed: u64) -> Vec<Experiment> {
    let mut experiments = Vec::new();
    for blocks in [6, 12, 20] {
        let Some(null) = NoStep::draw(blocks, seed).map(Arc::new) else { continue };
        let sweep = |noise| Sweep::equal(ARMS, blocks, noise);
        let quiet = [Shape::Normal, Shape::Bounded, Shape::HeavyTailed].map(sweep);
        let jumping = Sweep { block_sd: 1.0, ..sweep(Shape::Normal) };
        for sweep in quiet.into_iter().chain([jumping]) {
            let claims = vec![
                stands_out(&null, Claimed::at_most(ALPHA)),
                steps(&null, "the level of equal trials steps", Claimed::nothing()),
            ];
            experiments.push(Experiment::new(sweep, claims));
        }
        let sd = NOISE_SD / (ARMS as f64).sqrt();
        let least = step::least_visible(&null, blocks, sd, ALPHA);
        let claims = vec![steps(&null, "a step of the least size named is found", Claimed::at_least(0.8))];
        experiments.push(Experiment::new(Sweep { step: least, ..sweep(Shape::Normal) }, claims));
        let of_ten = Sweep { step: -10.0, block_sd: 1.0, ..sweep(Shape::Normal) };
        let claims = vec![steps(&null, "a step of 10 pp is found", Claimed::at_least(0.95))];
        experiments.push(Experiment::new(of_ten, claims));
    }
    for rho in [0.0, 0.3, 0.6] {
        let sweep = Sweep { rho, ..Sweep::equal(2, 20, Shape::Normal) };
        let only_at = |claimed| if rho == 0.0 { claimed } else { Claimed::nothing() };
        let claims = vec![
            covers(
                "95 % Hodges-Lehmann interval of dependent blocks covers",
                only_at(Claimed::between(0.93, 0.97)),
                |_, _| Ok(1.0),
            ),
            covers("the same, widened by the factor named where it is", Claimed::nothing(), warned_factor),
            Claim::new(
                "neighbouring blocks are said to be alike",
                only_at(Claimed::at_most(ALPHA)),
                move |values| Ok(warned_factor(&differences(&values[0], &values[1])?, seed)? > 1.0),
            ),
        ];
        experiments.push(Experiment::new(sweep, claims));
    }
    experiments
}

/// p of a step in the level that all rows share, each row an arm.
fn p_of_step(rows: &Values, null: &NoStep) -> stats::Result<Option<f64>> {
    Ok(step::step(&scores(rows)?)?.map(|found| null.p(found)))
}

fn scores(rows: &Values) -> stats::Result<Vec<f64>> {
    let series = rows.iter().map(|row| (0..).zip(row.iter().copied()).collect());
    Ok(step::together(&series.collect::<Vec<_>>())?.into_iter().map(|(_, score)| score).collect())
}

fn steps(null: &Arc<NoStep>, what: &str, claimed: Claimed) -> Claim {
    let null = Arc::clone(null);
    Claim::new(what, claimed, move |values| Ok(p_of_step(values, &null)?.is_some_and(|p| p < ALPHA)))
}

/// "Something stands out in run order": steps and drift of the level and of each arm's differences to the first.
fn stands_out(null: &Arc<NoStep>, claimed: Claimed) -> Claim {
    let null = Arc::clone(null);
    Claim::new("a step or drift stands out in a run without one", claimed, move |values| {
        let mut all = vec![values.clone()];
        for arm in &values[1..] {
            all.push(vec![differences(&values[0], arm)?]);
        }
        let mut ps = Vec::new();
        for rows in &all {
            ps.extend(p_of_step(rows, &null)?);
            ps.extend(trend::kendall(&scores(rows)?)?.map(|drift| drift.p));
        }
        Ok(benjamini_hochberg(&ps)?.iter().any(|p| *p < ALPHA))
    })
}

/// The factor beside the verdict; 1 where there is none.
fn warned_factor(differences: &[f64], seed: u64) -> stats::Result<f64> {
    let found = alike(differences, seed)?;
    Ok(found.filter(|found| found.is_shown()).map_or(1.0, |found| found.too_narrow_by()))
}

fn covers(
    what: &str,
    claimed: Claimed,
    factor: impl Fn(&[f64], u64) -> stats::Result<f64> + Send + Sync + 'static,
) -> Claim {
    Claim::new(what, claimed, move |values| {
        let differences = differences(&values[0], &values[1])?;
        let Some(ci) = pseudo_median_interval(&differences, 0.95)? else { return Ok(false) };
        let factor = factor(&differences, 1)?;
        let (middle, half) = ((ci.lo + ci.hi) / 2.0, factor * (ci.hi - ci.lo) / 2.0);
        Ok(Interval { lo: middle - half, hi: middle + half }.contains(0.0))
    })
}
