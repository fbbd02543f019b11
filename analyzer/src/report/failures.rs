//! What does not count, by status and arm, with the errors in their own words.

use super::{escape, format, words};
use crate::analysis::{Cell, Fate, Tally};
use crate::load::Run;
use std::collections::BTreeMap;
use tandem_records::Status;

/// Distinct error texts shown per status and arm.
const TEXTS: usize = 3;

/// Missing trials named one by one.
const MISSING: usize = 20;

/// Arms and cells listed one by one.
const ROWS: usize = 60;

/// The arms of a cell that failed, with numbers and statuses; none where none did.
pub(super) fn of_cell(cell: &Cell) -> Option<String> {
    let failing = cell.described().filter(|arm| arm.fates.failures() > 0);
    let named: Vec<String> =
        failing.map(|arm| format!("{} {}", escape::name(&arm.label), words::failures(&arm.fates))).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// Arm by arm in each cell, where a trial does not count.
fn by_cell(tally: &Tally, run: &Run) -> String {
    #[derive(Default)]
    struct Row {
        planned: usize,
        finished: usize,
        failed: usize,
        invalid: usize,
        incomplete: usize,
    }
    let mut rows: BTreeMap<(&str, &str), Row> = BTreeMap::new();
    for row in &run.plan {
        rows.entry((&row.cell, &row.arm)).or_default().planned += 1;
    }
    for row in run.trials.iter().map(|trial| &trial.row) {
        rows.entry((&row.cell, &row.arm)).or_default().finished += 1;
    }
    for one in &tally.excluded {
        let row = rows.entry((&one.cell, &one.arm)).or_default();
        *match one.fate {
            Fate::Failed(_) => &mut row.failed,
            Fate::Invalid => &mut row.invalid,
            Fate::Incomplete => &mut row.incomplete,
        } += 1;
    }
    let left_out = |row: &Row| row.failed + row.invalid + row.incomplete;
    let rows: Vec<_> = rows.into_iter().filter(|(_, row)| left_out(row) > 0).collect();
    if rows.is_empty() {
        return String::new();
    }
    let titles = ["cell", "arm", "finished", "count", "failed", "invalid", "incomplete", "not run yet"];
    let mut table = words::head(&titles, 2);
    for ((cell, arm), row) in rows.iter().take(ROWS) {
        let numbers = [
            row.finished,
            row.finished.saturating_sub(left_out(row)),
            row.failed,
            row.invalid,
            row.incomplete,
            row.planned.saturating_sub(row.finished),
        ];
        let names = [escape::markdown(cell), escape::markdown(arm)];
        table += &words::row(&names.into_iter().chain(numbers.map(|n| n.to_string())).collect::<Vec<_>>());
    }
    let more = rows.len().saturating_sub(ROWS);
    let more = if more > 0 { format!("\nAnd {more} more.\n") } else { String::new() };
    format!("{table}{more}\n")
}

pub(crate) fn section(tally: &Tally, run: &Run) -> String {
    let mut text = "## Failures by status\n\n".to_owned();
    text += &format!(
        "{} planned, {} finished: {} count, {} failed, {} invalid, {} incomplete; {} not run yet.\n\n",
        tally.planned,
        tally.finished,
        tally.counted,
        tally.failed,
        tally.invalid,
        tally.incomplete,
        tally.missing()
    );
    let groups = tally.by_fate_and_arm();
    if !groups.is_empty() {
        text += "Failed: the arm or the server failed, with a status. Invalid: the instrument's own error was too large. Incomplete: cut off by \
                 who ran it, or without the rows that a trial needs.\n\n";
        text += &by_cell(tally, run);
        text += &words::head(&["status", "arm", "trials", "what was said"], 2).replace("---: |\n", "--- |\n");
        for group in groups {
            let more = group.reasons.len().saturating_sub(TEXTS);
            let mut said: Vec<String> = group
                .reasons
                .iter()
                .take(TEXTS)
                .map(|(reason, n)| match reason.as_str() {
                    "" => format!("{n} × (no text)"),
                    reason => format!("{n} × {}", escape::markdown(reason)),
                })
                .collect();
            if more > 0 {
                said.push(format!("{more} more kinds of text"));
            }
            text += &words::row(&[
                escape::markdown(group.fate.as_str()),
                escape::markdown(&group.arm),
                group.trials().to_string(),
                said.join("; "),
            ]);
        }
        text += "\n";
    }
    let replaced = &run.replaced;
    if !replaced.is_empty() {
        let mut counts = BTreeMap::<Status, usize>::new();
        replaced.iter().for_each(|row| *counts.entry(row.status).or_default() += 1);
        let by_status: Vec<String> =
            counts.iter().map(|(status, n)| format!("{n} {}", escape::markdown(status.as_str()))).collect();
        text += &format!(
            "{} replaced by a later one, which counts ({}).\n\n",
            format::plural(replaced.len(), "attempt"),
            format::listed(&by_status)
        );
    }
    let missing = run.missing();
    if !missing.is_empty() {
        let named: Vec<String> = missing.iter().take(MISSING).map(|row| row.trial.to_string()).collect();
        let more = missing.len().saturating_sub(MISSING);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        text += &format!("Trials without a row: {}{rest}.\n\n", named.join(", "));
    }
    text
}
