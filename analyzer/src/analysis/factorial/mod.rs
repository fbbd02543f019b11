//! Factors apart: what part of a quantity's variation is the runtime, the HTTP client, the bridge, the read size.

mod design;
mod effect;
mod factor;
mod quantity;
mod share;
mod stratum;

pub use effect::{Bridge, Effect, Estimated, Subject};
pub use factor::{Factor, Level};
pub use quantity::Quantity;
pub use share::{Part, Share, Shares};

use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, factorial::Layout};
use design::Design;
use quantity::Reading;
use std::collections::BTreeSet;
use stratum::{At, Placed, Stratum};

/// A balanced factorial of a run, analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Factorial {
    /// The plan's set, with circumstances where they are special.
    pub set: String,
    /// Factors of more than one level with their levels; the first one is the reference.
    pub crossed: Vec<(Factor, Vec<Level>)>,
    /// Factors of one level in the design, of several in the set.
    pub held: Vec<(Factor, Level)>,
    /// Number of combinations.
    pub combinations: usize,
    /// Trials of the design that count.
    pub counted: usize,
    /// Trials of the design that do not.
    pub not_counted: usize,
    /// Trials of the set whose levels are not part of the design.
    pub left_out: usize,
    /// Where a client needs the bridge.
    pub bridge: Option<Bridge>,
    /// The variation of each quantity that is known in enough trials.
    pub shares: Vec<Shares>,
    /// Main effects, then the bridge, then two-way interactions.
    pub effects: Vec<Effect>,
}

impl Factorial {
    /// The variation of a quantity.
    pub fn shares_of(&self, quantity: Quantity) -> Option<&Shares> {
        self.shares.iter().find(|shares| shares.quantity == quantity)
    }
}

/// The balanced factorials of a run: of each set those that cross two factors at least.
pub(super) fn find(run: &Run, outcomes: &[Outcome], arms: &[String]) -> stats::Result<Vec<Factorial>> {
    let mut found = Vec::new();
    for stratum in stratum::strata(run, outcomes, arms) {
        for design in design::designs(&stratum.present()) {
            found.extend(analyse(&stratum, &design)?);
        }
    }
    effect::adjust(found.iter_mut().flat_map(|factorial: &mut Factorial| factorial.effects.iter_mut()))?;
    Ok(found)
}

/// `None` where no quantity is known in enough trials.
fn analyse(stratum: &Stratum, design: &Design) -> stats::Result<Option<Factorial>> {
    let of = |f: usize| design[f].iter().map(|&level| stratum.levels[f][level].clone()).collect();
    let crossed: Vec<(Factor, Vec<Level>)> =
        (0..factor::COUNT).filter(|&f| design[f].len() > 1).map(|f| (factor::ALL[f], of(f))).collect();
    let factors: Vec<Factor> = crossed.iter().map(|(factor, _)| *factor).collect();
    let layout = Layout::new(crossed.iter().map(|(_, levels)| levels.len()).collect());
    let (members, others): (Vec<&Placed>, Vec<&Placed>) =
        stratum.trials.iter().partition(|trial| design::holds(design, &trial.at));
    let bridge = bridge(design, &members);

    let reading = Reading::of(stratum);
    let tables: Vec<(Quantity, Vec<Vec<Option<f64>>>)> = quantity::ALL
        .into_iter()
        .filter_map(|quantity| {
            Some((quantity, table(&layout, design, &members, |trial| reading.log(quantity, trial))?))
        })
        .collect();
    let mut shares = Vec::new();
    for (quantity, rows) in &tables {
        shares.extend(share::shares(&layout, &factors, bridge.as_ref(), (*quantity, rows))?);
    }
    if shares.is_empty() {
        return Ok(None);
    }
    let held = (0..factor::COUNT).filter(|&f| design[f].len() == 1 && stratum.levels[f].len() > 1);
    Ok(Some(Factorial {
        set: stratum.name.clone(),
        held: held.map(|f| (factor::ALL[f], stratum.levels[f][design[f][0]].clone())).collect(),
        combinations: layout.combinations(),
        counted: members.iter().filter(|trial| trial.counted.is_some()).count(),
        not_counted: members.iter().filter(|trial| trial.counted.is_none()).count(),
        left_out: others.len(),
        effects: effect::effects(&layout, &factors, bridge.as_ref(), &tables)?,
        crossed,
        bridge,
        shares,
    }))
}

/// Values of a quantity per block and combination: blocks that have more than half of the combinations. `None` where a
/// combination then is not in more than half of the blocks.
fn table(
    layout: &Layout,
    design: &Design,
    members: &[&Placed],
    value: impl Fn(&Placed) -> Option<f64>,
) -> Option<Vec<Vec<Option<f64>>>> {
    let blocks: BTreeSet<u32> = members.iter().map(|trial| trial.block).collect();
    let mut rows = Vec::new();
    for block in blocks {
        let mut row = vec![None; layout.combinations()];
        for trial in members.iter().filter(|trial| trial.block == block) {
            row[combination(layout, design, &trial.at)] = value(trial);
        }
        if 2 * row.iter().flatten().count() > row.len() {
            rows.push(row);
        }
    }
    let enough = |c: usize| 2 * rows.iter().filter(|row| row[c].is_some()).count() > rows.len();
    (!rows.is_empty() && (0..layout.combinations()).all(enough)).then_some(rows)
}

/// Number of a trial's combination among those of its design.
fn combination(layout: &Layout, design: &Design, at: &At) -> usize {
    let crossed = design.iter().zip(at).filter(|(levels, _)| levels.len() > 1);
    let places: Vec<usize> =
        crossed.map(|(levels, level)| levels.binary_search(level).unwrap_or(0)).collect();
    layout.combination(&places)
}

/// The client of a design that needs the bridge on some arms and not on others, as the trials say.
fn bridge(design: &Design, members: &[&Placed]) -> Option<Bridge> {
    let (arms, clients) = (&design[0], &design[1]);
    // The reference client must do without, or nothing is compared.
    let through = |client: usize, arm: usize| {
        let mut of_both = members.iter().filter(|trial| trial.at[0] == arm && trial.at[1] == client);
        of_both.any(|trial| !trial.trial.row.bridge.is_empty())
    };
    let reference = *clients.first()?;
    if arms.iter().any(|&arm| through(reference, arm)) {
        return None;
    }
    (1..clients.len()).find_map(|client| {
        let (bridged, direct): (Vec<usize>, Vec<usize>) =
            (0..arms.len()).partition(|&arm| through(clients[client], arms[arm]));
        (!bridged.is_empty() && !direct.is_empty()).then_some(Bridge { client, bridged, direct })
    })
}
