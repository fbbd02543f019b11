//! Tables and lines that page and terminal share.

use super::words;
use crate::compare::{Compared, Contrast, Explored, OwnError, Quantity, Shared};
use crate::report::words::{failures, head, row};
use crate::report::{escape, format};
use crate::stats::verdict::{Comparison, SampleSize, Verdict};

/// How many trials a comparison rests on.
pub(super) fn size(n: SampleSize) -> String {
    match n {
        SampleSize::Blocks(n) => n.to_string(),
        SampleSize::Groups(a, b) => format!("{a} | {b}"),
    }
}

/// How the blocks of a cell are compared, after its name.
pub(super) fn how(cell: &Shared) -> &'static str {
    if cell.paired { ", paired by block" } else { ", unpaired" }
}

/// The verdict; the control has none, and `(!)` warns where the instrument differs from itself.
pub(super) fn judged(contrast: &Contrast, comparison: &Comparison) -> String {
    if contrast.is_control {
        return "A/A".to_owned();
    }
    let mark = if contrast.is_biased() { " (!)" } else { "" };
    format!("{}{mark}", words::verdict_with_need(comparison))
}

/// `smol +12.30 % [11.20, 13.40] (relevant)`.
pub(super) fn short(contrast: &Contrast) -> String {
    let change = words::change(contrast.quantity, &contrast.change);
    let judgement = &contrast.change.judgement;
    let verdict = words::verdict(judgement.verdict);
    let but = judgement.contradiction.as_ref().map_or(String::new(), |text| format!(": {text}"));
    format!("{} {change} {} ({verdict}{but})", escape::name(contrast.arm), words::unit(contrast.quantity))
}

/// `5 equivalent, 1 relevant`.
pub(super) fn counts(contrasts: &[&Contrast]) -> String {
    const ORDER: [Verdict; 6] = [
        Verdict::Relevant,
        Verdict::Unresolved,
        Verdict::Negligible,
        Verdict::Equivalent,
        Verdict::Inconclusive,
        Verdict::NotAnalysable,
    ];
    let count = |verdict: Verdict| {
        let n = contrasts.iter().filter(|c| c.change.judgement.verdict == verdict).count();
        (n > 0).then(|| format!("{n} {}", words::verdict(verdict)))
    };
    ORDER.into_iter().filter_map(count).collect::<Vec<_>>().join(", ")
}

/// Why the verdicts of a cell may not be believed, as plain text.
pub(super) fn warnings(cell: &Shared) -> Vec<String> {
    let mut warnings = Vec::new();
    for (label, before, after) in cell.fates() {
        if before.failures() + after.failures() > 0 {
            let (a, b) = (failures(before), failures(after));
            warnings.push(format!("failed: {} {a} in A, {b} in B", escape::name(label)));
        }
    }
    for (name, cell) in [("A", cell.before), ("B", cell.after)] {
        if cell.has_many_invalid() {
            warnings.push(format!(
                "invalid in {name}: {} of {} trials cannot count",
                cell.invalid(),
                cell.finished()
            ));
        }
        if let Some(why) = cell.why_invalid().filter(|_| cell.is_miscalibrated || cell.reread.is_some()) {
            warnings.push(format!("invalid in {name}: {why}"));
        }
        if cell.is_biased() {
            warnings.push(format!("biased in {name}: its A/A interval of efficiency excludes 0"));
        }
    }
    warnings
}

/// What a reader must not overlook, as plain sentences.
pub(super) fn caveats(compared: &Compared) -> Vec<String> {
    let mut caveats = Vec::new();
    for factor in &compared.factors {
        caveats.push(format!("Compared all the same, though the runs differ in {factor}."));
    }
    for chosen in &compared.chosen {
        caveats.push(format!("Chosen for this comparison, after the data were there: {chosen}."));
    }
    for (name, other, only) in [("A", "B", &compared.only_before), ("B", "A", &compared.only_after)] {
        if !only.is_empty() {
            let only: Vec<String> = only.iter().map(|one| escape::name(one)).collect();
            caveats.push(format!("In {name} and not in {other}: {}.", only.join("; ")));
        }
    }
    if let Some(text) = super::sentence::undecided(compared) {
        caveats.push(format!("{text}."));
    }
    caveats
}

