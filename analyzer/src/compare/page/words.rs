//! Changes in words and numbers.

use crate::compare::{Compared, Contrast, Failing, Quantity, TailLoss};
use crate::report::words::statuses;
use crate::report::{escape, format};
use crate::stats::Interval;
use crate::stats::verdict::{Comparison, Verdict};

/// A verdict as people read it.
pub(super) fn verdict(verdict: Verdict) -> String {
    verdict.as_str().replace('_', " ")
}

/// `the efficiency of smol in like-for-like is lower by 2.00 pp [1.80, 2.20]`, of the change or of the relative one.
/// For intervals that exclude 0.
pub(in crate::compare) fn one(contrast: &Contrast, relative: bool) -> String {
    let what = format!(
        "the {} of {} in {}",
        contrast.quantity.name(),
        escape::name(contrast.arm),
        escape::name(contrast.cell)
    );
    let comparison = if relative { contrast.relative.as_ref() } else { Some(&contrast.change) };
    if let Some(contradiction) = comparison.and_then(|found| found.judgement.contradiction.as_ref()) {
        return format!("of {what}, {contradiction}");
    }
    match comparison.and_then(|comparison| direction(contrast.quantity, comparison)) {
        Some((word, by)) => format!("{what} is {word} by {by}"),
        None => format!("{what} changed"),
    }
}

/// `lower` or `higher`, and the size without a sign; none where the interval holds 0.
fn direction(quantity: Quantity, comparison: &Comparison) -> Option<(&'static str, String)> {
    let (estimate, ci) = (comparison.estimate?, comparison.ci.filter(|ci| ci.excludes_zero())?);
    let lower = ci.hi < 0.0;
    let sign = if lower { -1.0 } else { 1.0 };
    let [value, one, other] = [estimate, ci.lo, ci.hi].map(|d| sign * shown(quantity, d));
    let interval = Interval { lo: one.min(other), hi: one.max(other) };
    let size = format::difference_pp(Some(value), Some(interval), format::LEAST_N);
    let size = size.trim_start_matches('+');
    let (number, interval) = size.split_once(' ').unwrap_or((size, ""));
    Some((if lower { "lower" } else { "higher" }, format!("{number} {} {interval}", unit(quantity))))
}

/// `+0.02 [-0.10, 0.14]`; without an interval only the estimate.
pub(super) fn change(quantity: Quantity, comparison: &Comparison) -> String {
    change_of(quantity, comparison.estimate, comparison.ci)
}

/// The same from an estimate and its interval.
pub(super) fn change_of(quantity: Quantity, estimate: Option<f64>, ci: Option<Interval>) -> String {
    let Some(estimate) = estimate.map(|estimate| shown(quantity, estimate)) else {
        return format::NONE.to_owned();
    };
    let shown_ci = |ci: Interval| Interval { lo: shown(quantity, ci.lo), hi: shown(quantity, ci.hi) };
    match ci.map(shown_ci) {
        Some(ci) => format::difference_pp(Some(estimate), Some(ci), format::LEAST_N),
        None => format::signed(estimate * 100.0, 2),
    }
}

/// Fractions of efficiency as they are; logarithms as the share by which a value changed.
fn shown(quantity: Quantity, change: f64) -> f64 {
    if quantity.is_log() { change.exp_m1() } else { change }
}

/// Unit of changes.
pub(super) fn unit(quantity: Quantity) -> &'static str {
    if quantity.is_log() { "%" } else { "pp" }
}

/// A verdict with what it takes to get further.
pub(super) fn verdict_with_need(comparison: &Comparison) -> String {
    let judgement = &comparison.judgement;
    match (judgement.verdict, judgement.more_blocks) {
        (Verdict::NotAnalysable, _) => format!("{}: {}", verdict(judgement.verdict), judgement.text),
        (Verdict::Inconclusive, Some(more)) => format!("{}, ~{more} more", verdict(judgement.verdict)),
        _ => verdict(judgement.verdict),
    }
}

/// A median in a unit that people read: percent, ms, µs, or as it is.
pub(super) fn median(quantity: Quantity, value: Option<f64>) -> String {
    let Some(value) = value else { return format::NONE.to_owned() };
    match quantity {
        Quantity::Efficiency => format::percent(value),
        Quantity::Ttft | Quantity::Tpot | Quantity::GapP99 => format::significant(value / 1e6),
        Quantity::CpuPerToken | Quantity::DelayP50 | Quantity::DelayP99 => format::micros(value),
        Quantity::SwitchesPerToken => format::significant(value),
    }
}

/// Unit of medians, with its comma.
pub(super) fn median_unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Efficiency => ", %",
        Quantity::Ttft | Quantity::Tpot | Quantity::GapP99 => ", ms",
        Quantity::CpuPerToken | Quantity::DelayP50 | Quantity::DelayP99 => ", µs",
        Quantity::SwitchesPerToken => "",
    }
}

/// The margin of a quantity: `±0.5 pp`, `±5 % on the log scale`.
pub(super) fn margin(compared: &Compared, quantity: Quantity) -> String {
    let margin = format::trimmed(quantity.margin(compared.margins) * 100.0);
    if quantity.is_log() { format!("±{margin} % on the log scale") } else { format!("±{margin} pp") }
}

/// `3 of 12 trials of smol in like-for-like are worse than the others in efficiency, by about 50.0 pp, and 0 of 72 were in A`;
/// over cells `10 of 60 trials of smol over 5 cells ..., and 0 of its 60 were in A`.
pub(in crate::compare) fn tail(tail: &TailLoss) -> String {
    let by = shown(tail.quantity, tail.by).abs() * 100.0;
    let (place, its) = match tail.cell {
        Some(cell) => (format!("in {}", escape::name(cell)), ""),
        None => (format!("over {}", format::plural(tail.cells, "cell")), "its "),
    };
    format!(
        "{} of {} trials of {} {place} are worse than the others in {}, by about {} {}, and {} of {its}{} were in A",
        tail.after.0,
        tail.after.1,
        escape::name(tail.arm),
        tail.quantity.name(),
        format::fixed(by, format::decimals_for(by)),
        unit(tail.quantity),
        tail.before.0,
        tail.before.1,
    )
}

/// `smol in like-for-like failed 4 of 12 trials in B (timeout), none of 12 in A`, and where it is compared with all trials of A
/// ` (1 of 72 over all arms and cells)`.
pub(in crate::compare) fn failing(one: &Failing) -> String {
    let who = match (one.arm, one.cell) {
        (Some(arm), Some(cell)) => format!("{} in {}", escape::name(arm), escape::name(cell)),
        (Some(arm), None) => format!("{} over all cells", escape::name(arm)),
        (None, _) => "all arms together".to_owned(),
    };
    let (before, after) = (&one.before, &one.after);
    let had = match before.failures() {
        0 => "none".to_owned(),
        some => some.to_string(),
    };
    let all = match one.is_against_all() {
        true => format!(" ({} of {} over all arms and cells)", one.against.0, one.against.1),
        false => String::new(),
    };
    format!(
        "{who} failed {} of {} in B{}, {had} of {} in A{all}",
        after.failures(),
        format::plural(after.finished, "trial"),
        statuses(after),
        before.finished,
    )
}
