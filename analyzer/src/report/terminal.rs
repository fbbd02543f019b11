//! The verdict table as aligned plain text.

use super::{aligned, escape, failures, format, open_loop, order};
use crate::analysis::{Analysis, At, Cell, Latency};

/// First sentence and one table per cell, for the terminal.
pub fn verdict_table(analysis: &Analysis) -> String {
    let mut text = format!("{}\n", escape::plain(&super::first_sentence(analysis)));
    for note in &analysis.run.manifest.notes {
        text += &format!("before the first trial: {}\n", escape::name(note));
    }
    for found in order::found_over_the_run(analysis) {
        text += &format!("in run order: {}\n", escape::plain(&found));
    }
    for cell in &analysis.cells {
        text += &format!("\n{}\n{}", escape::name(&cell.name), table(analysis, cell));
        if let Some(failed) = failures::of_cell(cell) {
            text += &format!("  (!) failed: {}\n", escape::plain(&failed));
        }
        if let Some(why) = cell.why_invalid() {
            text += &format!("  (!) the cell is invalid: {why}\n");
        }
        if cell.is_biased() {
            text += "  (!) the cell is biased: its A/A interval excludes 0\n";
        }
        for contrast in &cell.contrasts {
            if let Some(why) = order::beside(analysis, &cell.name, &contrast.arm) {
                text += &format!("  (!) {}: {why}\n", escape::name(&contrast.arm));
            }
        }
    }
    text
}

fn table(analysis: &Analysis, cell: &Cell) -> String {
    if !cell.facts.has_efficiency() {
        return open_table(analysis, cell);
    }
    let titles = ["arm", "client", "n", "efficiency %, median [95 %]", "difference pp [interval]", "verdict"];
    let mut rows: Vec<[String; 6]> = vec![titles.map(str::to_owned)];
    for arm in cell.described() {
        let none = || format::NONE.to_owned();
        let (difference, verdict) = super::cells::judged(analysis, cell, arm);
        rows.push([
            escape::name(&arm.label),
            super::words::client(arm),
            arm.counted.len().to_string(),
            arm.efficiency.map_or_else(none, |e| format::percent_with(e.median, e.median_ci)),
            difference,
            verdict,
        ]);
    }
    aligned(&rows, 6)
}

/// The same for an open loop.
fn open_table(analysis: &Analysis, cell: &Cell) -> String {
    let titles = ["arm", "client", "n", "TTFT p99 from the intended start, ms", "to the baseline", "verdict"];
    let mut rows: Vec<[String; 6]> = vec![titles.map(str::to_owned)];
    for arm in &cell.arms {
        let (ratio, verdict) = open_loop::judged(analysis, cell, arm);
        let waited = open_loop::median_ms(arm, Latency::TtftIntended, At::P99);
        rows.push([
            escape::name(&arm.label),
            super::words::client(arm),
            arm.counted.len().to_string(),
            waited.map_or(format::NONE.to_owned(), format::significant),
            ratio,
            verdict,
        ]);
    }
    aligned(&rows, 6)
}
