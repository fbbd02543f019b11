//! A logarithmic scale, of durations or of ratios.

use super::axis::{finest_fitting, round_step};
use crate::report::format;

/// Decades from which the ticks are 1, 2 and 5 times powers of ten; below, equal steps read better.
const WIDE: f64 = 1.0;

/// Decades up to which the lines at 2 and 5 are no clutter.
const LINES: f64 = 4.0;

/// Positive values onto pixels from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogScale {
    low: f64,
    high: f64,
    left: f64,
    right: f64,
    unit: Unit,
}

/// The length and the name of the unit in which a value is read.
type Unit = fn(f64) -> (f64, &'static str);

impl LogScale {
    /// A scale of durations in ns that holds all values with some air; none without a value above 0.
    pub(super) fn of_durations(values: impl IntoIterator<Item = f64>, ends: (f64, f64)) -> Option<LogScale> {
        LogScale::around(values, ends, duration)
    }

    /// The same of ratios.
    pub(super) fn of_ratios(values: impl IntoIterator<Item = f64>, ends: (f64, f64)) -> Option<LogScale> {
        LogScale::around(values, ends, |_| (1.0, "×"))
    }

    fn around(
        values: impl IntoIterator<Item = f64>,
        (left, right): (f64, f64),
        unit: Unit,
    ) -> Option<LogScale> {
        let positive = values.into_iter().filter(|v| v.is_finite() && *v > 0.0);
        let (low, high) = positive.fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
        let air = (high / low).powf(0.04).max(1.002);
        (high > 0.0).then_some(LogScale { low: low / air, high: high * air, left, right, unit })
    }

    /// Pixel of a value; what lies outside stays at the edge.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value / self.low).ln() / (self.high / self.low).ln()).clamp(0.0, 1.0);
        self.left + (self.right - self.left) * share
    }

    /// Left and right end.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.left, self.right)
    }

    /// Round values inside, as pixel and label: as many labels as have room. A line without a label has an empty
    /// one.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let decades = (self.high / self.low).log10();
        let finest_first: Vec<Vec<(f64, String)>> = if decades < WIDE {
            [9, 7, 5, 4, 3, 2, 1].map(|wanted| self.even_ticks(wanted)).into()
        } else {
            let every = (1..=(decades as i32).max(1)).map(|powers| self.round_ticks(&[1.0], powers));
            [self.round_ticks(&[1.0, 2.0, 5.0], 1)].into_iter().chain(every).collect()
        };
        finest_fitting(finest_first)
    }

    /// Multiples of one round step.
    fn even_ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let step = round_step((self.high - self.low) / wanted as f64);
        let unit = (self.unit)(self.low);
        let decimals = (-(step / unit.0).log10().floor()).clamp(0.0, 9.0) as usize;
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        let round = (first..=last).map(|k| k as f64 * step);
        round.map(|value| (self.at(value), label(value, unit, decimals))).collect()
    }

    /// Lines at 1, 2 and 5 times powers of ten, with labels at the given multiples of every n-th power.
    fn round_ticks(&self, labelled: &[f64], every: i32) -> Vec<(f64, String)> {
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let lines: &[f64] = if (self.high / self.low).log10() < LINES { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let round = (first..=last).flat_map(|power| lines.iter().map(move |lead| (power, *lead)));
        let tick = |(power, lead): (i32, f64)| {
            let value = lead * 10f64.powi(power);
            let has_label = labelled.contains(&lead) && power % every == 0;
            (value, if has_label { label(value, (self.unit)(value), 3) } else { String::new() })
        };
        let inside = round.map(tick).filter(|(value, _)| (self.low..=self.high).contains(value));
        inside.map(|(value, label)| (self.at(value), label)).collect()
    }
}

fn duration(ns: f64) -> (f64, &'static str) {
    match ns {
        ns if ns < 1e3 => (1.0, "ns"),
        ns if ns < 1e6 => (1e3, "µs"),
        ns if ns < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

fn label(value: f64, (length, name): (f64, &str), decimals: usize) -> String {
    let text = format::fixed(value / length, decimals);
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
    format!("{text} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let scale = LogScale::of_durations(values.iter().copied(), (0.0, 300.0)).unwrap();
        scale.ticks().into_iter().map(|(_, label)| label).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn ticks_are_round_at_every_spread() {
        assert_eq!(labels(&[40_000.0, 600_000.0]), ["50 µs", "100 µs", "200 µs", "500 µs"]);
        assert_eq!(labels(&[29_000.0, 3e6]), ["100 µs", "1 ms"]);
        assert_eq!(labels(&[9.6e6, 1.04e7]), ["9.6 ms", "9.8 ms", "10 ms", "10.2 ms", "10.4 ms"]);
        assert_eq!(labels(&[900.0, 3e10]), ["10 µs", "1 ms", "100 ms", "10 s"]);
        assert!(labels(&[5e6]).contains(&"5 ms".to_owned()), "{:?}", labels(&[5e6]));
        assert!(labels(&[u64::MAX as f64, 1.0]).len() > 1);
    }

    #[test]
    fn ratios_are_read_in_one_unit_whatever_their_size() {
        let scale = LogScale::of_ratios([0.4, 2100.0], (0.0, 300.0)).unwrap();
        let labels: Vec<_> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        assert!(
            ["1 ×", "10 ×", "1000 ×"].iter().all(|one| labels.iter().any(|label| label == one)),
            "{labels:?}"
        );
    }

    #[test]
    fn without_a_positive_value_there_is_no_scale() {
        assert!(LogScale::of_durations([0.0, f64::NAN], (0.0, 1.0)).is_none());
    }
}
