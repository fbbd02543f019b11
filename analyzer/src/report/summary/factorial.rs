//! What the summary says of the factors apart.

use super::number::{Number, Pair, maybe, number, pair};
use crate::analysis::{Effect, Factor, Factorial, Level, Part, Shares, Subject};
use serde::Serialize;

/// A balanced factorial.
#[derive(Debug, Serialize)]
pub(super) struct FactorialSummary<'a> {
    set: &'a str,
    /// Crossed factors; the first level of each is the reference.
    factors: Vec<Crossed<'a>>,
    combinations: usize,
    trials_counted: usize,
    trials_not_counted: usize,
    /// Trials of the set whose levels have not every combination.
    trials_left_out: usize,
    variation: Vec<Variation>,
    effects: Vec<EffectSummary<'a>>,
}

#[derive(Debug, Serialize)]
struct Crossed<'a> {
    factor: &'static str,
    levels: Vec<&'a str>,
}

/// The variation of one quantity on the logarithmic scale.
#[derive(Debug, Serialize)]
struct Variation {
    quantity: &'static str,
    blocks: usize,
    missing_values: usize,
    /// Parts of the variation between the combinations; they add up to 1.
    parts: Vec<PartSummary>,
    share_between_combinations: Number,
    share_between_blocks: Number,
    share_residual: Number,
    p: Option<Number>,
}

#[derive(Debug, Serialize)]
struct PartSummary {
    /// A factor, `a:b` for two together, `bridge`, or `higher`.
    part: String,
    share: Number,
    degrees_of_freedom: Number,
    p: Option<Number>,
}

#[derive(Debug, Serialize)]
struct EffectSummary<'a> {
    /// `main`, `bridge` or `interaction`.
    kind: &'static str,
    /// Levels that differ from the reference: one, or two of an interaction.
    levels: Vec<LevelSummary<'a>>,
    estimates: Vec<EstimateSummary>,
}

#[derive(Debug, Serialize)]
struct LevelSummary<'a> {
    factor: &'static str,
    level: &'a str,
}

#[derive(Debug, Serialize)]
struct EstimateSummary {
    quantity: &'static str,
    blocks: usize,
    ratio: Number,
    ci95: Option<Pair>,
    p: Option<Number>,
    p_adjusted: Option<Number>,
}

impl<'a> FactorialSummary<'a> {
    pub(super) fn new(factorial: &'a Factorial) -> Self {
        let names = |levels: &'a [Level]| levels.iter().map(|level| level.name.as_str()).collect();
        Self {
            set: &factorial.set,
            factors: factorial
                .crossed
                .iter()
                .map(|(factor, levels)| Crossed { factor: factor.key(), levels: names(levels) })
                .collect(),
            combinations: factorial.combinations,
            trials_counted: factorial.counted,
            trials_not_counted: factorial.not_counted,
            trials_left_out: factorial.left_out,
            variation: factorial.shares.iter().map(Variation::new).collect(),
            effects: factorial.effects.iter().map(|effect| EffectSummary::new(factorial, effect)).collect(),
        }
    }
}

impl Variation {
    fn new(shares: &Shares) -> Self {
        let part = |part: Part| match part {
            Part::Main(factor) => factor.key().to_owned(),
            Part::Bridge => "bridge".to_owned(),
            Part::Pair(a, b) => format!("{}:{}", a.key(), b.key()),
            Part::Higher => "higher".to_owned(),
        };
        Self {
            quantity: shares.quantity.key(),
            blocks: shares.blocks_analysed,
            missing_values: shares.missing,
            parts: shares
                .parts
                .iter()
                .map(|share| PartSummary {
                    part: part(share.part),
                    share: number(share.share),
                    degrees_of_freedom: number(share.df),
                    p: maybe(share.p),
                })
                .collect(),
            share_between_combinations: number(shares.combinations),
            share_between_blocks: number(shares.blocks),
            share_residual: number(shares.residual),
            p: maybe(shares.p),
        }
    }
}

impl<'a> EffectSummary<'a> {
    fn new(factorial: &'a Factorial, effect: &Effect) -> Self {
        let at = |(place, level): (usize, usize)| {
            let (factor, levels) = factorial.crossed.get(place)?;
            Some(LevelSummary { factor: factor.key(), level: &levels.get(level)?.name })
        };
        let of = |factor: Factor, level: usize| {
            at((factorial.crossed.iter().position(|(there, _)| *there == factor)?, level))
        };
        let (kind, levels) = match &effect.subject {
            Subject::Main { factor, level } => ("main", vec![at((*factor, *level))]),
            Subject::Interaction { levels } => {
                ("interaction", levels.iter().map(|level| at(*level)).collect())
            }
            Subject::Bridge { client, arm } => {
                let arm = arm.map(|arm| of(Factor::Runtime, arm));
                ("bridge", std::iter::once(of(Factor::Client, *client)).chain(arm).collect())
            }
        };
        let estimates = effect.estimates.iter().filter_map(|(quantity, estimated)| {
            let estimated = (*estimated)?;
            Some(EstimateSummary {
                quantity: quantity.key(),
                blocks: estimated.blocks,
                ratio: number(estimated.ratio),
                ci95: pair(estimated.ci),
                p: maybe(estimated.p),
                p_adjusted: maybe(estimated.p_adjusted),
            })
        });
        Self { kind, levels: levels.into_iter().flatten().collect(), estimates: estimates.collect() }
    }
}
