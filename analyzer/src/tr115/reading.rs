//! Everything computed about a study.

use super::compare::{ByConfig, Comparisons, by_config, compare};
use super::first_token::{Stage, Unseen, stages, unseen};
use super::flags::{Flags, find};
use super::gpu::{Decoding, decoding};
use super::identity::{Identity, identities};
use super::order::{Order, order};
use super::study::{Run, Sharing, Study, Tier};
use crate::stats::Result;

/// A study with everything computed from it.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The study.
    pub study: &'a Study,
    /// Margin of equivalence, a fraction.
    pub margin: f64,
    /// One reading for each tier.
    pub tiers: Vec<TierReading<'a>>,
}

/// A tier with everything computed from it.
#[derive(Debug)]
pub struct TierReading<'a> {
    /// The tier.
    pub tier: &'a Tier,
    /// What its efficiency measures.
    pub identities: Vec<Identity>,
    /// Unusual runs.
    pub flags: Flags<'a>,
    /// Overlapping runtimes over all their runs.
    pub all: Comparisons,
    /// The same without flagged runs.
    pub unflagged: Comparisons,
    /// Overlapping runtimes in each configuration.
    pub by_config: Vec<ByConfig>,
    /// Order of the runs.
    pub order: Order,
    /// First tokens.
    pub stages: Vec<Stage>,
    /// The runtime whose first tokens are clearly the latest in every stage, and what its number shows of that.
    pub latest: Option<(String, Option<Unseen>)>,
    /// Decoding alone and together.
    pub decoding: Option<Decoding>,
}

/// Computes everything.
///
/// # Errors
/// Only for numbers that the reader of the files should have refused.
pub fn read(study: &Study, margin: f64) -> Result<Reading<'_>> {
    let tiers = study.tiers.iter().map(|tier| read_tier(tier, margin)).collect::<Result<Vec<_>>>()?;
    Ok(Reading { study, margin, tiers })
}

fn read_tier(tier: &Tier, margin: f64) -> Result<TierReading<'_>> {
    let compared = tier.runtimes_that(Sharing::Overlapping);
    let flags = find(tier)?;
    let every: Vec<&Run> = tier.runs.iter().collect();
    let unflagged: Vec<&Run> = every.iter().copied().filter(|run| !flags.any(run)).collect();
    let stages = stages(tier)?;
    let latest = match latest_of_all(&stages) {
        Some(runtime) => Some((runtime.to_owned(), unseen(tier, &stages, runtime)?)),
        None => None,
    };
    Ok(TierReading {
        identities: identities(tier)?,
        all: compare(&compared, &every, margin)?,
        unflagged: compare(&compared, &unflagged, margin)?,
        by_config: by_config(tier, &compared, margin)?,
        order: order(tier, &compared)?,
        decoding: decoding(tier, &flags)?,
        tier,
        flags,
        stages,
        latest,
    })
}

/// The runtime that is clearly the latest in every stage.
fn latest_of_all(stages: &[Stage]) -> Option<&str> {
    let first = stages.first()?.latest.as_deref()?;
    stages.iter().all(|stage| stage.is_clear() && stage.latest.as_deref() == Some(first)).then_some(first)
}
