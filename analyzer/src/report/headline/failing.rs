//! Which arms failed, and whether others did: a failed trial is an outcome of its arm.

use crate::analysis::{Analysis, Fates};
use crate::report::{escape, format, words};

/// Most arms named one by one.
const ARMS: usize = 4;

/// Failed trials may be no random part of all.
const LEFT: &str = "What follows rests on the trials that are left.";

/// What one arm did over the whole run.
struct Failing<'a> {
    arm: &'a str,
    all: Fates,
    /// Cells in which it failed, with what it did there.
    cells: Vec<(&'a str, &'a Fates)>,
}

impl Failing<'_> {
    /// `smol failed 6 of 60 trials (timeout), all in levels/a16 (6 of 12)`.
    fn words(&self, cells: usize) -> String {
        let text = format!("{} failed {}", escape::name(self.arm), words::failures(&self.all));
        match self.cells.as_slice() {
            [(cell, there)] if cells > 1 => {
                format!("{text}, all in {} ({} of {})", escape::name(cell), there.failures(), there.finished)
            }
            _ => text,
        }
    }

    fn share(&self) -> f64 {
        self.all.failures() as f64 / self.all.finished.max(1) as f64
    }
}

/// Sentences on failed and incomplete trials of the whole run, each with a space behind it; empty where there are none.
pub(super) fn failing(analysis: &Analysis) -> String {
    let mut arms: Vec<Failing> = Vec::new();
    for cell in &analysis.cells {
        for arm in cell.described().filter(|arm| arm.fates.finished > 0) {
            let place = arms.iter().position(|one| one.arm == arm.label).unwrap_or_else(|| {
                arms.push(Failing { arm: &arm.label, all: Fates::default(), cells: Vec::new() });
                arms.len() - 1
            });
            arms[place].all.add(&arm.fates);
            if arm.fates.failures() > 0 {
                arms[place].cells.push((&cell.name, &arm.fates));
            }
        }
    }
    let total = arms.len();
    let mut failing: Vec<Failing> = arms.into_iter().filter(|one| one.all.failures() > 0).collect();
    failing.sort_by(|a, b| b.share().total_cmp(&a.share()));
    let mut text = String::new();
    let cells = analysis.cells.len();
    if failing.len() > 1 && failing.len() == total {
        text += &format!("{}. {LEFT} ", on_every_arm(&failing, cells));
    } else if !failing.is_empty() {
        let mut named: Vec<String> = failing.iter().take(ARMS).map(|one| one.words(cells)).collect();
        let more = failing.len().saturating_sub(ARMS);
        if more > 0 {
            named.push(format!("{} failed", format::plural(more, "more arm")));
        }
        let others = if total > 1 { "; no other arm failed" } else { "" };
        text += &format!("{}{others}. {LEFT} ", named.join("; "));
    }
    let incomplete = analysis.tally.incomplete;
    if incomplete > 0 {
        text += &format!(
            "{incomplete} of {} incomplete (cut off, or without the rows that a trial needs) and left out. ",
            if incomplete == 1 {
                format!("{} is", format::plural(analysis.tally.finished, "trial"))
            } else {
                format!("{} are", format::plural(analysis.tally.finished, "trial"))
            }
        );
    }
    text
}

/// `9 of 72 trials failed (6 busy, 3 timeout), on every arm (smol most: 3 of 12)`.
fn on_every_arm(failing: &[Failing], cells: usize) -> String {
    let mut all = Fates::default();
    failing.iter().for_each(|one| all.add(&one.all));
    let finished = format::plural(all.finished, "trial");
    let mut text = format!("{} of {finished} failed{}, on every arm", all.failures(), words::statuses(&all));
    if let (Some(most), Some(least)) = (failing.first(), failing.last())
        && most.share() > least.share()
    {
        let (failed, finished) = (most.all.failures(), most.all.finished);
        text += &format!(" ({} most: {failed} of {finished})", escape::name(most.arm));
    }
    let mut places: Vec<&str> = failing.iter().flat_map(|one| &one.cells).map(|(cell, _)| *cell).collect();
    places.sort_unstable();
    places.dedup();
    if let (true, [cell]) = (cells > 1, places.as_slice()) {
        text += &format!(", all in {}", escape::name(cell));
    }
    text
}
