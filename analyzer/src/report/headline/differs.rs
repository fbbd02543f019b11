//! What does differ, beside efficiency: the established exploratory differences, the largest of each kind.

use crate::analysis::{Analysis, Exploratory, Metric};
use crate::report::{escape, format};
use std::cmp::Ordering;

/// Quantities in the order in which the line names them.
const NAMED: [Metric; 5] =
    [Metric::CpuPerToken, Metric::DelayP50, Metric::SwitchesPerToken, Metric::DelayP99, Metric::Ttft];

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
    let statements: Vec<String> =
        NAMED.into_iter().filter_map(|metric| statement(analysis, &compared, metric)).take(MOST).collect();
    let basis =
        format!("{tested} exploratory comparisons, Benjamini-Hochberg at 5 %; intervals 95 %, not corrected");
    if statements.is_empty() {
        return format!("nothing is established beside efficiency ({basis}).");
    }
    format!("{} ({basis}).", statements.join("; "))
}

fn statement(analysis: &Analysis, compared: &[&Exploratory], metric: Metric) -> Option<String> {
    let established = |here: &dyn Fn(&Exploratory) -> bool| {
        compared
            .iter()
            .filter(|e| e.metric == metric && e.is_established() && here(e))
            .max_by(|a, b| size(a).partial_cmp(&size(b)).unwrap_or(Ordering::Equal))
    };
    let headline = analysis.headline().map(|cell| cell.name.as_str());
    let near = established(&|e| Some(e.cell.as_str()) == headline);
    let far = established(&|_| true)?;
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
    let control_failed = analysis
        .exploratory
        .iter()
        .any(|e| e.is_control && e.metric == metric && e.cell == largest.cell && e.excludes_equality());
    let warning = if control_failed { "; but the A/A arm differs here, too" } else { "" };
    let ratio = || format::significant_with(largest.estimate, largest.ci, 1.0);
    let micros = || {
        let (more, value) = if largest.estimate < 0.0 { ("less", -1.0) } else { ("more", 1.0) };
        let shown = format::significant(largest.estimate * value / 1e3);
        let ends = largest
            .ci
            .map(|ci| [ci.lo * value / 1e3, ci.hi * value / 1e3])
            .map(|[a, b]| format!(" [{}, {}]", format::significant(a.min(b)), format::significant(a.max(b))));
        format!("{shown}{} µs {more}", ends.unwrap_or_default())
    };
    let text = match metric {
        Metric::CpuPerToken => format!("{who} spends {} times the CPU per token of {baseline}", ratio()),
        Metric::SwitchesPerToken => {
            format!("{who} makes {} times the context switches per token of {baseline}", ratio())
        }
        Metric::Ttft => format!("{who} takes {} times as long to the first token as {baseline}", ratio()),
        Metric::DelayP50 => format!("{who} adds {} per token than {baseline} at the median", micros()),
        _ => format!("{who} adds {} per token than {baseline} at p99", micros()),
    };
    Some(format!("{text}{place}{warning}"))
}

/// How far from equality, on a scale on which halving and doubling are alike.
fn size(e: &Exploratory) -> f64 {
    match e.metric {
        Metric::CpuPerToken | Metric::SwitchesPerToken | Metric::Ttft => e.estimate.ln().abs(),
        _ => e.estimate.abs(),
    }
}
