//! Where the arms of a cell ran, and what runtimes that count tell of themselves.

use super::{escape, format, words};
use crate::analysis::{Analysis, Arm, Cell, Metric};
use std::collections::BTreeSet;
use tandem_records::TrialRow;

/// The table; nothing where no trial tells.
pub(super) fn section(analysis: &Analysis, cell: &Cell) -> String {
    let rows: Vec<[String; 7]> = cell.described().map(|arm| row(analysis, arm)).collect();
    let is_told = |row: &[String; 7]| row[1..].iter().any(|text| text != format::NONE);
    if !rows.iter().any(is_told) {
        return String::new();
    }
    let titles = ["arm", "CPUs allowed", "CPU MHz", "workers", "workers busy, %", "parks", "queue depth"];
    let table = rows.iter().fold(words::head(&titles, 2), |table, row| table + &words::row(row));
    format!(
        "{table}\nAs the trials that count tell; medians over them. Tokio alone counts: workers busy is the share of makespan × workers, parks is how often a worker went to sleep, queue depth the largest seen of the global queue, all of the concurrent phase. CPU MHz is read after the trial, where the machine tells it.\n\n"
    )
}

fn row(analysis: &Analysis, arm: &Arm) -> [String; 7] {
    let trials = || arm.counted.iter().map(|place| &analysis.run.trials[*place].row);
    let median = |metric, unit: f64| {
        arm.spread(metric).map_or(format::NONE.to_owned(), |s| format::significant(s.median / unit))
    };
    [
        escape::markdown(&arm.label),
        told(trials(), |row| Some(row.cpus_allowed.clone()).filter(|cpus| !cpus.is_empty())),
        range(trials().filter_map(|row| row.cpu_mhz)),
        told(trials(), |row| row.workers.map(|workers| workers.to_string())),
        median(Metric::WorkersBusy, 0.01),
        median(Metric::WorkerParks, 1.0),
        median(Metric::QueueDepth, 1.0),
    ]
}

/// Every value that the trials tell, once.
fn told<'a>(
    trials: impl Iterator<Item = &'a TrialRow>,
    tell: impl Fn(&TrialRow) -> Option<String>,
) -> String {
    let values: BTreeSet<String> = trials.filter_map(tell).collect();
    if values.is_empty() {
        return format::NONE.to_owned();
    }
    escape::markdown(&values.into_iter().collect::<Vec<_>>().join("; "))
}

/// `2445` or `2400 to 2800`.
fn range(values: impl Iterator<Item = u32> + Clone) -> String {
    match (values.clone().min(), values.max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(only), _) => only.to_string(),
        (None, _) => format::NONE.to_owned(),
    }
}
