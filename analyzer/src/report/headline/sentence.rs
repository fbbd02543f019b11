//! The first sentence, and what it must not hide.

use super::elsewhere::{elsewhere, open_elsewhere};
use super::failing::failing;
use super::sharing::sharing;
use crate::analysis::{Analysis, Cell, Contrast};
use crate::report::{escape, format, open_loop, words};
use crate::stats::verdict::Verdict;
use tandem_records::Workload;

/// The first sentence as plain text that ends with a full stop. It speaks of the headline cell; where there are
/// others, sentences on them follow.
pub fn first_sentence(analysis: &Analysis) -> String {
    if let Some(sentence) = nothing_to_say(analysis) {
        return sentence;
    }
    let Some(cell) = analysis.headline() else {
        return "This run has no cell: there is nothing to say.".to_owned();
    };
    let mut sentence = String::new();
    let tally = &analysis.tally;
    if tally.missing() > 0 {
        sentence += &format!("So far ({} of {} planned trials): ", tally.finished, tally.planned);
    }
    if let Some(control) = cell.control.as_ref().filter(|control| control.is_biased()) {
        sentence += &format!(
            "The control failed: {} under two labels differs from itself by {} pp, so nothing below, neither a \
             difference nor an equivalence, can be read as a property of the arms. ",
            escape::name(&control.a),
            format::difference_pp(control.estimate, control.ci, format::LEAST_N),
        );
    }
    if let Some(control) = cell.open.iter().find(|contrast| contrast.is_biased()) {
        sentence += &format!(
            "The control failed: {} differs from the arm that it repeats ({} in time to first token), so nothing below can be \
             read as a property of the arms. ",
            escape::name(&control.arm),
            open_loop::ratio(analysis, control),
        );
    }
    if cell.is_miscalibrated {
        sentence += "The instrument failed its own calibration on this machine, so nothing below can be read as a property of the arms. ";
    }
    if cell.has_many_invalid() {
        sentence += &format!(
            "{} of the {} trials behind this sentence are invalid and left out ({}). ",
            cell.invalid(),
            cell.finished(),
            words::causes_of_invalid(analysis, cell),
        );
    }
    sentence += &failing(analysis);
    sentence += &verdicts(analysis, cell);
    let further = [sharing(analysis, cell), elsewhere(analysis), open_elsewhere(analysis)];
    for others in further.into_iter().flatten() {
        sentence += &format!(" {others}");
    }
    sentence
}

/// The sentence for a run without anything to compare.
fn nothing_to_say(analysis: &Analysis) -> Option<String> {
    let tally = &analysis.tally;
    (tally.counted == 0).then(|| {
        format!(
            "None of the {} counts ({} failed, {} invalid, {} incomplete): this run says nothing about the arms.",
            format::plural(tally.finished, "finished trial"),
            tally.failed,
            tally.invalid,
            tally.incomplete,
        )
    })
}

fn verdicts(analysis: &Analysis, cell: &Cell) -> String {
    let baseline = escape::name(&analysis.settings.baseline);
    let at = format!("On {}", words::circumstances(cell));
    if !cell.facts.has_efficiency() {
        if cell.facts.exploratory {
            return format!(
                "{at}, latencies are shown without verdicts, as the plan fixed before the first trial."
            );
        }
        return format!(
            "{at}, no efficiency is defined; the time to first token from the intended start at p99, compared with that of \
             {baseline}, is {}.",
            open_loop::verdicts(analysis, cell)
        );
    }
    if cell.facts.workload == Workload::Flood {
        return format!("{at}, this run measures cost per token and judges no efficiency.");
    }
    if cell.facts.exploratory {
        return format!(
            "{at}, efficiency is shown without verdicts, as the plan fixed before the first trial."
        );
    }
    if cell.contrasts.is_empty() {
        if cell.arm(&analysis.settings.baseline).is_some() {
            return format!("{at}, only {baseline} was planned: there is no other arm to compare it with.");
        }
        let there = words::arms(cell.arms.iter().map(|arm| arm.label.as_str()));
        return format!(
            "{at}, the baseline {baseline} is not among the arms ({there}): nothing is compared."
        );
    }
    if let Some(reread) = cell.reread {
        return format!("{at}, no verdict can be given: {reread}.");
    }
    let margin = words::margin(analysis.settings.margin);
    let of = |verdict: Verdict| -> Vec<&Contrast> {
        cell.contrasts.iter().filter(|contrast| contrast.verdict == verdict).collect()
    };
    let mut clauses = Vec::new();
    for contrast in of(Verdict::Relevant) {
        clauses.push(format!("{} (relevant)", directed(contrast, &baseline)));
    }
    for contrast in of(Verdict::Unresolved) {
        clauses.push(match &contrast.contradiction {
            Some(contradiction) => format!("of {}, {contradiction}", escape::name(&contrast.arm)),
            None => format!("{}, whether by more than {margin} is open", directed(contrast, &baseline)),
        });
    }
    clauses.extend(within(cell, &of(Verdict::Equivalent), &of(Verdict::Negligible), &baseline, &margin));
    let (apart, undecided): (Vec<&Contrast>, Vec<&Contrast>) =
        of(Verdict::Inconclusive).into_iter().partition(|contrast| contrast.contradiction.is_some());
    for contrast in apart {
        let contradiction = contrast.contradiction.as_deref().unwrap_or_default();
        clauses.push(format!("of {}, {contradiction}", escape::name(&contrast.arm)));
    }
    let unseen = of(Verdict::NotAnalysable);
    if clauses.is_empty() && unseen.is_empty() {
        clauses.push(format!(
            "this run cannot tell whether any arm differs from {baseline} by more than {margin}"
        ));
    } else if clauses.is_empty() && undecided.is_empty() {
        clauses.push(format!("no arm can be compared with {baseline} ({})", too_few(cell, &unseen)));
    } else {
        if !undecided.is_empty() {
            clauses.push(format!("for {} this run cannot tell", names(&undecided)));
        }
        if !unseen.is_empty() {
            clauses.push(format!("{} cannot be compared ({})", names(&unseen), too_few(cell, &unseen)));
        }
    }
    format!("{at}, {}.", clauses.join("; "))
}

