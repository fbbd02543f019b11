//! Efficiency in the order in which the trials ran: drift, bursts and what was left out.

use super::canvas::{Anchor, ChartError, draw as draw_canvas};
use super::looks::{Looks, legend_end};
use super::style::{Ink, Shape, style};
use super::{Chart, axis, heading, subtitle, text};
use crate::analysis::{Analysis, Cell};
use crate::metrics::Outcome;

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
        Outcome::Counts(metrics) => Some((metrics.factors?.efficiency * 100.0, true)),
        Outcome::Invalid(Some(metrics), _) => Some((metrics.factors?.efficiency * 100.0, false)),
        _ => None,
    };
    let title = "Efficiency in run order".to_owned();
    let begins = begins(&places, |place| run.trials[place].row.block);
    let stride = stride(&begins);
    let lines = match stride {
        1 => "a vertical line where a block begins".to_owned(),
        n => format!("a vertical line where every {n}th block begins"),
    };
    let below = subtitle(&cell.name, &format!(": one mark per trial, {lines}"));
    let scale =
        axis::Scale::new(axis::range(places.iter().filter_map(|p| value(*p)).map(|v| v.0)), (BOTTOM, TOP));
    let step = (RIGHT - LEFT) / places.len().max(1) as f64;
    let x = |order: usize| LEFT + (order as f64 + 0.5) * step;
    let radius = (step * 0.45).clamp(2.0, 4.0);
    let labels: Vec<&str> = cell.arms.iter().map(|arm| arm.label.as_str()).collect();
    let height = HEIGHT.max(legend_end(labels.len(), TOP + 50.0) as u32);
    let svg = draw_canvas(FILE, (style().width, height), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        axis::y_axis(canvas, &scale, (LEFT, RIGHT), 6);
        canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), style().axis, 1.0);
        canvas.text("efficiency, %", (14.0, TOP - 18.0), Anchor::Left, style().text_size, style().quiet);
        let note = format!("axis {}", axis::beginning(scale.low(), 2));
        canvas.text(&note, (RIGHT, TOP - 18.0), Anchor::Right, style().small_size, style().quiet);
        for (order, block) in begins.iter().step_by(stride) {
            let at = x(*order) - step / 2.0;
            canvas.line((at, TOP), (at, BOTTOM + 5.0), style().axis.faint(0.6), 1.0);
            let label = (at + 3.0, BOTTOM + 13.0);
            canvas.text(&block.to_string(), label, Anchor::Left, style().small_size, style().quiet);
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

/// Where a block begins among the cell's trials in run order, with its number.
fn begins(places: &[usize], block: impl Fn(usize) -> u32) -> Vec<(usize, u32)> {
    let blocks: Vec<u32> = places.iter().map(|place| block(*place)).collect();
    let is_first = |order: &usize| *order == 0 || blocks[order - 1] != blocks[*order];
    (0..blocks.len()).filter(is_first).map(|order| (order, blocks[order])).collect()
}

/// Every how many blocks there is room for a line with its label: 1, 5, 10, 50, 100 and so on.
fn stride(begins: &[(usize, u32)]) -> usize {
    let widest = begins.iter().map(|(_, block)| text::width(&block.to_string(), style().small_size));
    let wanted = widest.fold(0.0, f64::max) + 12.0;
    let room = (RIGHT - LEFT) / begins.len().max(1) as f64;
    let mut stride = 1;
    while (stride as f64) * room < wanted {
        stride *= if stride.to_string().starts_with('5') { 2 } else { 5 };
    }
    stride
}
