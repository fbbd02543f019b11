//! Efficiency against the number of agents, with the curve that noise alone would give.

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::looks::{Looks, legend_end};
use super::style::{Ink, style};
use super::{Chart, axis, heading, subtitle};
use crate::analysis::{Analysis, Cell, Location};
use crate::report::format;
use std::collections::BTreeSet;

const FILE: &str = "efficiency.svg";
const HEIGHT: u32 = 430;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 650.0;
const TOP: f64 = 82.0;
const BOTTOM: f64 = 370.0;

/// Draws the cells of one set of the plan, which share everything but the number of agents.
pub(super) fn draw(analysis: &Analysis, looks: &Looks, headline: &Cell) -> Result<Chart, ChartError> {
    let cells = widest_set(analysis, headline);
    let present: BTreeSet<&str> = cells
        .iter()
        .flat_map(|cell| &cell.arms)
        .filter(|arm| arm.efficiency.is_some())
        .map(|a| a.label.as_str())
        .collect();
    let labels: Vec<&str> =
        analysis.arms.iter().map(String::as_str).filter(|l| present.contains(l)).collect();
    let title = "Efficiency against the number of agents".to_owned();
    let facts = &headline.facts;
    let set = cells.first().map_or("", |cell| cell.facts.set.as_str());
    let levels = [set, facts.workload.as_str(), &facts.scenario, &facts.configuration];
    let levels: Vec<&str> = levels.into_iter().filter(|level| !level.is_empty()).collect();
    let below = subtitle(&levels.join(" · "), ": median over trials with its 95 % interval");
    let scale = axis::Scale::new(axis::range(shown_values(&cells)), (BOTTOM, TOP));
    let height = HEIGHT.max(legend_end(labels.len(), TOP + 90.0) as u32);
    let svg = draw_canvas(FILE, (style().width, height), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        axis::y_axis(canvas, &scale, (LEFT, RIGHT), 6);
        frame(canvas, &scale);
        let column = (RIGHT - LEFT) / cells.len().max(1) as f64;
        let middle = |place: usize| LEFT + (place as f64 + 0.5) * column;
        // Close enough to be read as one column, far enough apart to tell the intervals.
        let step = (column * 0.6 / labels.len().max(1) as f64).min(22.0);
        let dodge = |arm: usize| (arm as f64 - (labels.len() as f64 - 1.0) / 2.0) * step;
        let null: Vec<(f64, f64)> = cells
            .iter()
            .enumerate()
            .filter_map(|(place, cell)| Some((middle(place), scale.at(cell.null_efficiency? * 100.0))))
            .collect();
        draw_null(canvas, &null, column);
        for (place, cell) in cells.iter().enumerate() {
            let label = cell.facts.agents.to_string();
            canvas.text(
                &label,
                (middle(place), BOTTOM + 14.0),
                Anchor::Middle,
                style().text_size,
                style().text,
            );
        }
        for (number, label) in labels.iter().enumerate() {
            let look = looks.of(label);
            let mut before: Option<(f64, f64)> = None;
            for (place, cell) in cells.iter().enumerate() {
                let Some(location) = cell.arm(label).and_then(|arm| arm.efficiency) else {
                    before = None;
                    continue;
                };
                let at = (middle(place) + dodge(number), scale.at(location.median * 100.0));
                if let Some(before) = before {
                    canvas.line(before, at, look.ink.faint(0.35), 1.0);
                }
                interval(canvas, &location, at.0, &scale, look.ink);
                canvas.mark(look.shape, at, style().mark_radius, look.ink, look.hollow);
                before = Some(at);
            }
        }
        canvas.text(
            "agents",
            ((LEFT + RIGHT) / 2.0, BOTTOM + 38.0),
            Anchor::Middle,
            style().text_size,
            style().quiet,
        );
        let x = RIGHT + 16.0;
        let y = looks.legend(canvas, &labels, (x, TOP + 8.0));
        if !null.is_empty() {
            canvas.dashed(&[(x, y + 8.0), (x + 26.0, y + 8.0)], style().quiet, 1.5);
            let words = ["noise alone,", "no contention"].map(str::to_owned);
            let lines = words.into_iter().chain(measured_noise(&cells)).collect::<Vec<_>>();
            for (row, line) in lines.iter().enumerate() {
                let at = (x + 32.0, y + 8.0 + 15.0 * row as f64);
                canvas.text(line, at, Anchor::Left, style().small_size, style().text);
            }
        }
    })?;
    let caption = if cells.len() > 1 {
        "Look for arms that leave the dashed curve as agents are added: the curve is what noise alone costs without any contention."
    } else {
        "Look for an arm whose interval stays apart from the others; the dashed line is what noise alone costs without any contention."
    };
    Ok(Chart { file: FILE, title, caption: caption.to_owned(), svg })
}

