//! What does not count, by status and arm, with the errors in their own words.

use super::{escape, format, words};
use crate::analysis::Tally;
use crate::load::Run;
use std::collections::BTreeMap;
use tandem_records::Status;

/// Distinct error texts shown per status and arm.
const TEXTS: usize = 3;

/// Missing trials named one by one.
const MISSING: usize = 20;

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
    let groups = tally.by_kind_and_arm();
    if !groups.is_empty() {
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
                escape::markdown(&group.kind),
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
