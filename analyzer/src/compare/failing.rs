//! Trials that fail in B and did not in A. A failed trial is an outcome of its arm, as a slow one is.

use super::pairing::Shared;
use crate::analysis::Fates;
use crate::stats::failures::{Share, least_p, level, rise};

/// Chance of new failures where nothing changed.
const ALPHA: f64 = 0.05;

/// So many failures of one arm are new where no trial of any arm failed in A. Servers and arms that ran a whole run without a
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
    /// The share of A that B's is compared with: its own, or that of all trials of A.
    pub against: Share,
    /// One-sided p of Fisher's exact test.
    pub p: f64,
    /// Largest p that is beyond chance.
    pub level: f64,
}

impl Failing<'_> {
    fn new<'a>(cell: Option<&'a str>, arm: Option<&'a str>, before: Fates, after: Fates) -> Failing<'a> {
        let against = share(&before);
        let p = rise(against, share(&after));
        Failing { cell, arm, before, after, against, p, level: ALPHA }
    }

    fn add(&mut self, before: &Fates, after: &Fates) {
        self.before.add(before);
        self.after.add(after);
        self.against = share(&self.before);
        self.p = rise(self.against, share(&self.after));
    }

    /// Compares with another share of A as well; the p that is smaller by its level counts.
    fn compare_with(&mut self, other: Share, level: f64) {
        let p = rise(other, share(&self.after));
        if p / level < self.p / self.level {
            (self.against, self.p, self.level) = (other, p, level);
        }
    }

    /// True where the share of B is compared with that of all trials of A.
    pub fn is_against_all(&self) -> bool {
        self.against != share(&self.before)
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

/// Compares the failures of every arm in every cell, of every arm over the cells, and of all together; the floor counts like
/// an arm. New are those whose share Fisher's exact test finds risen, at a level that all these comparisons share (Tarone 1990).
/// An arm without a failure in A is compared with all trials of A as well, so that a failure of another arm does not excuse its
/// own; these comparisons share a level of their own, because every arm without a failure counts among them. Where no trial of
/// A failed, two of one arm are new. What a smaller part explains is not told of the larger once more.
pub(super) fn find<'a>(shared: &[Shared<'a>]) -> NewFailures<'a> {
    let mut single = Vec::new();
    let mut arms: Vec<Failing> = Vec::new();
    let mut all = Failing::new(None, None, Fates::default(), Fates::default());
    for cell in shared {
        for (label, before, after) in cell.fates() {
            single.push(Failing::new(Some(&cell.before.name), Some(label), before.clone(), after.clone()));
            match arms.iter_mut().find(|arm| arm.arm == Some(label)) {
                Some(arm) => arm.add(before, after),
                None => arms.push(Failing::new(None, Some(label), before.clone(), after.clone())),
            }
            all.add(before, after);
        }
    }
    let failed_before: Vec<Option<&str>> =
        arms.iter().filter(|arm| arm.before.failures() > 0).map(|arm| arm.arm).collect();
    if shared.len() == 1 {
        // The same once more.
        arms.clear();
    }
    let of_a = share(&all.before);
    let clean = of_a.0 == 0;
    let units = single.iter().chain(&arms).chain([&all]);
    let least: Vec<f64> = units.map(|one| least_p(share(&one.before), share(&one.after))).collect();
    let own = level(ALPHA, &least);
    single.iter_mut().chain(&mut arms).chain([&mut all]).for_each(|one| one.level = own);
    if !clean {
        let units = single.iter_mut().chain(&mut arms);
        let mut units: Vec<&mut Failing> = units.filter(|one| !failed_before.contains(&one.arm)).collect();
        let least: Vec<f64> = units.iter().map(|one| least_p(of_a, share(&one.after))).collect();
        let of_all = level(ALPHA, &least);
        units.iter_mut().for_each(|one| one.compare_with(of_a, of_all));
    }
    let is_new = |one: &Failing| {
        let first = clean && one.arm.is_some() && one.after.failures() >= LEAST_AFTER_NONE;
        one.rises() && (one.p <= one.level || first)
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
