//! The published efficiency against 50 (a + b) / max(a, b) of the same run.

use super::canvas::{Anchor, Canvas, draw as draw_canvas};
use super::looks::Looks;
use super::style::style;
use super::text::fitted;
use super::{Chart, ChartError, axis, heading, left_out, tiers};
use crate::tr115::reading::{Reading, TierReading};

const FILE: &str = "identity.svg";
const SIDE: f64 = 290.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 92.0;
const STEP_X: f64 = 350.0;
const STEP_Y: f64 = 380.0;
const PER_ROW: usize = 2;
const RADIUS: f64 = 3.0;

pub(super) fn draw(reading: &Reading, looks: &Looks, names: &[String]) -> Result<Chart, ChartError> {
    let tiers = tiers(reading);
    let rows = tiers.len().div_ceil(PER_ROW).max(1);
    let height = TOP + (rows - 1) as f64 * STEP_Y + SIDE + 52.0;
    let title = "The published efficiency against the agents' durations".to_owned();
    let below = "one mark per run; dashed: equal. Both axes in %, not from 0".to_owned();
    let shown = || tiers.iter().flat_map(|tier| &tier.tier.runs).filter(|run| names.contains(&run.runtime));
    let bounds = axis::range(shown().flat_map(|run| [run.identity() * 100.0, run.efficiency * 100.0]));
    let svg = draw_canvas(FILE, (style().width, height as u32), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        for (place, tier) in tiers.iter().enumerate() {
            let left = LEFT + (place % PER_ROW) as f64 * STEP_X;
            let top = TOP + (place / PER_ROW) as f64 * STEP_Y;
            panel(canvas, tier, looks, names, (left, top), bounds);
        }
        let labels: Vec<&str> = names.iter().map(String::as_str).collect();
        let x = LEFT + PER_ROW.min(tiers.len()) as f64 * STEP_X - (STEP_X - SIDE) + 16.0;
        looks.legend(canvas, &labels, (x, TOP + 8.0));
    })?;
    let caption = format!(
        "Look for marks off the dashed line: on it, the published efficiency is known from the two durations of the same run \
         alone.{}",
        left_out(reading, names)
    );
    Ok(Chart { file: FILE, title, caption, svg })
}

fn panel(
    canvas: &Canvas,
    tier: &TierReading,
    looks: &Looks,
    names: &[String],
    (left, top): (f64, f64),
    bounds: (f64, f64),
) {
    let (right, bottom) = (left + SIDE, top + SIDE);
    let x = axis::Scale::new(bounds, (left, right));
    let y = axis::Scale::new(bounds, (bottom, top));
    axis::y_axis(canvas, &y, (left, right), 6);
    axis::x_axis(canvas, &x, (top, bottom), 6);
    canvas.line((left, bottom), (right, bottom), style().axis, 1.0);
    canvas.line((left, top), (left, bottom), style().axis, 1.0);
    canvas.dashed(&[(left, bottom), (right, top)], style().quiet, 1.2);
    let name = format!("tier {}: published efficiency, %", fitted(&tier.tier.name, style().text_size, 90.0));
    canvas.text(&name, (left, top - 13.0), Anchor::Left, style().text_size, style().text);
    let axis_title = "50 (a + b) / max(a, b), %";
    canvas.text(
        axis_title,
        ((left + right) / 2.0, bottom + 32.0),
        Anchor::Middle,
        style().text_size,
        style().quiet,
    );
    for name in names {
        let look = looks.of(name);
        for run in tier.tier.runs_of(name) {
            let at = (x.at(run.identity() * 100.0), y.at(run.efficiency * 100.0));
            canvas.mark(look.shape, at, RADIUS, look.ink, look.hollow);
        }
    }
}
