//! What the first sentence, which speaks of one cell, must not hide in the others.

use super::sentence::direction;
use crate::analysis::{Analysis, Cell, Contrast};
use crate::report::{escape, format, open_loop, words};
use crate::stats::verdict::Verdict;
use std::cmp::Ordering;

/// Most cells named one by one, and most arms of such a cell.
const CELLS: usize = 3;
const ARMS: usize = 4;

/// Every verdict, those that a reader must not miss first.
const ORDER: [Verdict; 6] = [
    Verdict::Relevant,
    Verdict::Unresolved,
    Verdict::Negligible,
    Verdict::Equivalent,
    Verdict::Inconclusive,
    Verdict::NotAnalysable,
];

/// Sentences on the cells judged by efficiency beside the headline; none where there is no such cell.
pub(super) fn elsewhere(analysis: &Analysis) -> Option<String> {
    let rest = analysis.cells.get(1..)?;
    let others: Vec<&Cell> = rest.iter().filter(|cell| cell.is_judged()).collect();
    let judged = if others.len() < rest.len() { " judged by efficiency" } else { "" };
    let mut text = match others.len() {
        0 => return None,
        1 => format!("In the one other cell{judged}: {}.", verdicts(&others)),
        n => format!("In the {n} other cells{judged}: {}.", verdicts(&others)),
    };
    let notable: Vec<&Cell> = others.iter().copied().filter(|cell| is_notable(cell)).collect();
    if notable.len() <= CELLS {
        for cell in &notable {
            text += &format!(" In {}, {}.", escape::name(&cell.name), findings(cell));
        }
    } else {
        text += &format!(" {} of them need a look: {}.", notable.len(), counted(&notable));
    }
    Some(text)
}

/// A sentence on the open loops beside the headline; none where there is none that is judged.
pub(super) fn open_elsewhere(analysis: &Analysis) -> Option<String> {
    let others: Vec<&Cell> = analysis.cells.get(1..)?.iter().filter(|cell| !cell.open.is_empty()).collect();
    // Beside a closed loop they are no others.
    let other = if analysis.headline()?.facts.has_efficiency() { "" } else { " other" };
    let cells = match others.len() {
        0 => return None,
        1 => format!("the one{other} open loop"),
        n => format!("the {n}{other} open loops"),
    };
    let mut text = format!(
        "In {cells}, by the time to first token from the intended start at p99: {}.",
        open_loop::counted(&others)
    );
    let doubtful = others.iter().filter(|cell| cell.has_many_invalid() || cell.is_biased()).count();
    if doubtful > 0 {
        text +=
            &format!(" In {doubtful} of them over a tenth of the trials is invalid or the A/A is biased.");
    }
    Some(text)
}

/// `15 equivalent, 1 inconclusive`.
fn verdicts(cells: &[&Cell]) -> String {
    let count = |verdict: Verdict| {
        let n = cells.iter().flat_map(|cell| of(cell, verdict)).count();
        (n > 0).then(|| format!("{n} {}", verdict.as_str().replace('_', " ")))
    };
    let counts: Vec<String> = ORDER.into_iter().filter_map(count).collect();
    if !counts.is_empty() {
        counts.join(", ")
    } else if cells.iter().any(|cell| cell.reread.is_some()) {
        "no verdict".to_owned()
    } else {
        "no other arm to compare".to_owned()
    }
}

fn is_notable(cell: &Cell) -> bool {
    let differs =
        |c: &Contrast| matches!(c.verdict, Verdict::Relevant | Verdict::Unresolved | Verdict::Negligible);
    cell.has_many_invalid() || cell.is_biased() || cell.reread.is_some() || cell.contrasts.iter().any(differs)
}

/// The contrasts of a cell with a verdict; none where prompts make every verdict void.
fn of(cell: &Cell, verdict: Verdict) -> impl Iterator<Item = &Contrast> {
    let counts = cell.reread.is_none();
    cell.contrasts.iter().filter(move |contrast| counts && contrast.verdict == verdict)
}

/// Everything notable in one cell.
fn findings(cell: &Cell) -> String {
    let differing: Vec<&Contrast> =
        of(cell, Verdict::Relevant).chain(of(cell, Verdict::Unresolved)).collect();
    let mut parts: Vec<String> = differing.iter().take(ARMS).map(|contrast| one(contrast)).collect();
    if differing.len() > ARMS {
        parts.push(format!("{} more differ", format::plural(differing.len() - ARMS, "arm")));
    }
    let small: Vec<&str> = of(cell, Verdict::Negligible).map(|c| c.arm.as_str()).collect();
    match small.len() {
        0 => {}
        1 => parts.push(format!("{} differs by less than the margin", words::arms(small))),
        _ => parts.push(format!("{} differ by less than the margin", words::arms(small))),
    }
    if let Some(reread) = cell.reread {
        parts.push(format!("no verdict can be given: {reread}"));
    }
    if cell.is_biased() {
        parts.push("the A/A arm differs from itself (biased)".to_owned());
    }
    if cell.has_many_invalid() {
        parts.push(format!("{} of {} trials are invalid", cell.invalid(), cell.finished()));
    }
    parts.join("; ")
}

/// `smol is lower by 19.8 pp [19.6, 20.1] (relevant)`.
fn one(contrast: &Contrast) -> String {
    let arm = escape::name(&contrast.arm);
    let verdict = contrast.verdict;
    match (&contrast.contradiction, direction(contrast)) {
        (Some(contradiction), _) => format!("of {arm}, {contradiction} ({verdict})"),
        (None, Some((word, by))) => format!("{arm} is {word} by {by} ({verdict})"),
        (None, None) => format!("{arm} differs ({verdict})"),
    }
}

/// In how many cells there is what, with the largest relevant difference.
fn counted(cells: &[&Cell]) -> String {
    let with = |verdict: Verdict| cells.iter().filter(|cell| of(cell, verdict).next().is_some()).count();
    let largest = cells
        .iter()
        .flat_map(|cell| of(cell, Verdict::Relevant).map(move |contrast| (cell, contrast)))
        .max_by(|a, b| size(a.1).partial_cmp(&size(b.1)).unwrap_or(Ordering::Equal))
        .map(|(cell, contrast)| format!(" (the largest: {} in {})", one(contrast), escape::name(&cell.name)));
    let counts = [
        (with(Verdict::Relevant), format!("a relevant difference{}", largest.unwrap_or_default())),
        (with(Verdict::Unresolved), "an unresolved difference".to_owned()),
        (with(Verdict::Negligible), "a difference below the margin".to_owned()),
        (cells.iter().filter(|cell| cell.is_biased()).count(), "a biased A/A".to_owned()),
        (
            cells.iter().filter(|cell| cell.reread.is_some()).count(),
            "no verdict, because prompts came from the cache in one phase only".to_owned(),
        ),
        (
            cells.iter().filter(|cell| cell.has_many_invalid()).count(),
            "over a tenth of the trials invalid".to_owned(),
        ),
    ];
    let told: Vec<String> =
        counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} with {what}")).collect();
    told.join(", ")
}

fn size(contrast: &Contrast) -> f64 {
    contrast.estimate.unwrap_or(0.0).abs()
}
