//! Effects as ratios: estimated inside the blocks, without a verdict.

use super::factor::Factor;
use super::quantity::{ALL, Quantity};
use crate::stats::factorial::{Contrast, Layout, per_block};
use crate::stats::{self, Interval, hodges_lehmann, multiple, wilcoxon};

/// What an effect compares. Levels are numbered inside the design; 0 is the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A level of a factor against its reference, on the mean over those combinations of the other factors in which neither
    /// needs the bridge.
    Main {
        /// Place of the factor among the crossed ones.
        factor: usize,
        /// Its level.
        level: usize,
    },
    /// What the second level changes in the effect of the first.
    Interaction {
        /// Places of the factors among the crossed ones, each with its level.
        levels: [(usize, usize); 2],
    },
    /// What the client costs more where it runs on Tokio inside another runtime than where it does not.
    Bridge {
        /// The client's level.
        client: usize,
        /// The arm's level; none for the mean over all arms that need the bridge.
        arm: Option<usize>,
    },
}

/// One effect on every quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What is compared.
    pub subject: Subject,
    /// The estimates; none where the quantity is not known in enough trials.
    pub estimates: Vec<(Quantity, Option<Estimated>)>,
}

/// The size of an effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// Blocks with a value.
    pub blocks: usize,
    /// Ratio of the level to its reference, of an interaction the ratio of ratios: exp of the Hodges-Lehmann estimate over
    /// the blocks.
    pub ratio: f64,
    /// 95 % interval of the ratio; none under 6 blocks.
    pub ci: Option<Interval>,
    /// Wilcoxon signed-rank p; none where every block has a ratio of 1.
    pub p: Option<f64>,
    /// Adjusted over all effects of all designs of the run (Benjamini-Hochberg); none without an interval.
    pub p_adjusted: Option<f64>,
}

impl Estimated {
    /// True when the interval leaves out 1 and the adjusted p is below .05.
    pub fn is_established(&self) -> bool {
        self.ci.is_some_and(|ci| !ci.contains(1.0)) && self.p_adjusted.is_some_and(|p| p < 0.05)
    }
}

/// Where a client needs the bridge: its level, the arms' levels with it and those without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// Level of the client.
    pub client: usize,
    /// Levels of the arms on which it runs through the bridge.
    pub bridged: Vec<usize>,
    /// Levels of the arms on which it does not.
    pub direct: Vec<usize>,
}

impl Bridge {
    /// True when the combination's client reaches Tokio through the bridge.
    pub(super) fn is_in(&self, layout: &Layout, crossed: &[Factor], combination: usize) -> bool {
        let level = |factor| place(crossed, factor).map(|factor| layout.level(combination, factor));
        level(Factor::Client) == Some(self.client)
            && level(Factor::Runtime).is_some_and(|arm| self.bridged.contains(&arm))
    }
}

/// Place of a factor among the crossed ones.
pub(super) fn place(crossed: &[Factor], factor: Factor) -> Option<usize> {
    crossed.iter().position(|there| *there == factor)
}

/// Every effect of a design on the quantities whose values per block and combination are handed over.
pub(super) fn effects(
    layout: &Layout,
    crossed: &[Factor],
    bridge: Option<&Bridge>,
    tables: &[(Quantity, Vec<Vec<Option<f64>>>)],
) -> stats::Result<Vec<Effect>> {
    let all = subjects(layout, crossed, bridge);
    let of = |(subject, contrast): (Subject, Contrast)| {
        let estimate = |quantity: Quantity| {
            let table = tables.iter().find(|(there, _)| *there == quantity);
            let estimated = table.map(|(_, rows)| estimated(&per_block(rows, &contrast))).transpose()?;
            Ok((quantity, estimated.flatten()))
        };
        let estimates = ALL.into_iter().map(estimate).collect::<stats::Result<Vec<_>>>()?;
        Ok(Effect { subject, estimates })
    };
    all.into_iter().map(of).collect()
}

fn subjects(layout: &Layout, crossed: &[Factor], bridge: Option<&Bridge>) -> Vec<(Subject, Contrast)> {
    let levels = |factor: usize| 1..layout.levels(factor);
    let is_bridged = |c: usize| bridge.is_some_and(|bridge| bridge.is_in(layout, crossed, c));
    let mut all = Vec::new();
    for factor in 0..layout.factors() {
        all.extend(levels(factor).map(|level| {
            (Subject::Main { factor, level }, Contrast::main(layout, factor, level, is_bridged))
        }));
    }
    let arms = place(crossed, Factor::Runtime).zip(place(crossed, Factor::Client));
    if let (Some(bridge), Some((arms, clients))) = (bridge, arms) {
        let (client, of) = (bridge.client, (clients, bridge.client));
        let beyond = |these: &[usize]| Contrast::between(layout, arms, these, &bridge.direct, of);
        all.push((Subject::Bridge { client, arm: None }, beyond(&bridge.bridged)));
        if bridge.bridged.len() > 1 {
            all.extend(
                bridge
                    .bridged
                    .iter()
                    .map(|&arm| (Subject::Bridge { client, arm: Some(arm) }, beyond(&[arm]))),
            );
        }
    }
    for f in 0..layout.factors() {
        for g in f + 1..layout.factors() {
            for (l, m) in levels(f).flat_map(|l| levels(g).map(move |m| (l, m))) {
                let levels = [(f, l), (g, m)];
                all.push((
                    Subject::Interaction { levels },
                    Contrast::interaction(layout, levels[0], levels[1]),
                ));
            }
        }
    }
    all
}

fn estimated(logs: &[f64]) -> stats::Result<Option<Estimated>> {
    let Some(estimate) = hodges_lehmann::hodges_lehmann(logs, 0.95)? else { return Ok(None) };
    Ok(Some(Estimated {
        blocks: logs.len(),
        ratio: estimate.value.exp(),
        ci: estimate.ci.map(|ci| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() }),
        p: wilcoxon::signed_rank_test(logs)?.map(|test| test.p()),
        p_adjusted: None,
    }))
}

/// Adjusts the p values of all effects together (Benjamini & Hochberg 1995), of those that have an interval.
pub(super) fn adjust<'a>(effects: impl Iterator<Item = &'a mut Effect>) -> stats::Result<()> {
    let mut tested: Vec<&mut Estimated> = effects
        .flat_map(|effect| effect.estimates.iter_mut().filter_map(|(_, estimated)| estimated.as_mut()))
        .filter(|estimated| estimated.ci.is_some() && estimated.p.is_some())
        .collect();
    let ps: Vec<f64> = tested.iter().filter_map(|estimated| estimated.p).collect();
    for (estimated, adjusted) in tested.iter_mut().zip(multiple::benjamini_hochberg(&ps)?) {
        estimated.p_adjusted = Some(adjusted);
    }
    Ok(())
}
