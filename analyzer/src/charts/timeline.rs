//! What every agent of a typical and of the worst trial did: who waited for what.

use super::canvas::{Anchor, Canvas, ChartError, draw as draw_canvas};
use super::strokes::Lean;
use super::style::{Ink, style};
use super::text::{BOLD, fitted};
use super::{Chart, axis, heading, subtitle};
use crate::analysis::{Activity, Analysis, Cell, Lane, examples, lanes};
use crate::metrics::Factors;
use crate::report::format;
use tandem_records::TrialRow;

const FILE: &str = "timeline.svg";
const LEFT: f64 = 92.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 62.0;
const HEAD: f64 = 48.0;
const ROW: f64 = 26.0;
const BAR: f64 = 13.0;
const ALONE: f64 = 3.0;
const AXIS: f64 = 40.0;
const LEGEND: f64 = 50.0;

/// Most agents that a panel shows.
const MOST_LANES: usize = 12;

/// Largest ratio of durations that two panels show on one scale.
const MOST_UNEQUAL: f64 = 20.0;

/// Time scales that reach this far are in seconds.
const SECONDS_FROM_NS: f64 = 2e10;

/// Grey, as time lost should not outshine time used.
const IDLE: Ink = Ink { rgb: (120, 120, 120), opacity: 1.0 };
const OWN: Ink = Ink { rgb: (240, 190, 80), opacity: 1.0 };
const OWN_BORDER: Ink = Ink { rgb: (150, 100, 0), opacity: 1.0 };
const TOKENS: Ink = Ink { rgb: (0, 114, 178), opacity: 1.0 };

/// One trial as it is drawn.
struct Panel<'a> {
    kind: &'static str,
    row: &'a TrialRow,
    factors: Factors,
    lanes: Vec<Lane>,
}

impl Panel<'_> {
    fn height(&self) -> f64 {
        HEAD + self.lanes.len() as f64 * ROW + AXIS
    }

    /// The last moment drawn, ns since the release.
    fn end_ns(&self) -> f64 {
        let ends = self.lanes.iter().flat_map(|lane| {
            let alone = lane.start_ns as f64 + lane.solo_ns;
            lane.spans.last().map(|span| span.to_ns as f64).into_iter().chain([alone])
        });
        ends.fold(0.0, f64::max)
    }
}

/// Draws the two trials on one scale of time; none where no trial counts.
pub(super) fn draw(analysis: &Analysis, cell: &Cell) -> Result<Option<Chart>, ChartError> {
    let Some(examples) = examples(&analysis.outcomes, cell) else { return Ok(None) };
    let panels: Vec<Panel> = if examples.typical == examples.worst {
        panel(analysis, "Typical and worst", examples.typical).into_iter().collect()
    } else {
        let two = [("Typical", examples.typical), ("Worst", examples.worst)];
        two.into_iter().filter_map(|(kind, place)| panel(analysis, kind, place)).collect()
    };
    let title = "Who waited for what".to_owned();
    let words =
        format!(": nearest to the median efficiency, {} %, and the lowest", format::percent(examples.median));
    let below = subtitle(&cell.name, &words);
    let scales = scales(&panels);
    let height = TOP + panels.iter().map(Panel::height).sum::<f64>() + LEGEND;
    let description = format!(
        "{}: what each agent did from the release to the end of the last one, in the trial nearest to the median \
         efficiency of all arms, {} %, and in the one of lowest efficiency",
        cell.name,
        format::percent(examples.median)
    );
    let svg = draw_canvas(FILE, (style().width, height as u32), &title, &description, |canvas| {
        heading(canvas, &title, &below);
        let mut top = TOP;
        for (panel, scale) in panels.iter().zip(&scales) {
            draw_panel(canvas, panel, scale, top);
            top += panel.height();
        }
        legend(canvas, top + 14.0);
    })?;
    let caption = "Look for long hatched or white stretches: hatched is waiting for a start or a first token, white is \
                   waiting for another agent; a bar that ends right of the thin black one took longer than alone.";
    Ok(Some(Chart { file: FILE, title, caption: caption.to_owned(), svg }))
}

fn panel<'a>(analysis: &'a Analysis, kind: &'static str, place: usize) -> Option<Panel<'a>> {
    let trial = analysis.run.trials.get(place)?;
    let metrics = analysis.outcomes.get(place)?.counted()?;
    let lanes = lanes(trial, metrics, MOST_LANES);
    Some(Panel { kind, row: &trial.row, factors: metrics.factors?, lanes })
}

/// How the time of a panel becomes pixels.
struct TimeScale {
    pixels: axis::Scale,
    unit_ns: f64,
    unit: &'static str,
    /// How many times as long as the shortest panel's, where the panels cannot share one scale.
    longer: Option<f64>,
}

impl TimeScale {
    fn at(&self, ns: f64) -> f64 {
        self.pixels.at(ns / self.unit_ns)
    }
}

