//! How many requests met the objectives that the user named.

use super::{escape, format, words};
use crate::analysis::{Analysis, Arm, Cell, Metric, Spread};

/// The table of a cell; nothing where nobody named objectives.
pub(super) fn section(analysis: &Analysis, cell: &Cell) -> String {
    let Some(slo) = analysis.settings.slo else { return String::new() };
    let limit = |what: &str, ns: Option<f64>| Some(format!("{what} {} ms", format::trimmed(ns? / 1e6)));
    let limits = [
        limit("a time to first token of at most", slo.ttft_ns),
        limit("99 % of its gaps of at most", slo.itl_ns),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    let mut table = words::head(&["arm", "n", "goodput, % [95 %]", "good requests/s [95 %]"], 1);
    for arm in cell.described() {
        table += &words::row(&row(arm));
    }
    format!(
        "{table}\nGoodput: the share of all requests of the concurrent phase that ended well with {}. Medians over trials. The objectives were named for this report, not by the plan.\n\n",
        limits.join(" and "),
    )
}

fn row(arm: &Arm) -> [String; 4] {
    let shown =
        |metric, show: fn(Spread) -> String| arm.spread(metric).map_or_else(|| format::NONE.to_owned(), show);
    [
        escape::markdown(&arm.label),
        arm.counted.len().to_string(),
        shown(Metric::Goodput, |s| format::percent_with(s.median, s.ci)),
        shown(Metric::GoodRequests, |s| format::significant_with(s.median, s.ci, 1.0)),
    ]
}
