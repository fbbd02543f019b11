//! What part of the variation belongs to which factor.

use super::effect::{Bridge, place};
use super::factor::Factor;
use super::quantity::Quantity;
use crate::stats::factorial::{Anova, Layout, Source, anova};
use crate::stats::{self};

/// Part of the variation between the combinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A factor, on the mean over the others.
    Main(Factor),
    /// The bridge: the one contrast of runtime x client that is between arms with and without it.
    Bridge,
    /// How two factors act together, without the bridge.
    Pair(Factor, Factor),
    /// How three and more factors act together.
    Higher,
}

/// A part with its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Which part.
    pub part: Part,
    /// Share of the sum of squares between the combinations, a fraction.
    pub share: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(F > f) against the residual; none where there is no residual.
    pub p: Option<f64>,
}

impl Share {
    /// True when noise alone would hardly give as much, or where there is no noise.
    pub fn is_told_from_noise(&self) -> bool {
        self.p.is_none_or(|p| p < 0.05)
    }
}

/// The variation of a quantity, taken apart. Shares are those of sums of squares of logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Which quantity.
    pub quantity: Quantity,
    /// The parts of the variation between the combinations; they add up to 1.
    pub parts: Vec<Share>,
    /// Share of the whole variation that is between the combinations.
    pub combinations: f64,
    /// The same between the blocks.
    pub blocks: f64,
    /// The same of what neither explains.
    pub residual: f64,
    /// P(F > f) of all combinations against the residual.
    pub p: Option<f64>,
    /// Blocks that were analysed.
    pub blocks_analysed: usize,
    /// Values that were estimated because their trials do not count.
    pub missing: usize,
}

/// The shares of a quantity from its values per block and combination; `None` where too many are missing or nothing varies.
pub(super) fn shares(
    layout: &Layout,
    crossed: &[Factor],
    bridge: Option<&Bridge>,
    (quantity, rows): (Quantity, &[Vec<Option<f64>>]),
) -> stats::Result<Option<Shares>> {
    let Some(found) = anova(layout, rows)? else { return Ok(None) };
    let whole = found.combinations.squares + found.blocks.squares + found.residual.squares;
    if found.combinations.squares <= 0.0 {
        return Ok(None);
    }
    let parts = parts(layout, crossed, bridge, &found).into_iter().map(|(part, source)| Share {
        part,
        share: source.squares / found.combinations.squares,
        df: source.df,
        p: source.p,
    });
    Ok(Some(Shares {
        quantity,
        parts: parts.collect(),
        combinations: found.combinations.squares / whole,
        blocks: found.blocks.squares / whole,
        residual: found.residual.squares / whole,
        p: found.combinations.p,
        blocks_analysed: rows.len(),
        missing: found.missing,
    }))
}

fn parts(layout: &Layout, crossed: &[Factor], bridge: Option<&Bridge>, found: &Anova) -> Vec<(Part, Source)> {
    let mut parts: Vec<(Part, Source)> =
        crossed.iter().zip(&found.main).map(|(factor, source)| (Part::Main(*factor), *source)).collect();
    let bridged = bridge.and_then(|bridge| Some(found.contrast(&weights(layout, crossed, bridge)?)));
    if let Some(source) = bridged {
        parts.push((Part::Bridge, source));
    }
    for ((f, g), source) in &found.pairs {
        let pair = (crossed[*f], crossed[*g]);
        let rest = match bridged {
            Some(bridge) if pair == (Factor::Runtime, Factor::Client) => found.without(*source, bridge),
            _ => *source,
        };
        parts.push((Part::Pair(pair.0, pair.1), rest));
    }
    parts.push((Part::Higher, found.higher));
    parts.retain(|(_, source)| source.df > 0.0);
    parts
}

/// The bridge as a contrast inside runtime x client: for every combination the product of (needs the bridge as an arm) and
/// (needs it as a client), each less its mean over the levels.
fn weights(layout: &Layout, crossed: &[Factor], bridge: &Bridge) -> Option<Vec<f64>> {
    let (arms, clients) = (place(crossed, Factor::Runtime)?, place(crossed, Factor::Client)?);
    let centred = |yes: bool, share: f64| if yes { 1.0 - share } else { -share };
    let arm_share = bridge.bridged.len() as f64 / layout.levels(arms) as f64;
    let client_share = 1.0 / layout.levels(clients) as f64;
    let weight = |combination: usize| {
        let arm = bridge.bridged.contains(&layout.level(combination, arms));
        let client = layout.level(combination, clients) == bridge.client;
        centred(arm, arm_share) * centred(client, client_share)
    };
    Some((0..layout.combinations()).map(weight).collect())
}
