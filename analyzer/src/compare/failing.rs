//! Trials that fail in B and did not in A. A failed trial is an outcome of its arm, as a slow one is.

use super::pairing::Shared;
use crate::analysis::Fates;
use crate::stats::failures::{Share, least_p, level, rise};

/// Chance of new failures where nothing changed.
const ALPHA: f64 = 0.05;

/// So many failures of one arm are new where no trial of A failed at all. Servers and arms that ran a whole run without a
/// failure do not fail by chance at a rate that one run could measure, and Fisher's test, which allows for such a rate,
/// would need four failures of twelve to see it. One may be a hiccup of the machine and is a warning.
const LEAST_AFTER_NONE: usize = 2;

/// What fails more often in B.
#[derive(Debug, Clone, Default)]
pub struct NewFailures<'a> {
    /// Beyond chance.
    pub sure: Vec<Failing<'a>>,
    /// Arms in cells with more failures, which chance may explain.
    pub open: Vec<Failing<'a>>,
}

/// Trials that failed in both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing<'a> {
    /// Cell; none for all that both runs have.
    pub cell: Option<&'a str>,
    /// Arm label; none for all arms that both runs have.
    pub arm: Option<&'a str>,
    /// In A.
    pub before: Fates,
    /// In B.
    pub after: Fates,
    /// One-sided p of Fisher's exact test.
    pub p: f64,
}

impl Failing<'_> {
    fn new<'a>(cell: Option<&'a str>, arm: Option<&'a str>, before: Fates, after: Fates) -> Failing<'a> {
        let p = rise(share(&before), share(&after));
        Failing { cell, arm, before, after, p }
    }

    /// True where the share of failed trials is larger in B.
    fn rises(&self) -> bool {
        let ((a, of_a), (b, of_b)) = (share(&self.before), share(&self.after));
        b * of_a.max(1) > a * of_b
    }
}

fn share(fates: &Fates) -> Share {
    (fates.failures(), fates.finished)
}

/// Compares the failures of every arm in every cell, of every arm over the cells, and of all together. New are those whose
/// share Fisher's exact test finds risen, at a level that all these comparisons share (Tarone 1990); and, where no trial of A
/// failed, two of one arm. What a smaller part explains is not told of the larger once more.
pub(super) fn find<'a>(shared: &[Shared<'a>]) -> NewFailures<'a> {
    let mut single = Vec::new();
    let mut arms: Vec<Failing> = Vec::new();
    let mut all = Failing::new(None, None, Fates::default(), Fates::default());
    for cell in shared {
        for label in &cell.arms {
            let (Some(before), Some(after)) = (cell.before.arm(label), cell.after.arm(label)) else {
                continue;
            };
            let (before, after) = (&before.fates, &after.fates);
            single.push(Failing::new(Some(&cell.before.name), Some(label), before.clone(), after.clone()));
            match arms.iter_mut().find(|arm| arm.arm == Some(label)) {
                Some(arm) => add(arm, before, after),
                None => arms.push(Failing::new(None, Some(label), before.clone(), after.clone())),
            }
            add(&mut all, before, after);
        }
    }
    if shared.len() == 1 {
        // The same once more.
        arms.clear();
    }
    let clean = all.before.failures() == 0;
    let units = single.iter().chain(&arms).chain([&all]);
    let least: Vec<f64> = units.map(|one| least_p(share(&one.before), share(&one.after))).collect();
    let level = level(ALPHA, &least);
    let is_new = |one: &Failing| {
        let first = clean && one.arm.is_some() && one.after.failures() >= LEAST_AFTER_NONE;
        one.rises() && (one.p <= level || first)
    };
    let (mut sure, mut open): (Vec<Failing>, Vec<Failing>) =
        single.into_iter().filter(Failing::rises).partition(is_new);
    let told = |sure: &[Failing], arm: Option<&str>| sure.iter().any(|one| one.arm == arm);
    let over_cells: Vec<Failing> =
        arms.into_iter().filter(|arm| is_new(arm) && !told(&sure, arm.arm)).collect();
    open.retain(|one| !told(&over_cells, one.arm));
    sure.extend(over_cells);
    if sure.is_empty() && is_new(&all) {
        open.clear();
        sure.push(all);
    }
    sure.sort_by(|a, b| a.p.total_cmp(&b.p));
    NewFailures { sure, open }
}

fn add(one: &mut Failing, before: &Fates, after: &Fates) {
    one.before.add(before);
    one.after.add(after);
    one.p = rise(share(&one.before), share(&one.after));
}
