//! The verdict table as aligned plain text.

use super::{sentence::answer, tables, words};
use crate::compare::{Compared, Contrast, Quantity};
use crate::report::aligned;
use crate::report::{escape, format};
use crate::stats::verdict::Verdict;

/// First sentences, one table of efficiency per cell, the other quantities where they changed, and what differs.
pub fn terminal(compared: &Compared) -> String {
    let run = |name: &str, id: &str| format!("{name} = {}", escape::name(id));
    let (a, b) = (run("A", &compared.before.run.id), run("B", &compared.after.run.id));
    let mut text = format!("{a}, {b}\n");
    for sentence in answer(compared) {
        text += &format!("{}\n", escape::plain(&sentence));
    }
    for cell in &compared.shared {
        text += &format!("\n{}{}\n", escape::name(cell.name()), tables::how(cell));
        text += &table(compared, cell.name());
        for line in others(compared, cell.name()) {
            text += &format!("  {}\n", escape::plain(&line));
        }
        for warning in tables::warnings(cell) {
            text += &format!("  (!) {}\n", escape::plain(&warning));
        }
    }
    text += &format!("\n{}\n", escape::plain(&compared.attribution));
    for caveat in tables::caveats(compared) {
        text += &format!("{}\n", escape::plain(&caveat));
    }
    text
}

fn table(compared: &Compared, cell: &str) -> String {
    let rows = compared.contrasts.iter().filter(|c| c.cell == cell && c.quantity == Quantity::Efficiency);
    let baseline = escape::name(&compared.before.settings.baseline);
    let mut table: Vec<[String; 8]> = vec![[
        "arm".to_owned(),
        "n".to_owned(),
        "A, %".to_owned(),
        "B, %".to_owned(),
        "change, pp [interval]".to_owned(),
        "verdict".to_owned(),
        format!("relative to {baseline}, pp"),
        "verdict".to_owned(),
    ]];
    for contrast in rows {
        let none = || format::NONE.to_owned();
        let relative = contrast.relative.as_ref();
        table.push([
            escape::name(contrast.arm),
            tables::size(contrast.change.n),
            words::median(contrast.quantity, contrast.before),
            words::median(contrast.quantity, contrast.after),
            words::change(contrast.quantity, &contrast.change),
            tables::judged(contrast, &contrast.change),
            relative.map_or_else(none, |relative| words::change(contrast.quantity, relative)),
            relative.map_or_else(none, |relative| tables::judged(contrast, relative)),
        ]);
    }
    if table.len() == 1 {
        "  efficiency is not judged here\n".to_owned()
    } else {
        aligned(&table, table[0].len())
    }
}

/// The other quantities: how many are within the margin, and each that is relevant or open in size.
fn others(compared: &Compared, cell: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for family in compared.families.iter().filter(|family| family.quantity != Quantity::Efficiency) {
        let all: Vec<&Contrast> = compared.judged(family.quantity).filter(|c| c.cell == cell).collect();
        let shown =
            |c: &&&Contrast| matches!(c.change.judgement.verdict, Verdict::Relevant | Verdict::Unresolved);
        let changed: Vec<String> = all.iter().filter(shown).map(|c| tables::short(c)).collect();
        let counts = tables::counts(&all);
        if all.is_empty() {
            continue;
        }
        let named = if changed.is_empty() { String::new() } else { format!(": {}", changed.join("; ")) };
        lines.push(format!("{}: {counts}{named}", family.quantity.name()));
    }
    lines
}
