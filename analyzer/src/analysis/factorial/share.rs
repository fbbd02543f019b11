//! What part of the variation belongs to which factor.

use super::effect::{Bridge, place};
use super::factor::Factor;
use super::quantity::Quantity;
use crate::stats;
use crate::stats::factorial::{Anova, Layout, Source, anova};

/// Part of the variation between the combinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A factor, on the mean over the others, as it would be if the bridge cost nothing.
    Main(Factor),
    /// The bridge: what would be gone if it cost nothing. Below 0 where it hides a difference.
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
    // The rounding of the means is no variation.
    if found.combinations.squares <= 1e-24 * whole {
        return Ok(None);
    }
    let parts = parts(layout, crossed, bridge, rows, &found)?.into_iter().map(|(part, source)| Share {
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

fn parts(
    layout: &Layout,
    crossed: &[Factor],
    bridge: Option<&Bridge>,
    rows: &[Vec<Option<f64>>],
    found: &Anova,
) -> stats::Result<Vec<(Part, Source)>> {
    let bridged = bridge.map(|bridge| Bridged::of(layout, crossed, bridge, rows, found)).transpose()?;
    let mut parts = Vec::new();
    for (place, (factor, source)) in crossed.iter().zip(&found.main).enumerate() {
        let source = bridged.as_ref().map_or(*source, |bridged| bridged.main[place]);
        parts.push((Part::Main(*factor), source));
    }
    parts.extend(bridged.as_ref().map(|bridged| (Part::Bridge, bridged.bridge)));
    for ((f, g), source) in &found.pairs {
        let pair = (crossed[*f], crossed[*g]);
        let rest = match &bridged {
            Some(bridged) if pair == (Factor::Runtime, Factor::Client) => {
                found.source(source.squares - bridged.interaction.squares, source.df - 1.0)
            }
            _ => *source,
        };
        parts.push((Part::Pair(pair.0, pair.1), rest));
    }
    parts.push((Part::Higher, found.higher));
    parts.retain(|(_, source)| source.df > 0.0);
    Ok(parts)
}

/// The bridge taken out. It is no factor of its own but lies in runtime, client and their interaction: a runtime that needs
/// it looks dear on the mean over the clients, and so does the client on the mean over the runtimes.
struct Bridged {
    /// The factors' sums of squares when the bridge's effect is subtracted from its combinations.
    main: Vec<Source>,
    /// What the whole loses by that.
    bridge: Source,
    /// The bridge's part of the interaction: what neither runtime nor client can explain.
    interaction: Source,
}

impl Bridged {
    /// The effect is the least-squares slope beside runtime and client, so that it is estimated from the interaction alone.
    /// The factors' tests are those of the model with all three (their squares beside the bridge, "type III").
    fn of(
        layout: &Layout,
        crossed: &[Factor],
        bridge: &Bridge,
        rows: &[Vec<Option<f64>>],
        found: &Anova,
    ) -> stats::Result<Self> {
        let is_bridged: Vec<f64> = (0..layout.combinations())
            .map(|combination| f64::from(u8::from(bridge.is_in(layout, crossed, combination))))
            .collect();
        let beside = |factors: &[Factor]| {
            factors
                .iter()
                .filter_map(|factor| place(crossed, *factor))
                .fold(is_bridged.clone(), |weights, factor| less_its_means(layout, factor, &weights))
        };
        let both = beside(&[Factor::Runtime, Factor::Client]);
        let (interaction, effect) = (found.contrast(&both), found.slope(&both));
        let without = |row: &Vec<Option<f64>>| -> Vec<Option<f64>> {
            row.iter().zip(&is_bridged).map(|(value, there)| Some((*value)? - effect * there)).collect()
        };
        let rest = anova(layout, &rows.iter().map(without).collect::<Vec<_>>())?;
        let left = |of: &dyn Fn(&Anova) -> f64| rest.as_ref().map_or(0.0, of);
        let main = crossed.iter().enumerate().map(|(place, factor)| {
            let source = found.main[place];
            let other = match factor {
                Factor::Runtime => Factor::Client,
                Factor::Client => Factor::Runtime,
                _ => return source,
            };
            let alone = found.contrast(&beside(&[other])).squares;
            let tested = found.source(source.squares + interaction.squares - alone, source.df);
            Source { squares: left(&|rest| rest.main[place].squares), ..tested }
        });
        let bridge = Source {
            squares: found.combinations.squares - left(&|rest| rest.combinations.squares),
            ..interaction
        };
        Ok(Self { main: main.collect(), bridge, interaction })
    }
}

/// The values, each less the mean over the combinations of the same level.
fn less_its_means(layout: &Layout, factor: usize, values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; layout.levels(factor)];
    for (combination, value) in values.iter().enumerate() {
        sums[layout.level(combination, factor)] += value;
    }
    let each = (layout.combinations() / sums.len()) as f64;
    let less = |(combination, value): (usize, &f64)| value - sums[layout.level(combination, factor)] / each;
    values.iter().enumerate().map(less).collect()
}
