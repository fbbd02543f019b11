//! p values that answer for all pairs of a cell together.

use super::bounds::{self, Bounds};
use super::group::LEVEL;
use super::pair::PairStats;
use super::paired::Paired;
use crate::stats::blocked::{self, Blocked};
use crate::stats::pairwise::PairDifference;
use crate::stats::{Result, games_howell, mean, multiple};
use serde::Serialize;

/// p values that answer for all pairs of a cell together, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Multiple {
    /// Games and Howell's comparison, for groups of unequal spread.
    pub games_howell: Vec<Simultaneous>,
    /// Tukey's comparison within complete blocks; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rcbd_tukey: Option<Vec<Simultaneous>>,
    /// Welch's tests.
    pub welch_adjusted: Vec<WelchAdjusted>,
    /// Paired tests; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired_adjusted: Option<Vec<PairedAdjusted>>,
}

/// A pair with an interval that holds for all pairs at once.
#[derive(Debug, Clone, Serialize)]
pub struct Simultaneous {
    /// Reference.
    pub a: String,
    /// What is compared with it.
    pub b: String,
    /// Mean of b minus mean of a.
    pub diff: Option<f64>,
    /// Adjusted p.
    pub p: Option<f64>,
    /// Simultaneous 95 % interval.
    pub ci: Bounds,
}

/// Welch's test of a pair with its adjusted p values.
#[derive(Debug, Clone, Serialize)]
pub struct WelchAdjusted {
    /// Reference.
    pub a: String,
    /// What is compared with it.
    pub b: String,
    /// Unadjusted p.
    pub p: Option<f64>,
    /// Adjusted by Holm.
    pub holm: Option<f64>,
    /// Adjusted by Benjamini and Hochberg.
    pub bh: Option<f64>,
}

/// Paired tests of a pair with their p values adjusted by Holm.
#[derive(Debug, Clone, Serialize)]
pub struct PairedAdjusted {
    /// Reference.
    pub a: String,
    /// What is compared with it.
    pub b: String,
    /// p of the paired t test.
    pub p: Option<f64>,
    /// Adjusted.
    pub holm: Option<f64>,
    /// p of the paired equivalence test.
    pub tost_p: Option<f64>,
    /// Adjusted.
    pub tost_holm: Option<f64>,
}

/// Adjusts over all pairs of a cell; `blocked` holds the complete blocks.
pub(super) fn multiple(
    pairs: &[PairStats],
    groups: &[&[f64]],
    blocked: Option<&Blocked>,
) -> Result<Multiple> {
    let games_howell = games_howell::games_howell(groups, LEVEL)?;
    let means: Vec<Option<f64>> = pairs.iter().map(|pair| pair.diff).collect();
    Ok(Multiple {
        games_howell: simultaneous(pairs, &means, &games_howell),
        rcbd_tukey: blocked.map(|blocked| rcbd_tukey(pairs, blocked)).transpose()?,
        welch_adjusted: welch_adjusted(pairs)?,
        paired_adjusted: blocked.map(|_| paired_adjusted(pairs)).transpose()?,
    })
}

fn rcbd_tukey(pairs: &[PairStats], blocked: &Blocked) -> Result<Vec<Simultaneous>> {
    let found: Vec<_> = blocked::tukey(blocked, LEVEL)?.into_iter().flatten().map(Some).collect();
    Ok(simultaneous(pairs, &mean_differences(blocked)?, &found))
}

/// Of all pairs of treatments, over the blocks that have all of them.
fn mean_differences(blocked: &Blocked) -> Result<Vec<Option<f64>>> {
    let mut means = Vec::new();
    for a in 0..blocked.treatments() {
        for b in a + 1..blocked.treatments() {
            let differences: Vec<f64> = blocked.rows().map(|row| row[b] - row[a]).collect();
            means.push(mean::mean(&differences)?);
        }
    }
    Ok(means)
}

/// All pairs with the difference of their means and what was found for each, in the same order.
fn simultaneous(
    pairs: &[PairStats],
    differences: &[Option<f64>],
    found: &[Option<PairDifference>],
) -> Vec<Simultaneous> {
    let of = |(index, pair): (usize, &PairStats)| {
        let found = found.get(index).copied().flatten();
        Simultaneous {
            a: pair.a.clone(),
            b: pair.b.clone(),
            diff: differences.get(index).copied().flatten(),
            p: found.map(|found| found.p),
            ci: bounds::both(found.map(|found| found.ci)),
        }
    };
    pairs.iter().enumerate().map(of).collect()
}

fn welch_adjusted(pairs: &[PairStats]) -> Result<Vec<WelchAdjusted>> {
    let ps: Vec<Option<f64>> = pairs.iter().map(|pair| pair.welch.p).collect();
    let (holm, bh) = (adjusted(&ps, multiple::holm)?, adjusted(&ps, multiple::benjamini_hochberg)?);
    let of = |(i, pair): (usize, &PairStats)| WelchAdjusted {
        a: pair.a.clone(),
        b: pair.b.clone(),
        p: ps[i],
        holm: holm[i],
        bh: bh[i],
    };
    Ok(pairs.iter().enumerate().map(of).collect())
}

fn paired_adjusted(pairs: &[PairStats]) -> Result<Vec<PairedAdjusted>> {
    let of = |p: fn(&Paired) -> Option<f64>| -> Vec<Option<f64>> {
        pairs.iter().map(|pair| pair.paired.as_ref().and_then(p)).collect()
    };
    let (ps, tost_ps) = (of(|paired| paired.p), of(|paired| paired.tost_p));
    let (holm, tost_holm) = (adjusted(&ps, multiple::holm)?, adjusted(&tost_ps, multiple::holm)?);
    let of = |(i, pair): (usize, &PairStats)| PairedAdjusted {
        a: pair.a.clone(),
        b: pair.b.clone(),
        p: ps[i],
        holm: holm[i],
        tost_p: tost_ps[i],
        tost_holm: tost_holm[i],
    };
    Ok(pairs.iter().enumerate().map(of).collect())
}

/// Adjusts the p values that exist; those that do not exist are not members of the family.
fn adjusted(ps: &[Option<f64>], adjust: impl Fn(&[f64]) -> Result<Vec<f64>>) -> Result<Vec<Option<f64>>> {
    let known: Vec<f64> = ps.iter().copied().flatten().collect();
    let mut adjusted = adjust(&known)?.into_iter();
    Ok(ps.iter().map(|p| p.and_then(|_| adjusted.next())).collect())
}
