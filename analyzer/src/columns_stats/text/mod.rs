//! Tables for people: the JSON's numbers that carry the answer, rounded.

mod groups;
mod order;
mod pairs;
mod scale;
mod whole;

use super::notes::title;
use super::object::{CellStats, Excluded, Object};
use super::{Analysis, DroppedBlock};
use crate::report::{escape, format};
use scale::Scale;

/// So many rows and blocks are named, the rest is counted.
const MOST_NAMED: usize = 10;

pub(super) fn text(analysis: &Analysis) -> String {
    let mut text = format!("{}\n", heading(analysis));
    for cell in &analysis.cells {
        text += &of_cell(cell);
    }
    if !analysis.excluded.is_empty() {
        text += &format!("\nrows that belong to no cell: {}\n", analysis.excluded.len());
        text += &excluded(&analysis.excluded);
    }
    text
}

/// What was asked for.
fn heading(analysis: &Analysis) -> String {
    let selection = &analysis.selection;
    let mut heading = escape::name(&selection.value);
    if let Some(group) = &selection.group {
        heading += &format!(" by {}", escape::name(group));
    }
    if let Some(block) = &selection.block {
        heading += &format!(", compared within {}", escape::name(block));
    }
    heading
}

fn of_cell(cell: &CellStats) -> String {
    let object = &cell.object;
    let scale = Scale::of(object);
    let mut text = String::from("\n");
    if !cell.by.is_empty() {
        text += &format!("{}\n", title(cell));
    }
    text += &format!("{}\n", rows(object));
    if object.groups.is_empty() {
        return text + &excluded(&object.excluded_rows);
    }
    text += &groups::table(object, scale);
    if !object.pairs.is_empty() {
        text += &format!("\n{}", pairs::table(object, scale));
        text += &format!("\n{}", pairs::sentences(object));
        text += &whole::lines(object);
    }
    text += &order::table(object);
    text += &excluded(&object.excluded_rows);
    text + &dropped(object)
}

/// `24 rows, 2 of them excluded`.
fn rows(object: &Object) -> String {
    let rows = format::plural(object.n_rows, "row");
    match object.excluded_rows.len() {
        0 => rows,
        excluded => format!("{rows}, {excluded} of them excluded"),
    }
}

fn excluded(rows: &[Excluded]) -> String {
    let line = |row: &Excluded| format!("line {}: {}", row.line, escape::name(&row.reason));
    named("excluded rows", rows, line)
}

fn dropped(object: &Object) -> String {
    let line = |block: &DroppedBlock| {
        let missing: Vec<String> = block.missing.iter().map(|name| escape::name(name)).collect();
        format!("{}: no value of {}", escape::name(&block.block), format::listed(&missing))
    };
    let what = if object.groups.len() > 2 {
        "blocks left out of the tests over all groups, and of those of pairs where the group missing is in at least half of the blocks"
    } else {
        "blocks left out of the comparison within blocks"
    };
    named(what, object.dropped_blocks.as_deref().unwrap_or_default(), line)
}

/// A list of which only the beginning is named.
fn named<T>(what: &str, items: &[T], line: impl Fn(&T) -> String) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{what}:\n");
    for item in items.iter().take(MOST_NAMED) {
        text += &format!("  {}\n", line(item));
    }
    if items.len() > MOST_NAMED {
        text += &format!("  and {} more\n", items.len() - MOST_NAMED);
    }
    text
}

/// A number, or why there is none.
fn or_needs(value: Option<String>, n: usize, least: usize) -> String {
    match value {
        Some(value) => value,
        None if n < least => format!("needs >= {least}"),
        None => format::NONE.to_owned(),
    }
}