/// Contrasts of one quantity in one cell.
pub(super) fn contrasts(compared: &Compared, cell: &Shared, quantity: Quantity) -> Option<String> {
    let rows: Vec<&Contrast> =
        compared.contrasts.iter().filter(|c| c.cell == cell.name() && c.quantity == quantity).collect();
    let (first, family) = (rows.first()?, compared.family(quantity)?);
    let baseline = escape::markdown(&compared.before.settings.baseline);
    let (unit, medians) = (words::unit(quantity), words::median_unit(quantity));
    let level = |level: f64| format!("{} %", format::level(level));
    let titles = [
        "arm".to_owned(),
        if cell.paired { "blocks" } else { "n of A, B" }.to_owned(),
        format!("A{medians}"),
        format!("B{medians}"),
        format!("change, {unit} [{}]", level(family.level())),
        "verdict".to_owned(),
        format!("relative to {baseline}, {unit} [{}]", level(family.level_relative())),
        "verdict".to_owned(),
    ];
    let mut table = head(&titles.each_ref().map(String::as_str), 1);
    for contrast in &rows {
        let none = || format::NONE.to_owned();
        let relative = contrast.relative.as_ref();
        table += &row(&[
            escape::markdown(contrast.arm),
            size(contrast.change.n).replace('|', "and"),
            words::median(quantity, contrast.before),
            words::median(quantity, contrast.after),
            words::change(quantity, &contrast.change),
            judged(contrast, &contrast.change),
            relative.map_or_else(none, |relative| words::change(quantity, relative)),
            relative.map_or_else(none, |relative| judged(contrast, relative)),
        ]);
    }
    table += "\n";
    if let [Some(a), Some(b)] = first.own_error.each_ref() {
        let (a, b) = (own_error(quantity, a), own_error(quantity, b));
        table += &format!("A/A by this quantity: {a} in A; {b} in B.\n\n");
    }
    Some(table)
}

fn own_error(quantity: Quantity, own: &OwnError) -> String {
    let shown = words::change_of(quantity, own.estimate, own.ci);
    let reading = own.reading.as_str().replace('_', " ");
    format!("{shown} {} ({reading}, {})", words::unit(quantity), format::plural(own.n, "block"))
}

/// Changes without a verdict in one cell.
pub(super) fn explored(compared: &Compared, cell: &Shared) -> Option<String> {
    let rows: Vec<&Explored> = compared.explored.iter().filter(|one| one.cell == cell.name()).collect();
    rows.first()?;
    let mut table = head(&["arm", "quantity", "A", "B", "change [95 %]", "p", "p adjusted"], 2);
    for one in rows {
        let p = |p: Option<f64>| p.map_or(format::NONE.to_owned(), format::p_value);
        let unit = words::median_unit(one.quantity).trim_start_matches(", ");
        table += &row(&[
            escape::markdown(one.arm),
            one.quantity.name().to_owned(),
            format!("{} {unit}", words::median(one.quantity, one.before)).trim().to_owned(),
            format!("{} {unit}", words::median(one.quantity, one.after)).trim().to_owned(),
            explored_change(one),
            p(one.p),
            p(one.p_adjusted),
        ]);
    }
    Some(format!("{table}\n"))
}

fn explored_change(one: &Explored) -> String {
    match one.quantity {
        Quantity::DelayP50 | Quantity::DelayP99 => {
            format!("{} µs", format::significant_with(one.estimate, one.ci, 1e3))
        }
        quantity => {
            format!("{} {}", words::change_of(quantity, Some(one.estimate), one.ci), words::unit(quantity))
        }
    }
}

/// A table of two columns of values, A and B.
pub(super) fn two_runs<'x>(rows: impl Iterator<Item = (String, &'x str, &'x str)>) -> String {
    let value = |text: &str| if text.is_empty() { format::NONE.to_owned() } else { escape::markdown(text) };
    let lines: String =
        rows.map(|(what, a, b)| row(&[escape::markdown(&what), value(a), value(b)])).collect();
    format!("{}{lines}\n", head(&["what", "A", "B"], 3))
}
