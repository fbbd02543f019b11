//! Data that a robust centre reads wrongly: values of a coarse timer, and trials apart from the rest.

use super::claim::{Claim, Claimed, Data, Experiment, Values};
use super::draws::Draws;
use super::verdicts::{MARGIN, is_within};
use crate::analysis::ALPHA;
use crate::stats;
use crate::stats::verdict::{Comparison, Levels, Names, Unit, compare_in_blocks, compare_unpaired};

/// Normal values of two arms in blocks of a level of their own, rounded to a step, the second higher by `shift`.
#[derive(Debug, Clone, Copy)]
struct Rounded {
    n: usize,
    sd: f64,
    block_sd: f64,
    step: f64,
    shift: f64,
}

impl Data for Rounded {
    fn draw(&self, draws: &mut Draws) -> Values {
        // Where the grid lies under the values is chance.
        let offset = self.step * draws.uniform();
        let levels: Vec<f64> = (0..self.n).map(|_| self.block_sd * draws.normal() + offset).collect();
        let mut arm = |shift: f64| -> Vec<f64> {
            let rounded = |v: f64| self.step * (v / self.step).round();
            levels.iter().map(|level| rounded(level + self.sd * draws.normal() + shift)).collect()
        };
        vec![arm(0.0), arm(self.shift)]
    }

    fn words(&self) -> String {
        let Self { n, sd, block_sd, step, shift } = self;
        let blocks = if *block_sd > 0.0 { format!(", blocks of sd {block_sd}") } else { String::new() };
        format!("2 arms, n = {n}, normal, sd {sd}{blocks}, rounded to {step}, true difference {shift}")
    }
}

/// Two arms with normal noise; in a share of its trials the second loses `loss`.
#[derive(Debug, Clone, Copy)]
struct Losing {
    n: usize,
    share: f64,
    loss: f64,
}

impl Data for Losing {
    fn draw(&self, draws: &mut Draws) -> Values {
        let sd = 0.1;
        let first = (0..self.n).map(|_| sd * draws.normal()).collect();
        let mut second = || {
            let lost = if draws.uniform() < self.share { self.loss } else { 0.0 };
            sd * draws.normal() - lost
        };
        let second = (0..self.n).map(|_| second()).collect();
        vec![first, second]
    }

    fn words(&self) -> String {
        let Self { n, share, loss } = self;
        format!("2 arms, n = {n}, normal, sd 0.1, {:.0} % of the second's trials lose {loss}", 100.0 * share)
    }
}

pub(super) fn experiments() -> Vec<Experiment> {
    let mut experiments = Vec::new();
    for (n, sd, block_sd, step) in [
        (20, 0.3, 0.0, 1.0),
        (20, 1.2, 0.0, 1.0),
        (400, 1.2, 0.0, 1.0),
        (20, 0.3, 0.0, 0.05),
        // Half of such data have no difference in any block.
        (12, 0.1, 30.0, 10.0),
    ] {
        let data = Rounded { n, sd, block_sd, step, shift: MARGIN };
        let claims = [
            covers("unpaired", data.shift, unpaired),
            covers("paired", data.shift, paired),
            within("unpaired", Claimed::at_most(ALPHA), unpaired),
            within("paired", Claimed::at_most(ALPHA), paired),
        ];
        experiments.push(Experiment::new(data, claims));
    }
    for (n, share, loss, claimed) in [
        (40, 1.0 / 3.0, 20.0, Claimed::at_most(ALPHA)),
        (20, 1.0 / 3.0, 50.0, Claimed::at_most(ALPHA)),
        // The mean loses less than the margin, the trials more.
        (40, 1.0 / 3.0, 1.2, Claimed::at_most(ALPHA)),
        (40, 0.1, 50.0, Claimed::nothing()),
        // In 16 % of such data at most one trial is lost: what did not happen cannot be seen.
        (12, 0.25, 50.0, Claimed::nothing()),
    ] {
        let claims = [within("unpaired", claimed, unpaired), within("paired", claimed, paired)];
        experiments.push(Experiment::new(Losing { n, share, loss }, claims));
    }
    experiments
}

type Compare = fn(&Values) -> stats::Result<Comparison>;

fn unpaired(values: &Values) -> stats::Result<Comparison> {
    let unit = Unit::plain("");
    let names = Names { a: "a", b: "b", unit: &unit };
    compare_unpaired(&values[0], &values[1], Levels::SINGLE, MARGIN, names)
}

fn paired(values: &Values) -> stats::Result<Comparison> {
    let unit = Unit::plain("");
    let names = Names { a: "a", b: "b", unit: &unit };
    compare_in_blocks(&values[0], &values[1], Levels::SINGLE, MARGIN, names)
}

fn covers(how: &str, truth: f64, compare: Compare) -> Claim {
    let what = format!("95 % interval of rounded values covers the difference, {how}");
    Claim::new(what, Claimed::at_least(0.93), move |values| {
        Ok(compare(values)?.ci.is_some_and(|ci| ci.contains(truth)))
    })
}

fn within(how: &str, claimed: Claimed, compare: Compare) -> Claim {
    let what =
        format!("equivalent or negligible, {how}, though the difference is the margin or trials are lost");
    Claim::new(what, claimed, move |values| Ok(is_within(compare(values)?.judgement.verdict)))
}
