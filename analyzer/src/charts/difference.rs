//! Differences to the baseline with their intervals and the equivalence margin as a band.

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::looks::Looks;
use super::style::style;
use super::text::{BOLD, fitted};
use super::{Chart, axis, heading};
use crate::analysis::{Analysis, Cell};
use crate::report::format;
use crate::stats::Interval;

const LEFT: f64 = 176.0;
const RIGHT: f64 = 512.0;
const VERDICT: f64 = 724.0;
const TOP: f64 = 74.0;
const ROW: f64 = 23.0;
const CELL_HEAD: f64 = 30.0;
const BELOW: f64 = 58.0;

/// Least width of the band at either side of 0: beside differences of tens of pp the margin would be a hairline
/// under the zero line.
const LEAST_HALF_BAND: f64 = 3.0;

/// Half width below which the band needs a stronger colour to be seen, and that colour's opacity.
const NARROW_HALF_BAND: f64 = 8.0;
const NARROW_OPACITY: f64 = 0.6;

/// One line of the chart.
pub(super) struct Row<'a> {
    pub(super) label: &'a str,
    pub(super) estimate: Option<f64>,
    pub(super) ci: Option<Interval>,
    /// Least number of blocks at which `ci` exists.
    pub(super) needs: usize,
    pub(super) verdict: String,
}

/// A chart of differences in efficiency, cells one under the other.
pub(super) struct Sheet<'a> {
    pub(super) title: String,
    /// How the differences were taken, in front of the line on intervals.
    pub(super) how: &'static str,
    /// The intervals in words: `99.38 % intervals`.
    pub(super) intervals: String,
    /// Equivalence margin, a fraction.
    pub(super) margin: f64,
    /// What lies right of 0.
    pub(super) right: &'static str,
    pub(super) cells: Vec<(&'a str, Vec<Row<'a>>)>,
}

/// Draws the cells one under the other.
pub(super) fn draw<'a>(
    file: &'static str,
    analysis: &'a Analysis,
    looks: &Looks,
    cells: &[&'a Cell],
) -> Result<Chart, ChartError> {
    let rows = |cell: &&'a Cell| (cell.name.as_str(), rows(cell));
    let sheet = Sheet {
        title: format!(
            "Difference in efficiency to {}",
            fitted(&analysis.settings.baseline, style().title_size * BOLD, 480.0)
        ),
        how: "paired by block",
        intervals: intervals(cells),
        margin: analysis.settings.margin,
        right: "higher than the baseline",
        cells: cells.iter().map(rows).collect(),
    };
    let svg = draw_sheet(file, looks, &sheet)?;
    let caption = "Look for an interval wholly outside the band (a relevant difference) or wholly inside it (none that matters); the hollow mark is the baseline against itself and should lie on 0.";
    Ok(Chart { file, title: sheet.title, caption: caption.to_owned(), svg })
}

/// `99.38 % intervals`, or both levels where the primary cell stands beside others.
fn intervals(cells: &[&Cell]) -> String {
    let level = |cell: &&Cell| format::level(cell.family.level);
    let mut levels: Vec<String> = cells.iter().map(level).collect();
    levels.dedup();
    format!("{} % intervals", levels.join(" and "))
}

