//! What the arms of a cell cost, beside the floor where the plan has one.

use super::{calibration, escape, format, words};
use crate::analysis::{Analysis, Arm, Cell, Metric};

/// The table of a cell's costs, and what recording them costs.
pub(super) fn section(analysis: &Analysis, cell: &Cell) -> String {
    let with_floor = !cell.to_floor.is_empty();
    let mut titles = vec!["arm", "CPU µs/token"];
    if with_floor {
        titles.push("× floor [95 %]");
    }
    titles.push("added delay p50 / p99 / p99.9 / max, µs");
    if with_floor {
        titles.extend(["p50 × floor [95 %]", "p99 × floor [95 %]"]);
    }
    titles.extend(["gap error p99, µs", "switches/token", "CPU moves", "page faults", "threads"]);
    titles.extend(["memory per stream, KiB", "share of ideal throughput, %"]);
    let mut table = words::head(&titles, 1);
    for arm in cell.described() {
        table += &words::row(&row(cell, arm, with_floor));
    }
    let floor = if with_floor {
        " × floor: the ratio to the arm without a runtime, one epoll loop that reads the same streams with the same parser, paired by block (Hodges-Lehmann of the log ratios)."
    } else {
        ""
    };
    let recording = calibration::recording(analysis.run.manifest.calibration.as_ref(), cell)
        .map(|text| format!(" By this machine's calibration {}.", escape::sentence(&text)))
        .unwrap_or_default();
    format!(
        "{table}\nMedians over trials of the concurrent phase. Added delay and gap error are taken over the tokens of all agents together; the gap error is how far a gap that the agent saw is from the one written. Memory per stream: largest resident memory less that before the first connection, over the agents.{floor}{recording}\n\n"
    )
}

fn row(cell: &Cell, arm: &Arm, with_floor: bool) -> Vec<String> {
    let none = || format::NONE.to_owned();
    let median = |metric| arm.spread(metric).map(|spread| spread.median);
    let shown = |metric, unit: f64| median(metric).map_or_else(none, |m| format::significant(m / unit));
    let ratio = |metric| {
        let found = cell.to_floor.iter().find(|r| r.arm == arm.label && r.metric == metric);
        match found {
            Some(found) => format::significant_with(found.ratio, found.ci, 1.0),
            None if cell.floor.as_ref().is_some_and(|floor| floor.label == arm.label) => {
                "1 (floor)".to_owned()
            }
            None => none(),
        }
    };
    let delays = [Metric::DelayP50, Metric::DelayP99, Metric::DelayP999, Metric::DelayMax];
    let mut row = vec![escape::markdown(&arm.label), shown(Metric::CpuPerToken, 1e3)];
    if with_floor {
        row.push(ratio(Metric::CpuPerToken));
    }
    row.push(delays.map(|metric| shown(metric, 1e3)).join(" / "));
    if with_floor {
        row.extend([ratio(Metric::DelayP50), ratio(Metric::DelayP99)]);
    }
    row.extend([
        shown(Metric::GapErrorP99, 1e3),
        shown(Metric::SwitchesPerToken, 1.0),
        shown(Metric::Migrations, 1.0),
        shown(Metric::Faults, 1.0),
        shown(Metric::Threads, 1.0),
        shown(Metric::MemoryPerStream, 1024.0),
        median(Metric::ShareOfIdeal).map_or_else(none, format::percent),
    ]);
    row
}
