//! The answer in a few sentences, from the verdicts alone.

use super::words;
use crate::compare::{Compared, Contrast, Quantity};
use crate::report::{escape, format};
use crate::stats::verdict::{Comparison, Verdict};

/// Changes named one by one in a sentence; the others are counted.
const NAMED: usize = 3;

/// The answer: the change, the change relative to the baseline, times and costs, new failures. Plain text,
/// each sentence true whatever the data.
pub fn answer(compared: &Compared) -> Vec<String> {
    let rest = [failing(compared), tails(compared), relative(compared), costs(compared)];
    [first_sentence(compared)].into_iter().chain(rest.into_iter().flatten()).collect()
}

fn first_sentence(compared: &Compared) -> String {
    let (a, b) = (&compared.before.tally, &compared.after.tally);
    let mut text = String::new();
    if compared.same_run {
        text += "A and B are the same run: every change is 0 by construction and says nothing about a before and an after. ";
    } else if compared.same_id {
        text += "A and B carry the same run id, but their rows differ: one of them is an earlier or a changed copy, or both \
                 were written under one name. ";
    }
    let running = [("A", a), ("B", b)].map(|(name, tally)| {
        (tally.missing() > 0)
            .then(|| format!("{name} has {} of {} planned trials", tally.finished, tally.planned))
    });
    let running: Vec<String> = running.into_iter().flatten().collect();
    if !running.is_empty() {
        text += &format!("So far ({}): ", running.join(", "));
    }
    text + &efficiency(compared)
}

fn efficiency(compared: &Compared) -> String {
    let changes: Vec<&Contrast> = compared.judged(Quantity::Efficiency).collect();
    if changes.is_empty() {
        return "No change of efficiency is judged between A and B.".to_owned();
    }
    let seen: Vec<Seen> = changes.iter().map(|contrast| (*contrast, &contrast.change)).collect();
    let margin = words::margin(compared, Quantity::Efficiency);
    format!("From A to B, {}.", clauses(&seen, false, &margin))
}

/// Whether it was the arms: the same relative to the baseline.
fn relative(compared: &Compared) -> Option<String> {
    let changes: Vec<&Contrast> = compared.judged(Quantity::Efficiency).collect();
    let seen: Vec<Seen> = changes.iter().filter_map(|c| Some((*c, c.relative.as_ref()?))).collect();
    if seen.is_empty() {
        return None;
    }
    let regressions: Vec<&Contrast> =
        changes.into_iter().filter(|contrast| contrast.is_regression()).collect();
    let alike = changed_alike(compared, &regressions).map_or(String::new(), |text| format!(": {text}"));
    let baseline = escape::name(&compared.before.settings.baseline);
    let margin = words::margin(compared, Quantity::Efficiency);
    Some(format!("Relative to {baseline}, {}{alike}.", clauses(&seen, true, &margin)))
}

/// What the regressions have in common where all arms of their cells changed as the baseline did; none otherwise.
pub(in crate::compare) fn changed_alike(compared: &Compared, regressions: &[&Contrast]) -> Option<String> {
    let baseline = compared.before.settings.baseline.as_str();
    let alike = |one: &&Contrast| {
        let mut cell = compared.judged(one.quantity).filter(|there| there.cell == one.cell);
        let others: Vec<&Comparison> = compared
            .judged(one.quantity)
            .filter(|c| c.cell == one.cell)
            .filter_map(|c| c.relative.as_ref())
            .collect();
        cell.any(|there| there.arm == baseline && there.is_regression())
            && !others.is_empty()
            && others.iter().all(|other| is_within(other.judgement.verdict))
    };
    (!regressions.is_empty() && regressions.iter().all(alike)).then(|| {
        "what got worse got worse alike on all arms, so look at the machine, the servers or code that the arms share"
            .to_owned()
    })
}

fn is_within(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Equivalent | Verdict::Negligible)
}

