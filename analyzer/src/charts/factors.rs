//! The three factors of efficiency and their product, arm by arm.

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::looks::Looks;
use super::style::style;
use super::text::fitted;
use super::{Chart, axis, heading, subtitle};
use crate::analysis::{Analysis, Cell, Metric};

const FILE: &str = "factors.svg";
const LEFT: f64 = 170.0;
const RIGHT: f64 = 846.0;
const TOP: f64 = 92.0;
const ROW: f64 = 26.0;
const BELOW: f64 = 44.0;
const BETWEEN: f64 = 18.0;

/// Distance of two ticks of trials that the eye tells apart.
const LEAST_APART: f64 = 0.5;

const PANELS: [(Metric, &str); 4] = [
    (Metric::Balance, "balance"),
    (Metric::Overlap, "× overlap"),
    (Metric::Isolation, "× isolation"),
    (Metric::Efficiency, "= efficiency"),
];

/// Draws the four panels of a cell on one scale, so that the factor that costs most is the one seen first.
pub(super) fn draw(analysis: &Analysis, looks: &Looks, cell: &Cell) -> Result<Chart, ChartError> {
    let arms: Vec<_> = cell.arms.iter().filter(|arm| arm.efficiency.is_some()).collect();
    let bottom = TOP + arms.len() as f64 * ROW + 8.0;
    let title = "Where efficiency is lost".to_owned();
    let below = subtitle(&cell.name, ": each trial (faint), median and its 95 % interval, in %");
    let values = |metric: Metric, arm: &crate::analysis::Arm| -> Vec<f64> {
        let trials = arm.counted.iter().filter_map(|place| analysis.outcomes[*place].counted());
        trials.filter_map(|trial| metric.of(trial)).map(|v| v * 100.0).collect()
    };
    let all = PANELS.iter().flat_map(|(metric, _)| arms.iter().flat_map(|arm| values(*metric, arm)));
    let (low, high) = axis::range(all.chain([100.0]));
    // The label of 100 % needs room at its right.
    let bounds = (low, high.max(100.0 + (100.0 - low) * 0.12));
    let width = (RIGHT - LEFT - 3.0 * BETWEEN) / 4.0;
    let svg = draw_canvas(FILE, (style().width, (bottom + BELOW) as u32), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        for (row, arm) in arms.iter().enumerate() {
            let y = TOP + (row as f64 + 0.5) * ROW + 4.0;
            let name = fitted(&arm.label, style().text_size, LEFT - 22.0);
            canvas.text(&name, (14.0, y), Anchor::Left, style().text_size, style().text);
        }
        for (number, (metric, name)) in PANELS.iter().enumerate() {
            let left = LEFT + number as f64 * (width + BETWEEN);
            let scale = axis::Scale::new(bounds, (left, left + width));
            canvas.bold(
                name,
                (left + width / 2.0, TOP - 16.0),
                Anchor::Middle,
                style().text_size,
                style().text,
            );
            axis::x_axis(canvas, &scale, (TOP, bottom), 5);
            canvas.line((scale.at(100.0), TOP), (scale.at(100.0), bottom), style().axis, 1.2);
            canvas.line((left, bottom), (left + width, bottom), style().axis, 1.0);
            for (row, arm) in arms.iter().enumerate() {
                let y = TOP + (row as f64 + 0.5) * ROW + 4.0;
                let look = looks.of(&arm.label);
                for value in apart(values(*metric, arm), &scale) {
                    canvas.line(
                        (scale.at(value), y + 4.0),
                        (scale.at(value), y + 10.0),
                        look.ink.faint(0.4),
                        1.0,
                    );
                }
                draw_median(canvas, looks, cell, &arm.label, *metric, &scale, y - 1.0);
            }
        }
        let note = format!("each of the four axes {}", axis::beginning(bounds.0, 2));
        canvas.text(&note, (RIGHT, bottom + 31.0), Anchor::Right, style().small_size, style().quiet);
    })?;
    let caption = "Look for the panel in which an arm leaves 100 %: balance is unequal work, overlap is waiting inside the client, isolation is servers or clients slowing each other.";
    Ok(Chart { file: FILE, title, caption: caption.to_owned(), svg })
}

/// The values without those that would be drawn on top of another.
fn apart(mut values: Vec<f64>, scale: &axis::Scale) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.dedup_by(|later, kept| scale.at(*later) - scale.at(*kept) < LEAST_APART);
    values
}

fn draw_median(
    canvas: &Canvas,
    looks: &Looks,
    cell: &Cell,
    label: &str,
    metric: Metric,
    scale: &axis::Scale,
    y: f64,
) {
    let Some(arm) = cell.arm(label) else { return };
    let found = match metric {
        Metric::Efficiency => arm.efficiency.map(|e| (e.median, e.median_ci)),
        metric => arm.spread(metric).map(|s| (s.median, s.ci)),
    };
    let Some((median, ci)) = found else { return };
    let look = looks.of(label);
    if let Some(ci) = ci {
        canvas.line((scale.at(ci.lo * 100.0), y), (scale.at(ci.hi * 100.0), y), look.ink, 1.6);
    }
    canvas.mark(look.shape, (scale.at(median * 100.0), y), style().mark_radius, look.ink, look.hollow);
}
