//! Ratios to the baseline, case by case, on a log axis with the margin as a band.

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::log_scale::LogScale;
use super::looks::{Looks, legend_end};
use super::style::style;
use super::text::{fitted, width};
use super::{Chart, axis, heading};
use crate::report::format;
use crate::stats::Interval;

/// Where the plot begins: as far right as the longest name needs, within these bounds.
const LEFT: (f64, f64) = (150.0, 330.0);
const RIGHT: f64 = 660.0;
const LEGEND: f64 = 684.0;
const TOP: f64 = 74.0;
/// Height of an arm's line inside a case, and the air between two cases.
const LINE: f64 = 8.0;
const AIR: f64 = 10.0;
const BELOW: f64 = 50.0;
const LEAST_HALF_BAND: f64 = 3.0;

/// An arm's ratio in one case.
pub(crate) struct Mark<'a> {
    pub(crate) arm: &'a str,
    pub(crate) ratio: f64,
    pub(crate) ci: Option<Interval>,
}

/// A chart of several cases.
pub(crate) struct Sheet<'a> {
    pub(crate) file: &'static str,
    pub(crate) title: String,
    /// What lies right of 1.
    pub(crate) right: &'a str,
    /// The baseline and all arms, for their looks.
    pub(crate) baseline: &'a str,
    pub(crate) arms: &'a [String],
    /// Margin on the log scale.
    pub(crate) margin: f64,
    /// Cases from the top, with one mark for each arm that has it.
    pub(crate) cases: Vec<(&'a str, Vec<Mark<'a>>)>,
}

/// Draws a sheet; none without a mark.
pub(crate) fn draw(sheet: &Sheet) -> Result<Option<Chart>, ChartError> {
    let marks = || sheet.cases.iter().flat_map(|(_, marks)| marks);
    let margin = sheet.margin.exp();
    let shown = marks().flat_map(|mark| {
        let ends = mark.ci.into_iter().flat_map(|ci| [ci.lo, ci.hi]);
        ends.chain([mark.ratio]).collect::<Vec<_>>()
    });
    let longest = sheet.cases.iter().map(|(name, _)| width(name, style().text_size)).fold(0.0, f64::max);
    let left = (longest + 26.0).clamp(LEFT.0, LEFT.1);
    let Some(scale) = LogScale::of_ratios(shown.chain([1.0 / margin, margin]), (left, RIGHT)) else {
        return Ok(None);
    };
    if marks().next().is_none() {
        return Ok(None);
    }
    let looks = Looks::new(sheet.arms, sheet.baseline);
    let named: Vec<&str> =
        sheet.arms.iter().map(String::as_str).filter(|arm| marks().any(|mark| mark.arm == *arm)).collect();
    let height = |marks: &[Mark]| marks.len().max(2) as f64 * LINE + AIR;
    let bottom = TOP + sheet.cases.iter().map(|(_, marks)| height(marks)).sum::<f64>();
    let whole = (bottom + BELOW).max(legend_end(named.len(), TOP + 12.0) + 12.0);
    let percent = format::trimmed((sheet.margin * 100.0 * 100.0).round() / 100.0);
    let below = format!(
        "ratio to {} within blocks, 95 % interval; log axis; band: margin ± {percent} %",
        fitted(sheet.baseline, style().small_size, 240.0)
    );
    let title = sheet.title.clone();
    let svg = draw_canvas(sheet.file, (style().width, whole as u32), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        let one = scale.at(1.0);
        let half = (scale.at(margin) - one).max(LEAST_HALF_BAND);
        canvas.rect((one - half, TOP), (one + half, bottom), style().band);
        axis::x_ticks(canvas, scale.ticks(), scale.ends(), (TOP, bottom));
        canvas.line((one, TOP), (one, bottom), style().text, 1.2);
        canvas.line((left, bottom), (RIGHT, bottom), style().axis, 1.0);
        let words = format!("right of 1: {}", sheet.right);
        let middle = (left + RIGHT) / 2.0;
        canvas.text(&words, (middle, bottom + 32.0), Anchor::Middle, style().text_size, style().quiet);
        looks.legend(canvas, &named, (LEGEND, TOP + 12.0));
        let mut y = TOP;
        for (number, (name, marks)) in sheet.cases.iter().enumerate() {
            let end = y + height(marks);
            if number > 0 {
                canvas.line((14.0, y), (RIGHT, y), style().grid, 1.0);
            }
            let name = fitted(name, style().text_size, left - 26.0);
            canvas.text(&name, (14.0, (y + end) / 2.0), Anchor::Left, style().text_size, style().text);
            let first = (y + end) / 2.0 - (marks.len() as f64 - 1.0) / 2.0 * LINE;
            for (line, mark) in marks.iter().enumerate() {
                draw_mark(canvas, &looks, &scale, mark, first + line as f64 * LINE);
            }
            y = end;
        }
    })?;
    let caption = "Look for intervals wholly outside the band; the hollow mark is the baseline against itself and should lie on 1.";
    Ok(Some(Chart { file: sheet.file, title, caption: caption.to_owned(), svg }))
}

fn draw_mark(canvas: &Canvas, looks: &Looks, scale: &LogScale, mark: &Mark, y: f64) {
    let look = looks.of(mark.arm);
    if let Some(ci) = mark.ci {
        canvas.line((scale.at(ci.lo), y), (scale.at(ci.hi), y), look.ink, 1.4);
    }
    canvas.mark(look.shape, (scale.at(mark.ratio), y), 3.6, look.ink, look.hollow);
}
