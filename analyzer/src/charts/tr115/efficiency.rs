//! Every run's published efficiency, by runtime and in the order of time.

use super::canvas::{Anchor, Canvas, draw as draw_canvas};
use super::looks::Looks;
use super::style::{Ink, Look, Shape, style};
use super::text::fitted;
use super::{Chart, ChartError, axis, heading, left_out, tiers};
use crate::report::format;
use crate::stats::quantile::median;
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::{Run, Sharing};

const FILE: &str = "efficiency.svg";
const LEFT: f64 = 62.0;
const RIGHT: f64 = 672.0;
const TOP: f64 = 92.0;
const PANEL: f64 = 210.0;
const STEP: f64 = 290.0;
const RADIUS: f64 = 3.4;
const UNUSUAL: Ink = Ink { rgb: (190, 0, 0), opacity: 1.0 };

/// None without a runtime whose agents overlapped.
pub(super) fn draw(reading: &Reading, looks: &Looks, names: &[String]) -> Result<Option<Chart>, ChartError> {
    let compared = |tier: &TierReading| -> Vec<String> {
        tier.all.runtimes.iter().filter(|name| names.contains(name)).cloned().collect()
    };
    let tiers: Vec<&TierReading> = tiers(reading).iter().filter(|tier| !compared(tier).is_empty()).collect();
    if tiers.is_empty() {
        return Ok(None);
    }
    let height = TOP + (tiers.len() - 1) as f64 * STEP + PANEL + 56.0;
    let title = "The published efficiency of every run, by runtime".to_owned();
    let below =
        "inside a column in the order of time; runtimes whose agents took turns are not drawn".to_owned();
    let svg = draw_canvas(FILE, (style().width, height as u32), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        for (place, tier) in tiers.iter().enumerate() {
            panel(canvas, tier, looks, &compared(tier), TOP + place as f64 * STEP);
        }
        legend(canvas);
    })?;
    let caption = format!(
        "Look at how the columns overlap, and at which marks lie lowest: crosses and hollow marks are runs that something \
         other than the runtime changed.{}",
        left_out(reading, names)
    );
    Ok(Some(Chart { file: FILE, title, caption, svg }))
}

fn panel(canvas: &Canvas, tier: &TierReading, looks: &Looks, names: &[String], top: f64) {
    let bottom = top + PANEL;
    let runs_of = |name: &str| -> Vec<&Run> {
        let runs = tier.tier.runs.iter().filter(|run| run.runtime == name);
        runs.filter(|run| run.sharing() != Sharing::Serialised).collect()
    };
    let shown = names.iter().flat_map(|name| runs_of(name)).map(|run| run.efficiency * 100.0);
    let scale = axis::Scale::new(axis::range(shown), (bottom, top));
    axis::y_axis(canvas, &scale, (LEFT, RIGHT), 6);
    canvas.line((LEFT, bottom), (RIGHT, bottom), style().axis, 1.0);
    let name = format!("tier {}: efficiency, %", fitted(&tier.tier.name, style().text_size, 200.0));
    canvas.text(&name, (LEFT, top - 13.0), Anchor::Left, style().text_size, style().text);
    let note = format!("axis {}", axis::beginning(scale.low(), 1));
    canvas.text(&note, (RIGHT, top - 13.0), Anchor::Right, style().small_size, style().quiet);
    let column = (RIGHT - LEFT) / names.len() as f64;
    for (place, name) in names.iter().enumerate() {
        let from = LEFT + place as f64 * column;
        let runs = runs_of(name);
        let look = looks.of(name);
        let step = column * 0.84 / runs.len().max(1) as f64;
        let values: Vec<f64> = runs.iter().map(|run| run.efficiency * 100.0).collect();
        let middle = median(&values).ok().flatten();
        if let Some(middle) = middle {
            let y = scale.at(middle);
            canvas.line((from + column * 0.04, y), (from + column * 0.96, y), style().axis, 1.6);
        }
        for (order, run) in runs.iter().enumerate() {
            let x = from + column * 0.08 + (order as f64 + 0.5) * step;
            mark(canvas, tier, run, look, (x, scale.at(run.efficiency * 100.0)));
        }
        let label = fitted(name, style().text_size, column - 4.0);
        let at = |y: f64| (from + column / 2.0, bottom + y);
        canvas.text(&label, at(14.0), Anchor::Middle, style().text_size, style().text);
        if let Some(middle) = middle.filter(|_| column > 90.0) {
            let label = format!("median {}", format::fixed(middle, 2));
            canvas.text(&label, at(31.0), Anchor::Middle, style().small_size, style().quiet);
        }
    }
}

fn mark(canvas: &Canvas, tier: &TierReading, run: &Run, look: Look, at: (f64, f64)) {
    if tier.flags.beyond_reload(run) {
        canvas.mark(Shape::Cross, at, RADIUS + 0.8, UNUSUAL, false);
    } else {
        canvas.mark(look.shape, at, RADIUS, look.ink, tier.flags.any(run));
    }
}

fn legend(canvas: &Canvas) {
    let x = RIGHT + 18.0;
    let line = |row: f64| TOP + 8.0 + row * 20.0;
    let text = |label: &str, y: f64| {
        canvas.text(label, (x + 20.0, y), Anchor::Left, style().small_size, style().text);
    };
    canvas.mark(Shape::Circle, (x + 6.0, line(0.0)), RADIUS, style().text, false);
    text("run", line(0.0));
    canvas.mark(Shape::Circle, (x + 6.0, line(1.0)), RADIUS, style().text, true);
    text("with a model reload", line(1.0));
    canvas.mark(Shape::Cross, (x + 6.0, line(2.0)), RADIUS + 0.8, UNUSUAL, false);
    text("unusual response", line(2.0));
    text("or a stall", line(2.0) + 15.0);
    canvas.line((x - 2.0, line(3.8)), (x + 14.0, line(3.8)), style().axis, 1.6);
    text("median of all runs", line(3.8));
}