/// One scale for all panels, or one each where the shortest would be a hairline beside the longest.
fn scales(panels: &[Panel]) -> Vec<TimeScale> {
    let longest = panels.iter().map(Panel::end_ns).fold(0.0, f64::max);
    let shortest = panels.iter().map(Panel::end_ns).fold(f64::INFINITY, f64::min);
    let shared = longest <= MOST_UNEQUAL * shortest;
    let scale = |panel: &Panel| {
        let end = if shared { longest } else { panel.end_ns() };
        let (unit_ns, unit) = if end < SECONDS_FROM_NS { (1e6, "ms") } else { (1e9, "s") };
        TimeScale {
            pixels: axis::Scale::new((0.0, end / unit_ns), (LEFT, RIGHT)),
            unit_ns,
            unit,
            longer: (!shared).then_some(end / shortest),
        }
    };
    panels.iter().map(scale).collect()
}

fn draw_panel(canvas: &Canvas, panel: &Panel, scale: &TimeScale, top: f64) {
    let (row, factors) = (panel.row, &panel.factors);
    let name = format!(
        "{}: trial {}, {}, block {}",
        panel.kind,
        row.trial,
        fitted(&row.arm, style().text_size * BOLD, 420.0),
        row.block
    );
    canvas.bold(&name, (14.0, top + 8.0), Anchor::Left, style().text_size, style().text);
    let percent = |fraction: f64| format::percent(fraction);
    let mut facts = format!(
        "efficiency {} % = balance {} % × overlap {} % × isolation {} %",
        percent(factors.efficiency),
        percent(factors.balance),
        percent(factors.overlap),
        percent(factors.isolation)
    );
    let hidden = (row.agents as usize).saturating_sub(panel.lanes.len());
    if hidden > 0 {
        facts += &format!("; the {} agents that ended last, {hidden} not shown", panel.lanes.len());
    }
    if let Some(longer) = scale.longer.filter(|longer| *longer > 1.0) {
        facts += &format!("; another time scale: {} times as long", format::significant(longer));
    }
    let facts = fitted(&facts, style().small_size, f64::from(style().width) - 28.0);
    canvas.text(&facts, (14.0, top + 27.0), Anchor::Left, style().small_size, style().quiet);
    let (first, bottom) = (top + HEAD, top + HEAD + panel.lanes.len() as f64 * ROW);
    canvas.text("vs. alone", (RIGHT + 12.0, first - 8.0), Anchor::Left, style().small_size, style().quiet);
    axis::x_axis(canvas, &scale.pixels, (first, bottom), 8);
    canvas.line((LEFT, bottom), (RIGHT, bottom), style().axis, 1.0);
    let unit = format!("{} since release", scale.unit);
    canvas.text(&unit, (RIGHT + 12.0, bottom + 11.0), Anchor::Left, style().small_size, style().quiet);
    for (number, lane) in panel.lanes.iter().enumerate() {
        draw_lane(canvas, lane, scale, first + number as f64 * ROW);
    }
}

fn draw_lane(canvas: &Canvas, lane: &Lane, scale: &TimeScale, top: f64) {
    let (upper, lower) = (top + 4.0, top + 4.0 + BAR);
    let middle = (upper + lower) / 2.0;
    let name = format!("agent {}", lane.agent);
    canvas.text(&name, (LEFT - 8.0, middle), Anchor::Right, style().small_size, style().text);
    let at = |ns: f64| scale.at(ns);
    for span in &lane.spans {
        draw_box(canvas, span.activity, (at(span.from_ns as f64), upper), (at(span.to_ns as f64), lower));
    }
    let start = lane.start_ns as f64;
    canvas.rect((at(start), lower + 1.5), (at(start + lane.solo_ns), lower + 1.5 + ALONE), style().text);
    let slowdown = format!("× {}", format::fixed(lane.slowdown(), 4));
    canvas.text(&slowdown, (RIGHT + 12.0, middle), Anchor::Left, style().small_size, style().text);
}

/// Filled, hatched or empty: told apart without colour.
fn draw_box(canvas: &Canvas, activity: Activity, from: (f64, f64), to: (f64, f64)) {
    let (fill, hatch, border) = match activity {
        Activity::Start => (style().background, Some(Lean::Right), IDLE),
        Activity::OwnWork => (OWN, None, OWN_BORDER),
        Activity::FirstToken => (TOKENS.faint(0.12), Some(Lean::Left), TOKENS),
        Activity::Tokens => (TOKENS.faint(0.75), None, TOKENS),
        Activity::Others => (style().background, None, IDLE),
    };
    canvas.rect(from, to, fill);
    if let Some(lean) = hatch {
        canvas.hatch(from, to, lean, border, 1.0);
    }
    canvas.border(from, to, border, 0.75);
}

fn legend(canvas: &Canvas, top: f64) {
    let items = [
        (Some(Activity::Start), "waiting to start"),
        (Some(Activity::OwnWork), "own work, no request"),
        (Some(Activity::FirstToken), "waiting for the first token"),
        (Some(Activity::Tokens), "tokens arriving"),
        (Some(Activity::Others), "waiting for the others"),
        (None, "time of the agent alone"),
    ];
    const COLUMN: f64 = 205.0;
    for (number, (activity, name)) in items.into_iter().enumerate() {
        let (x, y) = (LEFT + (number % 4) as f64 * COLUMN - 78.0, top + (number / 4) as f64 * 20.0);
        match activity {
            Some(activity) => draw_box(canvas, activity, (x, y - 6.0), (x + 24.0, y + 6.0)),
            None => canvas.rect((x, y - ALONE / 2.0), (x + 24.0, y + ALONE / 2.0), style().text),
        }
        canvas.text(name, (x + 31.0, y), Anchor::Left, style().small_size, style().text);
    }
}
