//! Changes of efficiency between two runs with their intervals and the margin as a band.

use super::difference::{Row, Sheet, draw_sheet};
use super::looks::Looks;
use super::style::style;
use super::text::{BOLD, fitted};
use super::{Chart, ChartError};
use crate::compare::{Compared, Contrast, Quantity};
use crate::report::format;
use crate::stats::verdict::Comparison;

/// Draws the changes, and the changes relative to the baseline, as far as there are any.
///
/// # Errors
/// When the drawing library fails, which no data should cause.
pub(crate) fn draw_all(compared: &Compared) -> Result<Vec<Chart>, ChartError> {
    let Some(family) = compared.family(Quantity::Efficiency) else { return Ok(Vec::new()) };
    let looks = Looks::new(&compared.before.arms, &compared.before.settings.baseline);
    let how = match compared.shared.iter().filter(|cell| cell.paired).count() {
        0 => "unpaired",
        paired if paired == compared.shared.len() => "paired by block",
        _ => "paired where blocks are",
    };
    let sheet = |title: String, how, level: f64, of: fn(&Contrast) -> Option<Comparison>| Sheet {
        title,
        how,
        intervals: format!("{} % intervals", format::level(level)),
        margin: compared.margins.efficiency,
        right: "higher in B",
        cells: compared.shared.iter().map(|cell| (cell.name(), rows(compared, cell.name(), of))).collect(),
    };
    let baseline = fitted(&compared.before.settings.baseline, style().title_size * BOLD, 320.0);
    let change =
        sheet("Change in efficiency from A to B".to_owned(), how, family.level(), |c| Some(c.change.clone()));
    let title = format!("Change in efficiency from A to B relative to {baseline}");
    let relative =
        sheet(title, "differences within blocks, unpaired", family.level_relative(), |c| c.relative.clone());
    let mut charts = Vec::new();
    for (file, mut sheet, caption) in [("change.svg", change, CHANGE), ("relative.svg", relative, RELATIVE)] {
        sheet.cells.retain(|(_, rows)| rows.iter().any(|row| row.estimate.is_some()));
        if !sheet.cells.is_empty() {
            let svg = draw_sheet(file, &looks, &sheet)?;
            charts.push(Chart { file, title: sheet.title, caption: caption.to_owned(), svg });
        }
    }
    Ok(charts)
}

const CHANGE: &str = "Look for an interval wholly outside the band (a relevant change) or wholly inside it (none that matters). Whatever changed is in it: the arm, code that arms share, machine, servers.";
const RELATIVE: &str = "What all arms share is not in it: an arm outside the band changed itself. The hollow mark is the baseline against itself and should lie on 0.";

fn rows<'a>(compared: &Compared<'a>, cell: &str, of: fn(&Contrast) -> Option<Comparison>) -> Vec<Row<'a>> {
    let contrasts =
        compared.contrasts.iter().filter(|c| c.cell == cell && c.quantity == Quantity::Efficiency);
    let row = |contrast: &Contrast<'a>| {
        let found = of(contrast)?;
        let verdict = found.judgement.verdict.as_str().replace('_', " ");
        Some(Row {
            label: contrast.arm,
            estimate: found.estimate,
            ci: found.ci,
            needs: format::LEAST_N,
            verdict: if contrast.is_control { "A/A".to_owned() } else { verdict },
        })
    };
    contrasts.filter_map(row).collect()
}