type Seen<'c, 'a> = (&'c Contrast<'a>, &'c Comparison);

/// Every verdict of some contrasts, the relevant ones by name.
fn clauses(seen: &[Seen], relative: bool, margin: &str) -> String {
    let of = |wanted: Verdict| -> Vec<&Seen> {
        seen.iter().filter(|(_, c)| c.judgement.verdict == wanted).collect()
    };
    let named = |(contrast, found): &Seen, remark: &str| match found.judgement.contradiction {
        Some(_) => words::one(contrast, relative),
        None => format!("{} {remark}", words::one(contrast, relative)),
    };
    let mut clauses = Vec::new();
    for (verdict, remark) in [
        (Verdict::Relevant, "(relevant)".to_owned()),
        (Verdict::Unresolved, format!("(whether by more than {margin} is open)")),
    ] {
        let found = of(verdict);
        clauses.extend(found.iter().take(NAMED).map(|seen| named(seen, &remark)));
        if found.len() > NAMED {
            let more = format::plural(found.len() - NAMED, "more change");
            clauses.push(format!(
                "{more} {} {}",
                if found.len() == NAMED + 1 { "is" } else { "are" },
                words::verdict(verdict)
            ));
        }
    }
    let smaller = of(Verdict::Negligible).len();
    let inside = of(Verdict::Equivalent).len() + smaller;
    let but = match smaller {
        0 => String::new(),
        some if some == inside => ", but changed".to_owned(),
        some => format!(" ({some} of them changed, by less than that)"),
    };
    match (inside, seen.len()) {
        (0, _) => {}
        (1, 1) => {
            clauses.push(format!("the one arm and cell compared stayed within {margin} of efficiency{but}"))
        }
        (_, all) if inside == all => {
            clauses.push(format!(
                "all {all} comparisons of an arm in a cell stayed within {margin} of efficiency{but}"
            ));
        }
        (_, all) => {
            clauses.push(format!("{inside} of {all} comparisons stayed within {margin} of efficiency{but}"))
        }
    }
    let (open, unseen) = (of(Verdict::Inconclusive).len(), of(Verdict::NotAnalysable).len());
    if open > 0 {
        clauses.push(format!("for {open} of {} these runs cannot tell", seen.len()));
    }
    if unseen > 0 {
        let why = reasons(seen.iter().map(|(_, comparison)| *comparison));
        clauses.push(format!("{unseen} of {} cannot be compared ({why})", seen.len()));
    }
    clauses.join("; ")
}

/// Times and costs in one sentence.
fn costs(compared: &Compared) -> Option<String> {
    let all: Vec<&Contrast> =
        compared.contrasts.iter().filter(|c| c.quantity != Quantity::Efficiency && !c.is_control).collect();
    if all.is_empty() {
        return None;
    }
    let count = |wanted: &dyn Fn(&Contrast) -> bool| all.iter().filter(|c| wanted(c)).count();
    let is = |verdict: Verdict| move |c: &Contrast| c.change.judgement.verdict == verdict;
    let worse = count(&|c| c.is_regression());
    let better = count(&|c| is(Verdict::Relevant)(c) && !c.is_regression());
    let size = |c: &Contrast| c.change.estimate.unwrap_or(0.0).abs();
    let relevant = all.iter().filter(|c| c.is_regression());
    let largest = relevant.max_by(|a, b| size(a).total_cmp(&size(b)));
    let mut parts = Vec::new();
    if let Some(largest) = largest {
        parts.push(format!("{worse} relevantly worse (the largest: {})", words::one(largest, false)));
    }
    let within = count(&|c| is_within(c.change.judgement.verdict));
    for (n, what) in [
        (better, "relevantly better"),
        (within, "within the margin"),
        (count(&is(Verdict::Unresolved)), "different by an unresolved amount"),
        (count(&is(Verdict::Inconclusive)), "inconclusive"),
        (count(&is(Verdict::NotAnalysable)), "not analysable"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    Some(format!("Times and costs, {}: {}.", format::plural(all.len(), "comparison"), parts.join(", ")))
}

/// Failures of B that A did not have; none where there are none.
fn failing(compared: &Compared) -> Option<String> {
    let found = compared.gate().failing;
    let mut sentences = Vec::new();
    if !found.sure.is_empty() {
        sentences.push(format!("New failures: {}.", named(&found.sure, words::failing)));
    }
    if !found.open.is_empty() {
        let open = named(&found.open, words::failing);
        sentences.push(format!("More trials failed, which chance may explain: {open}."));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The first of some losses by name; the others are counted.
fn named<T>(all: &[T], name: fn(&T) -> String) -> String {
    let mut named: Vec<String> = all.iter().take(NAMED).map(name).collect();
    let more = all.len().saturating_sub(NAMED);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named.join("; ")
}

/// What the typical trial hides.
fn tails(compared: &Compared) -> Option<String> {
    let found = &compared.tail_losses;
    let mut sentences = Vec::new();
    if !found.sure.is_empty() {
        sentences.push(format!("Single trials got worse: {}.", named(&found.sure, words::tail)));
    }
    if !found.open.is_empty() {
        let open = named(&found.open, words::tail);
        sentences.push(format!("More single trials got worse, which chance may explain: {open}."));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Why some comparisons are not analysable: the one reason that all have, or that of one of them.
fn reasons<'c>(comparisons: impl Iterator<Item = &'c Comparison>) -> String {
    let unseen = comparisons.filter(|c| c.judgement.verdict == Verdict::NotAnalysable);
    let mut texts: Vec<&str> = unseen.map(|c| c.judgement.text.as_str()).collect();
    texts.dedup();
    match texts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, ..] => format!("one of them {first}"),
    }
}

/// What no verdict covers, in one line; none where all changes are decided.
pub(in crate::compare) fn undecided(compared: &Compared) -> Option<String> {
    let all: Vec<&Contrast> = compared.contrasts.iter().filter(|c| !c.is_control).collect();
    let count = |verdict| all.iter().filter(|c| c.change.judgement.verdict == verdict).count();
    let (open, unseen) = (count(Verdict::Inconclusive), count(Verdict::NotAnalysable));
    let mut parts = Vec::new();
    if open > 0 {
        parts.push(format!("{open} inconclusive"));
    }
    if unseen > 0 {
        let why = reasons(all.iter().map(|contrast| &contrast.change));
        parts.push(format!("{unseen} not analysable ({why})"));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "{} of {} undecided: {}",
            open + unseen,
            format::plural(all.len(), "change"),
            parts.join(", ")
        )
    })
}
