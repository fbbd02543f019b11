//! What of the time to the first token neither loading nor reading the prompt explains, by stage and runtime.

use super::canvas::{Anchor, Canvas, draw as draw_canvas};
use super::looks::Looks;
use super::style::style;
use super::text::fitted;
use super::{Chart, ChartError, axis, heading, left_out, tiers};
use crate::report::format;
use crate::tr115::first_token::{Row, Stage};
use crate::tr115::reading::Reading;
use crate::tr115::study::Sharing;

const FILE: &str = "first-token.svg";
const LEFT: f64 = 176.0;
const RIGHT: f64 = 690.0;
const NUMBERS: f64 = 704.0;
const TOP: f64 = 78.0;
const ROW: f64 = 21.0;
const HEAD: f64 = 30.0;
const BELOW: f64 = 54.0;

/// None without a finished call.
pub(super) fn draw(reading: &Reading, looks: &Looks, names: &[String]) -> Result<Option<Chart>, ChartError> {
    let drawn = |row: &&Row| names.contains(&row.runtime);
    let stages: Vec<(&str, &Stage)> = tiers(reading)
        .iter()
        .flat_map(|tier| tier.stages.iter().map(|stage| (tier.tier.name.as_str(), stage)))
        .filter(|(_, stage)| stage.rows.iter().any(|row| drawn(&row)))
        // A file may name any number of stages.
        .take(8)
        .collect();
    if stages.is_empty() {
        return Ok(None);
    }
    let rows = || stages.iter().flat_map(|(_, stage)| stage.rows.iter().filter(drawn));
    let overlapping: Vec<f64> = rows()
        .filter(|row| row.sharing == Sharing::Overlapping)
        .flat_map(|row| &row.values)
        .copied()
        .collect();
    let every: Vec<f64> = rows().flat_map(|row| &row.values).copied().collect();
    let (low, high) = axis::range(if overlapping.is_empty() { every.clone() } else { overlapping });
    let scale = axis::Scale::new((low.min(0.0), high), (LEFT, RIGHT));
    let beyond = every.iter().filter(|ms| !(low.min(0.0)..=high).contains(ms)).count();
    let bottom = TOP + stages.len() as f64 * HEAD + rows().count() as f64 * ROW;
    let title = "Time to the first token that loading and prompt do not explain".to_owned();
    let below = match beyond {
        0 => "one tick per call; the mark is the median".to_owned(),
        n => format!("one tick per call, {n} beyond the axis at its end; the mark is the median"),
    };
    let svg = draw_canvas(FILE, (style().width, (bottom + BELOW) as u32), &title, &below, |canvas| {
        heading(canvas, &title, &below);
        axis::x_axis(canvas, &scale, (TOP, bottom), 7);
        canvas.line((LEFT, bottom), (RIGHT, bottom), style().axis, 1.0);
        canvas.text(
            "ms",
            ((LEFT + RIGHT) / 2.0, bottom + 33.0),
            Anchor::Middle,
            style().text_size,
            style().quiet,
        );
        canvas.text("median", (NUMBERS, TOP - 10.0), Anchor::Left, style().small_size, style().quiet);
        let mut y = TOP;
        for (tier, stage) in &stages {
            let right = f64::from(style().width) - 14.0;
            canvas.rect((14.0, y + 5.0), (right, y + HEAD - 3.0), style().grid.faint(0.9));
            let short = |text: &str| fitted(text, style().text_size, 300.0);
            let name = format!("tier {}, stage {}", short(tier), short(&stage.name));
            canvas.bold(&name, (20.0, y + HEAD / 2.0 + 1.0), Anchor::Left, style().text_size, style().text);
            y += HEAD;
            for row in stage.rows.iter().filter(drawn) {
                draw_row(canvas, looks, row, &scale, y + ROW / 2.0);
                y += ROW;
            }
        }
    })?;
    let caption = format!(
        "Look for a runtime whose median stands to the right of the others in every stage: its client hands the first token \
         on later.{}",
        left_out(reading, names)
    );
    Ok(Some(Chart { file: FILE, title, caption, svg }))
}

fn draw_row(canvas: &Canvas, looks: &Looks, row: &Row, scale: &axis::Scale, y: f64) {
    let look = looks.of(&row.runtime);
    canvas.text(
        &fitted(&row.runtime, style().text_size, LEFT - 28.0),
        (20.0, y),
        Anchor::Left,
        style().text_size,
        style().text,
    );
    for value in &row.values {
        let x = scale.at(*value);
        canvas.line((x, y - 5.0), (x, y + 5.0), look.ink.faint(0.4), 1.0);
    }
    canvas.mark(look.shape, (scale.at(row.unexplained), y), style().mark_radius, look.ink, look.hollow);
    let turns = if row.sharing == Sharing::Serialised { " (took turns)" } else { "" };
    let numbers = format!("{} ms{turns}", format::fixed(row.unexplained, 1));
    canvas.text(&numbers, (NUMBERS, y), Anchor::Left, style().small_size, style().text);
}
