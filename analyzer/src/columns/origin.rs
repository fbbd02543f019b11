//! Where the values of a cell begin to differ.
//!
//! f64 keeps 15 to 17 digits. Nanoseconds since 1970 have 19, and two of them may differ in the last two only. The
//! values of such a cell are kept as differences from a number close to all of them, exactly.

use super::{Cell, exact};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Values that differ by less than this part of them have lost half of their digits to what they share.
const SHARED: f64 = 1.0 / (1 << 26) as f64;

/// What was subtracted from every value of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    at: f64,
    /// Digits behind the point that tell two values apart, with many to spare.
    decimals: usize,
}

/// A number on the scale of a column: a mean or a quantile, not a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Location {
    /// What is subtracted from it; nothing in nearly all files.
    origin: Option<Origin>,
    /// What is left then, or all of it.
    above: f64,
}

/// What f64 lost of each value of a group: NaN where it is not known, [`SHORT`] of a short number; empty while all numbers
/// are short.
pub(super) type Rests = Vec<f64>;

/// In place of what f64 lost of a short number, which can be found out.
pub(super) const SHORT: f64 = f64::INFINITY;

/// Values that differ in digits that were not kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TooFine {
    /// One of them.
    pub(super) near: f64,
}

impl Origin {
    /// The number itself.
    pub fn value(&self) -> f64 {
        self.at
    }

    /// `above` plus this, with so many digits behind the point.
    fn fixed(self, above: f64, decimals: usize) -> String {
        /// Digits that are rounded away, so that two roundings do not show.
        const GUARD: usize = 3;
        /// An i128 holds 38 digits.
        const MOST_DIGITS: usize = 37;
        let before = self.at.abs().max(above.abs()).log10().max(0.0) as usize + 2;
        let decimals = decimals.min(MOST_DIGITS.saturating_sub(before + GUARD));
        let digits = |value: f64| {
            let text = format!("{value:.*}", decimals + GUARD);
            text.replace('.', "").parse::<i128>().unwrap_or_default()
        };
        let unit = 10i128.pow(GUARD as u32);
        let sum = digits(self.at) + digits(above);
        let rounded = (sum + sum.signum() * unit / 2) / unit;
        let sign = if rounded < 0 { "-" } else { "" };
        let text = format!("{:0>width$}", rounded.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = text.split_at(text.len() - decimals);
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl Location {
    /// `above` the origin of its cell.
    pub fn new(origin: Option<Origin>, above: f64) -> Location {
        Location { origin, above }
    }

    /// The nearest f64.
    pub fn value(self) -> f64 {
        self.origin.map_or(self.above, |origin| origin.at + self.above)
    }

    /// What lies above the origin, or all of it.
    pub fn above(self) -> f64 {
        self.above
    }

    /// All its digits down to so many behind the point, when it has an origin.
    pub fn fixed(self, decimals: usize) -> Option<String> {
        Some(self.origin?.fixed(self.above, decimals))
    }
}

/// A number; one with more digits than f64 keeps where the cell has an origin.
impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(origin) = self.origin else { return serializer.serialize_f64(self.above) };
        let text = origin.fixed(self.above, origin.decimals);
        let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        RawValue::from_string(short.to_owned()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl Cell {
    /// Keeps the values as differences from an origin where they share so many digits that their differences would
    /// be lost. `rests` holds them by group.
    pub(super) fn set_origin(&mut self, rests: &[Rests]) -> Result<(), TooFine> {
        if rests.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let all = || self.groups.iter().flat_map(|group| group.values.iter().copied());
        let Some(at) = median(all().collect()) else { return Ok(()) };
        let shares = |spread: f64| spread < at.abs() * SHARED;
        let close = all().filter(|value| shares((value - at).abs())).count();
        let in_blocks = self.ranges_in_blocks(self.groups.iter().map(|group| group.values.as_slice()));
        if 2 * close < all().count() && !median(in_blocks).is_some_and(shares) {
            return Ok(());
        }
        let differences: Vec<Vec<f64>> = (self.groups.iter().zip(rests))
            .map(|(group, rests)| differences(&group.values, rests, at))
            .collect();
        let all = || differences.iter().flatten().copied();
        if all().any(f64::is_nan) {
            return Err(TooFine { near: at });
        }
        // Equal values say nothing about how far others lie apart.
        let mut in_blocks = self.ranges_in_blocks(differences.iter().map(Vec::as_slice));
        in_blocks.retain(|range| *range > 0.0);
        let apart = median(all().map(|difference| difference.abs()).filter(|apart| *apart > 0.0).collect());
        let spreads = [median(in_blocks), apart];
        let Some(spread) = spreads.into_iter().flatten().filter(|spread| shares(*spread)).reduce(f64::min)
        else {
            return Ok(());
        };
        for (group, values) in self.groups.iter_mut().zip(differences) {
            group.values = values;
        }
        let decimals = (12.0 - spread.log10().floor()).clamp(0.0, 30.0) as usize;
        self.origin = Some(Origin { at, decimals });
        Ok(())
    }

    /// The range of the values of each block with several: groups are compared there, however far blocks lie apart.
    /// `values` holds those of each group.
    fn ranges_in_blocks<'a>(&self, values: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
        let mut blocks: HashMap<u32, (f64, f64, usize)> = HashMap::new();
        for (group, values) in self.groups.iter().zip(values) {
            for (&block, &value) in group.blocks.iter().zip(values) {
                let (lo, hi, n) = blocks.entry(block).or_insert((value, value, 0));
                (*lo, *hi, *n) = (lo.min(value), hi.max(value), *n + 1);
            }
        }
        blocks.into_values().filter(|(.., n)| *n > 1).map(|(lo, hi, _)| hi - lo).collect()
    }
}

/// The upper median.
fn median(mut values: Vec<f64>) -> Option<f64> {
    let half = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(half, f64::total_cmp).1)
}

/// The numbers behind `values` minus `origin`, rounded once.
fn differences(values: &[f64], rests: &[f64], origin: f64) -> Vec<f64> {
    let rest = |place: usize, value: f64| match rests.get(place) {
        Some(rest) if *rest != SHORT => *rest,
        // What a short number lacks is not kept when it is read; its shortest text is its text.
        _ => Some(exact::rest(&value.to_string(), value)).filter(|rest| !rest.is_nan()).unwrap_or(0.0),
    };
    let numbers = values.iter().enumerate();
    numbers.map(|(place, &value)| (value - origin) + rest(place, value) + 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(at: f64, above: f64, decimals: usize) -> String {
        serde_json::to_string(&Location::new(Some(Origin { at, decimals }), above)).unwrap()
    }

    #[test]
    fn a_location_is_written_with_all_its_digits() {
        assert_eq!(written(1.7e18, 99.625, 11), "1700000000000000099.625");
        assert_eq!(written(-1.7e18, -99.5, 0), "-1700000000000000100");
        assert_eq!(written(1.7e9, 9.7e-8, 20), "1700000000.000000097");
        assert_eq!(written(1700000000.1, 9.5367431640625e-8, 20), "1700000000.1");
        assert_eq!(written(0.25, -0.25, 12), "0");
        assert_eq!(written(1e-9, -2e-9, 12), "-0.000000001");
        assert_eq!(serde_json::to_string(&Location::new(None, 0.1)).unwrap(), "0.1");
    }
}
