//! Scales and their ticks.

use super::canvas::{Anchor, Canvas};
use super::style::style;
use super::text;
use crate::report::format;

/// A straight mapping from values to pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values `low..=high` onto pixels `from..=to` (downwards when `to < from`).
    pub(super) fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Scale {
        Scale { low, high, from, to }
    }

    /// Pixel of a value; values outside stay at the edge, so that no mark leaves the plot.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + (self.to - self.from) * share
    }

    /// Smallest value shown.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// Round values inside, about `wanted` of them, with the decimals that tell them apart.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let step = round_step((self.high - self.low) / wanted.max(1) as f64);
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).map(|k| k as f64 * step).map(|value| (value, format::fixed(value, decimals))).collect()
    }
}

/// The next of 1, 2, 5 times a power of ten.
pub(super) fn round_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let lead = [1.0, 2.0, 5.0].into_iter().find(|lead| raw <= lead * power * 1.000_001).unwrap_or(10.0);
    lead * power
}

/// A range that holds all values with some air; wide enough to have ticks even if all values are equal.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let air = ((high - low) * 0.06).max(high.abs().max(low.abs()) * 1e-4).max(1e-6);
    // Quantities without negative values get no negative axis.
    let below = if low >= 0.0 { (low - air).max(0.0) } else { low - air };
    (below, high + air)
}

/// What a chart says of the beginning of its axis.
pub(super) fn beginning(low: f64, decimals: usize) -> String {
    match low {
        0.0 => "begins at 0".to_owned(),
        _ => format!("begins at {}, not at 0", format::fixed(low, decimals)),
    }
}

/// Horizontal grid lines with their values at the left of the plot.
pub(super) fn y_axis(canvas: &Canvas, scale: &Scale, (left, right): (f64, f64), wanted: usize) {
    let look = style();
    for (value, label) in scale.ticks(wanted) {
        let y = scale.at(value);
        canvas.line((left, y), (right, y), look.grid, 1.0);
        canvas.text(&label, (left - 7.0, y), Anchor::Right, look.small_size, look.quiet);
    }
}

/// How far a label may reach over the end of its axis.
const OVERHANG: f64 = 6.0;

/// Least space between two labels.
const APART: f64 = 6.0;

/// Vertical grid lines with their values below the plot, at most about `wanted` and as many as have room.
pub(super) fn x_axis(canvas: &Canvas, scale: &Scale, height: (f64, f64), wanted: usize) {
    let ends = (scale.from.min(scale.to), scale.from.max(scale.to));
    let place = |(value, label)| (scale.at(value), label);
    let finest_first = (1..=wanted).rev().map(|n| scale.ticks(n).into_iter().map(place).collect());
    x_ticks(canvas, finest_fitting(finest_first), ends, height);
}

/// Vertical grid lines at ticks of any scale, which come as pixel and label from left to right; an empty label is
/// none, and one without room at the ends of the axis is left out.
pub(super) fn x_ticks(
    canvas: &Canvas,
    ticks: Vec<(f64, String)>,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) {
    let look = style();
    for (x, label) in ticks {
        canvas.line((x, top), (x, bottom), look.grid, 1.0);
        let half = text::width(&label, look.small_size) / 2.0;
        if !label.is_empty() && x - half >= left - OVERHANG && x + half <= right + OVERHANG {
            canvas.text(&label, (x, bottom + 11.0), Anchor::Middle, look.small_size, look.quiet);
        }
    }
}

/// The first choice of ticks of which no label touches the one before, else the last.
pub(super) fn finest_fitting(
    finest_first: impl IntoIterator<Item = Vec<(f64, String)>>,
) -> Vec<(f64, String)> {
    let mut last = Vec::new();
    for ticks in finest_first {
        if have_room(&ticks) {
            return ticks;
        }
        last = ticks;
    }
    last
}

fn have_room(ticks: &[(f64, String)]) -> bool {
    let labels: Vec<(f64, f64)> = ticks
        .iter()
        .filter(|(_, label)| !label.is_empty())
        .map(|(x, label)| (*x, text::width(label, style().small_size) / 2.0))
        .collect();
    labels.windows(2).all(|pair| pair[0].0 + pair[0].1 + APART <= pair[1].0 - pair[1].1)
}
