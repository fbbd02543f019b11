//! How client-added delay and gaps between tokens are distributed: over tokens where the run keeps their stamps, else over
//! requests.

mod requests;
mod sample;
mod tokens;

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::log_scale::LogScale;
use super::looks::{Looks, legend_end};
use super::style::{Look, style};
use super::{Chart, axis, heading, subtitle};
use crate::analysis::{Analysis, Cell};
use sample::{Panel, Sample};

const FILE: &str = "ecdf.svg";
const LEFT: f64 = 56.0;
const WIDTH: f64 = 276.0;
const STEP_X: f64 = 326.0;
const TOP: f64 = 54.0;
/// Height of the words above a panel without its notes, and where its title stands in it.
const HEAD: f64 = 32.0;
const TITLE: f64 = 18.0;
const NOTE: f64 = 16.0;
const PANEL: f64 = 170.0;
const BELOW: f64 = 32.0;

/// Most steps of a drawn curve: 170 pixels of height show no more.
const MOST_STEPS: usize = 340;

/// Marks along a curve; those of different arms stand at different heights.
const MARKS: usize = 3;

/// What is drawn.
struct Figure<'a> {
    panels: Vec<Panel<'a>>,
    /// Arms of the legend.
    labels: Vec<&'a str>,
    /// Most units of one arm.
    most: usize,
    /// What a step of a curve is.
    unit: &'static str,
    caption: &'static str,
}

/// Draws a cell's counted trials; none without a request that tells a duration.
pub(super) fn draw(analysis: &Analysis, looks: &Looks, cell: &Cell) -> Result<Option<Chart>, ChartError> {
    let figure = tokens::figure(analysis, cell).or_else(|| requests::figure(analysis, cell));
    let Some(Figure { panels, labels, most, unit, caption }) = figure else { return Ok(None) };
    let each = match most.div_ceil(MOST_STEPS) {
        0 | 1 => format!("each step is one {unit}"),
        n => format!("each step is at most {n} {unit}s"),
    };
    let title = "Client-added delay and gaps between tokens".to_owned();
    let below = subtitle(&cell.name, &format!(": {each}; log axes, each its own range"));
    let description = format!(
        "{}: share of the {unit}s of the concurrent phase with at most this delay or gap, one step curve per arm; {each}; \
         log axes, each its own range",
        cell.name
    );
    let above = panels.iter().filter(|panel| panel.is_drawn).map(|panel| panel.notes.len());
    let most_notes = above.max().unwrap_or(0);
    let head = HEAD + most_notes as f64 * NOTE;
    let (top, step_y) = (TOP + head, head + PANEL + BELOW);
    let rows = panels.len().div_ceil(2) as f64;
    let height = (top + (rows - 1.0) * step_y + PANEL + BELOW).max(legend_end(labels.len(), top + 8.0));
    let svg = draw_canvas(FILE, (style().width, height as u32), &title, &description, |canvas| {
        heading(canvas, &title, &below);
        for (place, panel) in panels.iter().enumerate() {
            let at = (LEFT + (place % 2) as f64 * STEP_X, top + (place / 2) as f64 * step_y);
            draw_panel(canvas, looks, panel, at, head);
        }
        looks.legend(canvas, &labels, (LEFT + STEP_X + WIDTH + 14.0, top + 8.0));
    })?;
    Ok(Some(Chart { file: FILE, title, caption: caption.to_owned(), svg }))
}

fn draw_panel(canvas: &Canvas, looks: &Looks, panel: &Panel, (left, top): (f64, f64), head: f64) {
    let (right, bottom) = (left + WIDTH, top + PANEL);
    let note = |text: &str, at: (f64, f64), anchor: Anchor| {
        canvas.text(text, at, anchor, style().small_size, style().quiet);
    };
    canvas.bold(panel.title, (left, top - head + TITLE), Anchor::Left, style().text_size, style().text);
    let values = panel.samples.iter().flat_map(|sample| sample.values.iter().copied());
    let Some(x) = LogScale::of_durations(values, (left, right)).filter(|_| panel.is_drawn) else {
        canvas.border((left, top), (right, bottom), style().axis.faint(0.5), 1.0);
        let first = (top + bottom - (panel.notes.len() as f64 - 1.0) * NOTE) / 2.0;
        for (line, text) in panel.notes.iter().enumerate() {
            note(text, ((left + right) / 2.0, first + line as f64 * NOTE), Anchor::Middle);
        }
        return;
    };
    for (line, text) in panel.notes.iter().enumerate() {
        note(text, (left, top - head + TITLE + (line as f64 + 1.0) * NOTE), Anchor::Left);
    }
    note("%", (left - 7.0, top - 14.0), Anchor::Right);
    let samples = &panel.samples;
    let y = axis::Scale::new((0.0, 100.0), (bottom, top));
    axis::y_axis(canvas, &y, (left, right), 4);
    axis::x_ticks(canvas, x.ticks(), x.ends(), (top, bottom));
    canvas.line((left, bottom), (right, bottom), style().axis, 1.0);
    let count = samples.len() as f64;
    for sample in samples {
        curve(canvas, sample, looks.of(sample.label), &x, &y);
    }
    for (number, sample) in samples.iter().enumerate() {
        let look = looks.of(sample.label);
        let hidden = sample.not_positive() as f64 / sample.count() as f64;
        let shares = (0..MARKS).map(|k| (k as f64 + (number as f64 + 0.5) / count) / MARKS as f64);
        for share in shares.filter(|share| *share > hidden) {
            if let Some(value) = sample.quantile(share) {
                canvas.mark(look.shape, (x.at(value), y.at(share * 100.0)), 3.4, look.ink, look.hollow);
            }
        }
    }
}

fn curve(canvas: &Canvas, sample: &Sample, look: Look, x: &LogScale, y: &axis::Scale) {
    let n = sample.count() as f64;
    let hidden = sample.not_positive();
    let mut height = y.at(hidden as f64 / n * 100.0);
    // Values that are not drawn lie to the left: the curve comes in at their share.
    let mut points: Vec<(f64, f64)> = (hidden > 0).then_some((x.ends().0, height)).into_iter().collect();
    for rank in drawn_ranks(hidden, sample.count()) {
        let Some(value) = sample.at_rank(rank) else { break };
        let at = x.at(value);
        points.push((at, height));
        height = y.at(rank as f64 / n * 100.0);
        points.push((at, height));
    }
    let ink = look.ink.faint(0.85);
    if look.hollow { canvas.dashed(&points, ink, 1.6) } else { canvas.polyline(&points, ink, 1.6) }
}

/// Ranks, from 1, of the values that a curve of `n` draws when the first `hidden` have no place: all, or where they
/// are many, the first and [`MOST_STEPS`] spread evenly up to the last.
fn drawn_ranks(hidden: usize, n: usize) -> Vec<usize> {
    let shown = n - hidden;
    if shown <= MOST_STEPS {
        return (hidden + 1..=n).collect();
    }
    let even = (1..=MOST_STEPS).map(|k| hidden + (k * shown).div_ceil(MOST_STEPS));
    [hidden + 1].into_iter().chain(even).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_are_thinned_to_even_steps_with_both_ends() {
        assert_eq!(drawn_ranks(2, 5), [3, 4, 5]);
        let ranks = drawn_ranks(10, 10_000);
        assert_eq!((ranks.first(), ranks.last(), ranks.len()), (Some(&11), Some(&10_000), MOST_STEPS + 1));
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 30));
    }
}
