//! What does differ, beside the efficiency that is judged: the established exploratory differences, the largest of
//! each kind.

use crate::analysis::{Analysis, At, Exploratory, Latency, Metric, Scale};
use crate::report::{escape, format};
use crate::stats::Interval;
use std::cmp::Ordering;

/// Quantities in the order in which the line names them.
const NAMED: [Metric; 7] = [
    Metric::Efficiency,
    Metric::Open(Latency::StartLate, At::P50),
    Metric::CpuPerToken,
    Metric::DelayP50,
    Metric::SwitchesPerToken,
    Metric::DelayP99,
    Metric::Ttft,
];

/// Most statements in the line.
const MOST: usize = 3;

/// How much larger an effect outside the headline cell must be to be named in its place.
const ELSEWHERE: f64 = 2.0;

/// One line of plain text.
pub fn what_differs(analysis: &Analysis) -> String {
    let compared: Vec<&Exploratory> = analysis.exploratory.iter().filter(|e| !e.is_control).collect();
    let tested = compared.iter().filter(|e| e.ci.is_some()).count();
    if compared.is_empty() {
        return "nothing beside efficiency could be compared.".to_owned();
    }
    if tested == 0 {
        return "other quantities need >= 6 complete blocks to be compared.".to_owned();
    }
    let (doubtful, sound): (Vec<&Exploratory>, Vec<&Exploratory>) =
        compared.iter().filter(|e| e.is_established()).partition(|e| analysis.control_differs_too(e));
    let statements: Vec<String> =
        NAMED.into_iter().filter_map(|metric| statement(analysis, &sound, metric)).take(MOST).collect();
    let mut basis =
        format!("{tested} exploratory comparisons, Benjamini-Hochberg at 5 %; intervals 95 %, not corrected");
    if !doubtful.is_empty() {
        let more = format::plural(doubtful.len(), "more difference");
        basis += &format!("; {more} where the A/A arm differs, too: in the tables only");
    }
    if statements.is_empty() {
        return format!("no property of an arm is established beside efficiency ({basis}).");
    }
    format!("{} ({basis}).", statements.join("; "))
}

/// The largest of the established differences by one quantity.
fn statement(analysis: &Analysis, established: &[&Exploratory], metric: Metric) -> Option<String> {
    let largest = |here: &dyn Fn(&Exploratory) -> bool| {
        established
            .iter()
            .filter(|e| e.metric == metric && here(e) && matters(analysis, e))
            .max_by(|a, b| size(a).partial_cmp(&size(b)).unwrap_or(Ordering::Equal))
    };
    let headline = analysis.headline().map(|cell| cell.name.as_str());
    let near = largest(&|e| Some(e.cell.as_str()) == headline);
    let far = largest(&|_| true)?;
    // The largest of many is partly luck: another cell speaks only when its effect is of another size.
    let largest = near.filter(|near| size(far) <= ELSEWHERE * size(near)).unwrap_or(far);
    let baseline = escape::name(&analysis.settings.baseline);
    let cell = analysis.cells.iter().find(|cell| cell.name == largest.cell);
    let bridge =
        cell.and_then(|cell| cell.arm(&largest.arm)).map(|arm| arm.bridge.as_str()).unwrap_or_default();
    let mut who = escape::name(&largest.arm);
    if !bridge.is_empty() {
        who = format!("{who} {}", escape::name(bridge));
    }
    let elsewhere = headline != Some(largest.cell.as_str());
    let place = if elsewhere { format!(" in {}", escape::name(&largest.cell)) } else { String::new() };
    let ratio = || format::significant_with(largest.estimate, largest.ci, 1.0);
    let adds = |at: &str| {
        let (lower, (value, ci)) = unsigned(largest);
        let micros = format::significant_with(value, ci, 1e3);
        if lower {
            format!("the added delay per token of {who} is lower than that of {baseline} by {micros} µs {at}")
        } else {
            format!("{who} adds {micros} µs per token to what {baseline} adds {at}")
        }
    };
    let text = match metric {
        Metric::CpuPerToken => format!("{who} spends {} times the CPU per token of {baseline}", ratio()),
        Metric::SwitchesPerToken => {
            format!("{who} makes {} times the context switches per token of {baseline}", ratio())
        }
        Metric::Efficiency => {
            let (lower, by) = unsigned(largest);
            let word = if lower { "lower" } else { "higher" };
            let by = format::significant_with(by.0, by.1, 0.01);
            format!("the efficiency of {who} is {word} than that of {baseline} by {by} pp")
        }
        Metric::Ttft => format!("{who} takes {} times as long to the first token as {baseline}", ratio()),
        Metric::Open(..) => format!("{who} starts {} times as late as {baseline} at the median", ratio()),
        Metric::DelayP50 => adds("at the median"),
        _ => adds("at p99"),
    };
    Some(format!("{text}{place}"))
}

/// False for an efficiency that does not differ by more than the margin: of an exploratory set, the first screen tells
/// only what would be relevant.
fn matters(analysis: &Analysis, e: &Exploratory) -> bool {
    let beyond = |ci: Interval| ci.strictly_beyond(analysis.settings.margin);
    e.metric != Metric::Efficiency || e.ci.is_some_and(beyond)
}

/// Whether the difference is below 0, and its size with its interval.
fn unsigned(e: &Exploratory) -> (bool, (f64, Option<Interval>)) {
    let lower = e.estimate < 0.0;
    let ci = e.ci.map(|ci| if lower { Interval { lo: -ci.hi, hi: -ci.lo } } else { ci });
    (lower, (e.estimate.abs(), ci))
}

/// How far from equality, on a scale on which halving and doubling are alike.
fn size(e: &Exploratory) -> f64 {
    match e.metric.scale() {
        Scale::Ratio => e.estimate.ln().abs(),
        Scale::Difference => e.estimate.abs(),
    }
}
