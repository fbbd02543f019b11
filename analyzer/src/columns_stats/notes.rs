//! What a user should know beside the numbers.

use super::object::CellStats;
use super::settings::{DEFAULT_MARGIN, Settings};
use crate::columns::{Cell, Columns, Selection};
use crate::report::{escape, format};
use std::collections::{HashMap, HashSet};

/// One line each, harmless to print.
pub(super) fn notes(
    columns: &Columns,
    cells: &[CellStats],
    selection: &Selection,
    settings: &Settings,
) -> Vec<String> {
    let mut notes = Vec::new();
    let compares = columns.cells.iter().any(|cell| cell.groups.len() > 1);
    if settings.margin.is_none() && compares {
        notes.push(format!(
            "margin {DEFAULT_MARGIN} is the default, in the unit of {}; name yours with --margin",
            escape::name(&selection.value)
        ));
    }
    let narrow = |cell: &Cell| cell.groups.len() > 1 && range(cell) < settings.margin();
    if let Some(which) = which(columns, cells, narrow) {
        notes.push(format!(
            "the margin is larger than the whole range of the values{which}: \"equivalent\" means nothing there"
        ));
    }
    let pairs: usize = cells.iter().map(|cell| cell.object.pairs.len()).sum();
    if pairs > 1 {
        notes.push(format!(
            "{pairs} pairs, each judged by itself at 95 %: no verdict is corrected over pairs; p values over all pairs \
             of a cell are in the column Holm (with --json: multiple)"
        ));
    }
    if let Some(which) = which(columns, cells, |cell| cell.origin.is_some()) {
        notes.push(format!(
            "the values{which} have more digits than floating point keeps: computed exactly, as differences from one of \
             them; they have no ratio"
        ));
    }
    for (cell, stats) in columns.cells.iter().zip(cells) {
        let place = if stats.by.is_empty() { String::new() } else { format!(" of {}", title(stats)) };
        notes.extend(look_alikes(cell).into_iter().map(|(a, b)| {
            format!(
                "the groups {a:?} and {b:?}{place} look alike but are two groups; is one of them misspelt?"
            )
        }));
    }
    let one = |cell: &Cell| cell.groups.len() == 1;
    if let Some(which) = which(columns, cells, one) {
        let name = columns.cells.iter().find(|cell| one(cell)).map(|cell| escape::name(&cell.groups[0].name));
        notes.push(format!("one group only ({}){which}: nothing to compare", name.unwrap_or_default()));
    }
    if let Some(baseline) = &settings.baseline {
        let lacks = |cell: &Cell| cell.groups.iter().all(|group| group.name != *baseline);
        if let Some(which) = which(columns, cells, lacks) {
            notes.push(format!("no baseline {}{which}: groups by first appearance", escape::name(baseline)));
        }
    }
    notes
}

/// Which cells are meant, in words; `None` for none of them. Empty where there is but one cell.
fn which(columns: &Columns, cells: &[CellStats], meant: impl Fn(&Cell) -> bool) -> Option<String> {
    let mut found = columns.cells.iter().zip(cells).filter(|(cell, _)| meant(cell)).map(|(_, stats)| stats);
    let first = found.next()?;
    let others = found.count();
    Some(match (first.by.is_empty(), others) {
        (true, _) => String::new(),
        (false, 0) => format!(" of {}", title(first)),
        (false, others) => format!(" of {} and of {}", title(first), format::plural(others, "other cell")),
    })
}

/// `scenario = a, agents = 2`, harmless to print.
pub(super) fn title(cell: &CellStats) -> String {
    let parts: Vec<String> = (cell.by.iter())
        .map(|(column, value)| format!("{} = {}", escape::name(column), shown(value)))
        .collect();
    parts.join(", ")
}

fn shown(value: &str) -> String {
    if value.trim().is_empty() { "(blank)".to_owned() } else { escape::name(value) }
}

/// Greatest minus least value of a cell.
fn range(cell: &Cell) -> f64 {
    let values = || cell.groups.iter().flat_map(|group| group.values.iter().copied());
    values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
}

/// Pairs of groups whose names differ in nothing but case, blanks and characters that do not show.
fn look_alikes(cell: &Cell) -> Vec<(&str, &str)> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let names = cell.groups.iter().map(|group| group.name.as_str());
    names.map(|name| (*seen.entry(looks(name)).or_insert(name), name)).filter(|(a, b)| a != b).collect()
}

/// What a reader sees of a name.
fn looks(name: &str) -> String {
    // Characters that do not show are escaped where a program shows its text, and so are few that do.
    let shows = |c: &char| !c.is_whitespace() && (c.is_ascii() || c.escape_debug().len() == 1);
    name.chars().filter(shows).flat_map(char::to_lowercase).collect()
}

/// Each name once, in the order of first appearance.
pub(super) fn first_seen<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}