/// Draws a sheet.
pub(super) fn draw_sheet(file: &str, looks: &Looks, sheet: &Sheet) -> Result<String, ChartError> {
    let lines: usize = sheet.cells.iter().map(|(_, rows)| rows.len()).sum();
    let bottom = TOP + sheet.cells.len() as f64 * CELL_HEAD + lines as f64 * ROW;
    let (title, margin) = (&sheet.title, sheet.margin * 100.0);
    let shown = sheet.cells.iter().flat_map(|(_, rows)| rows).flat_map(|row| {
        let ends = |ci: Option<Interval>| ci.into_iter().flat_map(|ci| [ci.lo, ci.hi]);
        row.estimate.into_iter().chain(ends(row.ci)).collect::<Vec<_>>()
    });
    // Symmetric, so that the eye does not take an off-centre zero for a difference.
    let reach = shown.map(|v| (v * 100.0).abs()).fold(margin, f64::max) * 1.08;
    let scale = axis::Scale::new((-reach, reach), (LEFT, RIGHT));
    let zero = scale.at(0.0);
    let true_half = scale.at(margin) - zero;
    let half = true_half.max(LEAST_HALF_BAND);
    let band = if half < NARROW_HALF_BAND { style().band.faint(NARROW_OPACITY) } else { style().band };
    let below = format!(
        "{}; {} (A/A: 95 %), each of which decides; band: margin ± {} pp{}",
        sheet.how,
        sheet.intervals,
        format::trimmed(margin),
        if half > true_half { ", drawn wider than it is" } else { "" }
    );
    draw_canvas(file, (style().width, (bottom + BELOW) as u32), title, &below, |canvas| {
        heading(canvas, title, &below);
        canvas.rect((zero - half, TOP), (zero + half, bottom), band);
        let label = format!("± {} pp", format::trimmed(margin));
        canvas.text(&label, (zero, TOP - 9.0), Anchor::Middle, style().small_size, style().quiet);
        axis::x_axis(canvas, &scale, (TOP, bottom), 6);
        canvas.line((zero, TOP), (zero, bottom), style().text, 1.2);
        canvas.line((LEFT, bottom), (RIGHT, bottom), style().axis, 1.0);
        let axis_title = format!("percentage points; right of 0: {}", sheet.right);
        canvas.text(
            &axis_title,
            ((LEFT + RIGHT) / 2.0, bottom + 34.0),
            Anchor::Middle,
            style().text_size,
            style().quiet,
        );
        let mut y = TOP;
        for (cell, rows) in &sheet.cells {
            let name = fitted(cell, style().text_size * BOLD, f64::from(style().width) - 40.0);
            canvas.rect(
                (14.0, y + 5.0),
                (f64::from(style().width) - 14.0, y + CELL_HEAD - 3.0),
                style().grid,
            );
            canvas.bold(
                &name,
                (20.0, y + CELL_HEAD / 2.0 + 1.0),
                Anchor::Left,
                style().text_size,
                style().text,
            );
            y += CELL_HEAD;
            for row in rows {
                draw_row(canvas, looks, row, &scale, y + ROW / 2.0);
                y += ROW;
            }
        }
    })
}

fn rows(cell: &Cell) -> Vec<Row<'_>> {
    let control = cell.control.iter().map(|control| Row {
        label: &control.b,
        estimate: control.estimate,
        ci: control.ci,
        needs: format::LEAST_N,
        verdict: format!("A/A: {}", control.reading.as_str().replace('_', " ")),
    });
    let contrasts = cell.contrasts.iter().map(|contrast| Row {
        label: &contrast.arm,
        estimate: contrast.estimate,
        ci: contrast.ci,
        needs: cell.family.least_blocks,
        verdict: contrast.verdict.as_str().replace('_', " "),
    });
    control.chain(contrasts).collect()
}

fn draw_row(canvas: &Canvas, looks: &Looks, row: &Row, scale: &axis::Scale, y: f64) {
    let look = looks.of(row.label);
    let at = |fraction: f64| scale.at(fraction * 100.0);
    canvas.text(
        &fitted(row.label, style().text_size, LEFT - 28.0),
        (20.0, y),
        Anchor::Left,
        style().text_size,
        style().text,
    );
    if let Some(ci) = row.ci {
        canvas.line((at(ci.lo), y), (at(ci.hi), y), look.ink, 2.0);
        for x in [at(ci.lo), at(ci.hi)] {
            canvas.line((x, y - 4.0), (x, y + 4.0), look.ink, 1.4);
        }
    }
    if let Some(estimate) = row.estimate {
        canvas.mark(look.shape, (at(estimate), y), style().mark_radius, look.ink, look.hollow);
    }
    let numbers = format::difference_pp(row.estimate, row.ci, row.needs);
    let numbers = fitted(&numbers, style().small_size, VERDICT - RIGHT - 20.0);
    canvas.text(&numbers, (RIGHT + 14.0, y), Anchor::Left, style().small_size, style().text);
    canvas.text(&row.verdict, (VERDICT, y), Anchor::Left, style().small_size, style().text);
}