/// Of the cells like the headline's, those of the set with most numbers of agents; the headline's own where sets tie.
/// Sets are never joined: their streams may differ in length, and a curve would show that as an effect of agents.
fn widest_set<'a>(analysis: &'a Analysis, headline: &'a Cell) -> Vec<&'a Cell> {
    let of_set = |set: &str| {
        let alike = |cell: &&Cell| {
            cell.facts.set == set
                && cell.facts.exploratory == headline.facts.exploratory
                && cell.differs_in_agents_only(headline)
        };
        let mut cells: Vec<&Cell> = analysis.cells.iter().filter(alike).collect();
        cells.sort_by_key(|cell| cell.facts.agents);
        cells.dedup_by_key(|cell| cell.facts.agents);
        cells
    };
    let sets: BTreeSet<&str> = analysis.cells.iter().map(|cell| cell.facts.set.as_str()).collect();
    let widest = sets.into_iter().map(of_set).max_by_key(|cells| {
        (cells.len(), cells.first().is_some_and(|cell| cell.facts.set == headline.facts.set))
    });
    widest.unwrap_or_else(Vec::new)
}

/// The CV behind the curve; it is measured in each cell, so it may be a range.
fn measured_noise(cells: &[&Cell]) -> Vec<String> {
    let shown = |cv: f64| format::significant(cv * 100.0);
    let cvs: Vec<f64> = cells.iter().filter_map(|cell| cell.solo_cv).collect();
    let least = cvs.iter().copied().reduce(f64::min).map(shown);
    let most = cvs.iter().copied().reduce(f64::max).map(shown);
    match (least, most) {
        (Some(least), Some(most)) if least == most => vec![format!("(solo CV {most} %)")],
        (Some(least), Some(most)) => {
            vec![format!("(solo CV {least}"), format!("to {most} %)")]
        }
        _ => Vec::new(),
    }
}

fn shown_values(cells: &[&Cell]) -> Vec<f64> {
    let mut values: Vec<f64> = cells.iter().filter_map(|cell| cell.null_efficiency).collect();
    for location in cells.iter().flat_map(|cell| &cell.arms).filter_map(|arm| arm.efficiency) {
        values.push(location.median);
        values.extend(location.median_ci.into_iter().flat_map(|ci| [ci.lo, ci.hi]));
    }
    values.into_iter().map(|v| v * 100.0).collect()
}

fn frame(canvas: &Canvas, scale: &axis::Scale) {
    let look = style();
    canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), look.axis, 1.0);
    canvas.text("efficiency, %", (14.0, TOP - 18.0), Anchor::Left, look.text_size, look.quiet);
    let note = format!("axis {}", axis::beginning(scale.low(), 2));
    canvas.text(&note, (RIGHT, TOP - 18.0), Anchor::Right, look.small_size, look.quiet);
}

fn draw_null(canvas: &Canvas, points: &[(f64, f64)], column: f64) {
    match points {
        [(x, y)] => canvas.dashed(&[(x - column / 2.0, *y), (x + column / 2.0, *y)], style().quiet, 1.5),
        _ => canvas.dashed(points, style().quiet, 1.5),
    }
}

fn interval(canvas: &Canvas, location: &Location, x: f64, scale: &axis::Scale, ink: Ink) {
    if let Some(ci) = location.median_ci {
        let (low, high) = (scale.at(ci.lo * 100.0), scale.at(ci.hi * 100.0));
        canvas.line((x, low), (x, high), ink, 1.6);
        for y in [low, high] {
            canvas.line((x - 3.5, y), (x + 3.5, y), ink, 1.6);
        }
    }
}
