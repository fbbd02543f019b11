//! Two groups that differ in size and spread: does their interval hold, and do verdicts claim what is not there?

use super::claim::{Claim, Claimed, Data, Experiment, Values};
use super::draws::Draws;
use super::shape::Shape;
use super::verdicts::{MARGIN, is_within};
use crate::analysis::ALPHA;
use crate::stats;
use crate::stats::verdict::{Levels, Names, Unit, compare_unpaired};
use crate::stats::{Interval, brunner_munzel, shift, welch};

/// Sizes and standard deviations of the two groups.
const SIZES: [(usize, usize); 5] = [(6, 6), (8, 8), UNEQUAL, (12, 12), (40, 40)];
const UNEQUAL: (usize, usize) = (8, 40);
const SPREADS: [(f64, f64); 3] = [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0)];

/// Two unpaired groups.
#[derive(Debug, Clone, Copy)]
struct Groups {
    noise: Shape,
    sizes: (usize, usize),
    sds: (f64, f64),
    /// What is added to the second group.
    added: f64,
}

impl Data for Groups {
    fn draw(&self, draws: &mut Draws) -> Values {
        let mut group = |n: usize, sd: f64, added: f64| -> Vec<f64> {
            (0..n).map(|_| sd * self.noise.draw(draws) + added).collect()
        };
        vec![group(self.sizes.0, self.sds.0, 0.0), group(self.sizes.1, self.sds.1, self.added)]
    }

    fn words(&self) -> String {
        let Self { noise, sizes, sds, added } = self;
        let noise = noise.words();
        let shift = if *added == 0.0 { String::new() } else { format!(", {added:.3} added to the second") };
        format!("groups of {} and {}, {noise}, sd {} and {}{shift}", sizes.0, sizes.1, sds.0, sds.1)
    }
}

impl Groups {
    /// The median of b - a: what the Hodges-Lehmann shift estimates.
    fn shift(&self) -> f64 {
        self.noise.shift(self.sds.0, self.sds.1) + self.added
    }
}

pub(super) fn experiments() -> Vec<Experiment> {
    let mut experiments = Vec::new();
    for noise in [Shape::Normal, Shape::Bounded, Shape::HeavyTailed] {
        for sizes in SIZES {
            for sds in SPREADS {
                // Equal sizes with the spreads exchanged are the same data.
                if sizes.0 == sizes.1 && sds.0 < sds.1 {
                    continue;
                }
                let groups = Groups { noise, sizes, sds, added: 0.0 };
                experiments.push(Experiment::new(groups, [the_shift(groups.shift())]));
                if sizes == UNEQUAL {
                    experiments.push(Experiment::new(groups, the_others(groups.shift())));
                    let at_the_margin = Groups { added: MARGIN - groups.shift(), ..groups };
                    experiments.push(Experiment::new(at_the_margin, [within_the_margin()]));
                }
            }
        }
    }
    experiments
}

fn the_shift(truth: f64) -> Claim {
    let what = "95 % interval of the unpaired verdict covers the shift";
    covers(what, Claimed::between(0.93, 0.97), truth, |a, b| brunner_munzel::shift_interval(a, b, 0.95))
}

/// What else there was to choose. The difference of the means is 0.
fn the_others(truth: f64) -> [Claim; 2] {
    let ranks = "95 % interval by inversion of the rank-sum test covers the shift";
    let welch = "95 % Welch interval covers the difference of the means";
    [
        covers(ranks, Claimed::nothing(), truth, |a, b| shift::shift_interval(a, b, 0.95)),
        covers(welch, Claimed::nothing(), 0.0, |a, b| Ok(welch::welch_t(a, b, 0.95)?.map(|t| t.ci))),
    ]
}

fn covers(
    what: &str,
    claimed: Claimed,
    truth: f64,
    interval: fn(&[f64], &[f64]) -> stats::Result<Option<Interval>>,
) -> Claim {
    Claim::new(what, claimed, move |values: &Values| {
        Ok(interval(&values[0], &values[1])?.is_some_and(|ci| ci.contains(truth)))
    })
}

fn within_the_margin() -> Claim {
    let what = "equivalent or negligible, unpaired, the true shift being the margin";
    Claim::new(what, Claimed::at_most(ALPHA), |values| {
        let unit = Unit::plain("");
        let names = Names { a: "a", b: "b", unit: &unit };
        let found = compare_unpaired(&values[0], &values[1], Levels::SINGLE, MARGIN, names)?;
        Ok(is_within(found.judgement.verdict))
    })
}