/// `smol is lower than tokio-default by 1.20 pp [0.80, 1.60]`: the verdict's own words where its interval
/// excludes 0.
fn directed(contrast: &Contrast, baseline: &str) -> String {
    let arm = escape::name(&contrast.arm);
    match direction(contrast) {
        Some((word, by)) => format!("the efficiency of {arm} is {word} than that of {baseline} by {by}"),
        None => format!("{arm} differs from {baseline}"),
    }
}

/// `lower` or `higher`, and the size without a sign: `1.20 pp [0.80, 1.60]`; none where the interval holds 0.
pub(super) fn direction(contrast: &Contrast) -> Option<(&'static str, String)> {
    let (estimate, ci) = (contrast.estimate?, contrast.ci.filter(|ci| ci.excludes_zero())?);
    let lower = ci.hi < 0.0;
    let (value, near, far) = if lower { (-estimate, -ci.hi, -ci.lo) } else { (estimate, ci.lo, ci.hi) };
    let decimals = format::decimals_for(ci.half_width() * 100.0);
    let text = |fraction: f64| format::fixed(fraction * 100.0, decimals);
    let word = if lower { "lower" } else { "higher" };
    Some((word, format!("{} pp [{}, {}]", text(value), text(near), text(far))))
}

/// The arms whose difference is inside the margin. Each is compared with the baseline, not with one another.
fn within(
    cell: &Cell,
    equivalent: &[&Contrast],
    negligible: &[&Contrast],
    baseline: &str,
    margin: &str,
) -> Option<String> {
    let mut inside: Vec<&str> = equivalent.iter().chain(negligible).map(|c| c.arm.as_str()).collect();
    inside.sort_by_key(|arm| cell.contrasts.iter().position(|c| c.arm == *arm));
    let who = match inside.len() {
        0 => return None,
        1 => format!("{} is", words::arms(inside)),
        2 if cell.contrasts.len() == 2 => "both other arms are".to_owned(),
        n if n == cell.contrasts.len() => format!("all {} other arms are", format::count(n)),
        _ => format!("{} are", words::arms(inside)),
    };
    let but = match negligible.len() {
        0 => String::new(),
        1 => format!(" ({} differs from it, by less than that)", names(negligible)),
        _ => format!(" ({} differ from it, by less than that)", names(negligible)),
    };
    Some(format!("{who} equivalent to {baseline} within {margin} of efficiency{but}"))
}

fn names(contrasts: &[&Contrast]) -> String {
    words::arms(contrasts.iter().map(|c| c.arm.as_str()))
}

/// What all contrasts without an interval lack: blocks.
fn too_few(cell: &Cell, contrasts: &[&Contrast]) -> String {
    let least = contrasts.iter().map(|c| c.n).min().unwrap_or(0);
    let most = contrasts.iter().map(|c| c.n).max().unwrap_or(0);
    let has = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let (needs, level) = (cell.family.least_blocks, format::level(cell.family.level));
    format!("needs >= {needs} complete blocks for a {level} % interval, has {has}")
}
