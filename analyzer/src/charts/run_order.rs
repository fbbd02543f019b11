//! Efficiency in the order in which the trials ran: drift, bursts and what was left out.

use super::canvas::{Anchor, ChartError, draw as draw_canvas};
use super::looks::Looks;
use super::style::{Ink, Shape, style};
use super::{Chart, axis, heading};
use crate::analysis::{Analysis, Cell};
use crate::metrics::Outcome;
use crate::report::format;

const FILE: &str = "run-order.svg";
const HEIGHT: u32 = 400;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 650.0;
const TOP: f64 = 82.0;
const BOTTOM: f64 = 330.0;
const LEFT_OUT: Ink = Ink { rgb: (190, 0, 0), opacity: 1.0 };

/// Draws the trials of one cell in run order with a line before every block.
pub(super) fn draw(analysis: &Analysis, looks: &Looks, cell: &Cell) -> Result<Chart, ChartError> {
    let run = analysis.run;
    let places: Vec<usize> = (0..run.trials.len()).filter(|p| run.trials[*p].row.cell == cell.name).collect();
    let value = |place: usize| match &analysis.outcomes[place] {
        Outcome::Counts(metrics) => Some((metrics.factors.efficiency * 100.0, true)),
        Outcome::Invalid(Some(metrics), _) => Some((metrics.factors.efficiency * 100.0, false)),
        _ => None,
    };
    let title = "Efficiency in run order".to_owned();
    let below = format!("{}: one mark per trial, a vertical line where a block begins", cell.name);
    let scale =
        axis::Scale::new(axis::range(places.iter().filter_map(|p| value(*p)).map(|v| v.0)), (BOTTOM, TOP));
    let step = (RIGHT - LEFT) / places.len().max(1) as f64;
    let x = |order: usize| LEFT + (order as f64 + 0.5) * step;
    let radius = (step * 0.45).clamp(2.0, 4.0);
    let svg = draw_canvas(FILE, (style().width, HEIGHT), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        axis::y_axis(canvas, &scale, (LEFT, RIGHT), 6);
        canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), style().axis, 1.0);
        canvas.text("efficiency, %", (14.0, TOP - 18.0), Anchor::Left, style().text_size, style().quiet);
        let note = format!("axis begins at {}, not at 0", format::fixed(scale.low(), 2));
        canvas.text(&note, (RIGHT, TOP - 18.0), Anchor::Right, style().small_size, style().quiet);
        let mut block = None;
        let mut label_end = f64::NEG_INFINITY;
        for (order, place) in places.iter().enumerate() {
            let row = &run.trials[*place].row;
            if block != Some(row.block) {
                let at = x(order) - step / 2.0;
                canvas.line((at, TOP), (at, BOTTOM + 5.0), style().axis.faint(0.6), 1.0);
                // A label only where it has room: blocks may be many.
                if at >= label_end {
                    let text = row.block.to_string();
                    canvas.text(
                        &text,
                        (at + 3.0, BOTTOM + 13.0),
                        Anchor::Left,
                        style().small_size,
                        style().quiet,
                    );
                    label_end = at + 12.0 + 8.0 * text.len() as f64;
                }
                block = Some(row.block);
            }
        }
        for (order, place) in places.iter().enumerate() {
            let look = looks.of(&run.trials[*place].row.arm);
            match value(*place) {
                Some((value, counts)) => {
                    let at = (x(order), scale.at(value));
                    // The cross lies under the mark, which must still tell the arm.
                    if !counts {
                        canvas.mark(Shape::Cross, at, radius + 3.5, LEFT_OUT, false);
                    }
                    canvas.mark(look.shape, at, radius, look.ink, look.hollow);
                }
                None => canvas.mark(Shape::Cross, (x(order), BOTTOM - 6.0), 3.5, LEFT_OUT, false),
            }
        }
        canvas.text(
            "block",
            ((LEFT + RIGHT) / 2.0, BOTTOM + 36.0),
            Anchor::Middle,
            style().text_size,
            style().quiet,
        );
        let labels: Vec<&str> = cell.arms.iter().map(|arm| arm.label.as_str()).collect();
        let legend_x = RIGHT + 16.0;
        let y = looks.legend(canvas, &labels, (legend_x, TOP + 8.0)) + 8.0;
        canvas.mark(Shape::Cross, (legend_x + 6.0, y), 4.0, LEFT_OUT, false);
        canvas.text(
            "crossed: invalid;",
            (legend_x + 18.0, y),
            Anchor::Left,
            style().small_size,
            style().text,
        );
        canvas.text(
            "at the bottom: failed",
            (legend_x + 18.0, y + 15.0),
            Anchor::Left,
            style().small_size,
            style().text,
        );
    })?;
    let caption = "Look for steps, slopes or bad moments that hit all arms of a block at once: those are the machine's, and pairing by block removes them.";
    Ok(Chart { file: FILE, title, caption: caption.to_owned(), svg })
}
