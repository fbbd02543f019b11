//! How the numbers of a cell are rounded.

use super::super::bounds::{Bounds, LocationBounds};
use super::super::object::Object;
use crate::columns::Location;
use crate::report::format;

/// Longer fractions are written with an exponent.
const MOST_DECIMALS: usize = 9;

/// The same where values share so many digits that an exponent would hide their differences.
const MOST_DECIMALS_ABOVE_ORIGIN: usize = 30;

/// Larger numbers are written with an exponent.
const LARGEST: f64 = 1e12;

/// Digits of the numbers of one cell in the unit of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// Digits after the point; none where an exponent reads better.
    decimals: Option<usize>,
    most: usize,
}

impl Scale {
    /// Three digits of the least standard deviation; without variation, four of the least value.
    pub(super) fn of(object: &Object) -> Self {
        let groups = || object.groups.iter().map(|(_, group)| group);
        let least =
            |values: &mut dyn Iterator<Item = f64>| values.filter(|v| *v > 0.0).min_by(f64::total_cmp);
        let spread = least(&mut groups().filter_map(|group| group.sd));
        let size = least(&mut groups().map(|group| group.min.above().abs()));
        let largest =
            groups().map(|group| group.max.above().abs().max(group.min.above().abs())).fold(0.0, f64::max);
        let most = if object.origin.is_some() { MOST_DECIMALS_ABOVE_ORIGIN } else { MOST_DECIMALS };
        let place = |value: f64, digits: i32| digits - 1 - value.log10().floor() as i32;
        let decimals = spread.map(|sd| place(sd, 3)).or(size.map(|size| place(size, 4))).unwrap_or(0).max(0);
        let readable = decimals as usize <= most && largest < LARGEST;
        Self { decimals: readable.then_some(decimals as usize), most }
    }

    /// One number.
    pub(super) fn show(self, value: f64) -> String {
        match self.decimals {
            Some(decimals) => format::fixed(value, decimals),
            None => format!("{:.3e}", value + 0.0),
        }
    }

    /// A number on the scale of the column.
    pub(super) fn locate(self, location: Location) -> String {
        self.decimals
            .and_then(|decimals| location.fixed(decimals))
            .unwrap_or_else(|| self.show(location.value()))
    }

    /// `99.8 [99.1, 100.2]`, or `99.8 [needs >= 6]`.
    pub(super) fn with(self, value: Location, bounds: LocationBounds, n: usize, least: usize) -> String {
        let shown = bounds.map(|bounds| bounds.map(|bound| bound.map(|bound| self.locate(bound))));
        format!("{} {}", self.locate(value), interval(shown, n, least))
    }

    /// A difference with its sign and interval, with so many digits that no bound beside 0 reads as 0.
    pub(super) fn difference(self, value: f64, bounds: Bounds, n: usize, least: usize) -> String {
        let scale = self.telling_zero(&[Some([Some(value), None]), bounds]);
        let sign = if value > 0.0 { "+" } else { "" };
        let shown = bounds.map(|bounds| bounds.map(|bound| bound.map(|bound| scale.show(bound))));
        format!("{sign}{} {}", scale.show(value), interval(shown, n, least))
    }

    fn telling_zero(self, numbers: &[Bounds]) -> Self {
        let Some(least) = self.decimals else { return self };
        let numbers =
            || numbers.iter().flatten().flatten().flatten().copied().filter(|number| *number != 0.0);
        let zero = |text: String| text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        let tells = |decimals: &usize| !numbers().any(|number| zero(format::fixed(number, *decimals)));
        Self { decimals: (least..=self.most).find(tells), ..self }
    }
}

fn interval(bounds: Option<[Option<String>; 2]>, n: usize, least: usize) -> String {
    let or_none = |bound: Option<String>| bound.unwrap_or_else(|| format::NONE.to_owned());
    match bounds {
        Some([lo, hi]) => format!("[{}, {}]", or_none(lo), or_none(hi)),
        None => format!("[{}]", super::or_needs(None, n, least)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_beside_zero_never_reads_as_zero() {
        let scale = Scale { decimals: Some(2), most: MOST_DECIMALS };
        let shown = |lo: f64, hi: f64| scale.difference(0.2, Some([Some(lo), Some(hi)]), 9, 6);
        assert_eq!(shown(-0.1, 0.5), "+0.20 [-0.10, 0.50]");
        assert_eq!(shown(0.0004, 0.5), "+0.2000 [0.0004, 0.5000]");
        assert_eq!(shown(0.0, 0.5), "+0.20 [0.00, 0.50]");
        assert_eq!(shown(1e-12, 0.5), "+2.000e-1 [1.000e-12, 5.000e-1]");
    }

    #[test]
    fn what_n_cannot_support_is_said() {
        let scale = Scale { decimals: Some(1), most: MOST_DECIMALS };
        let at = |value| Location::new(None, value);
        assert_eq!(scale.with(at(3.0), None, 5, 6), "3.0 [needs >= 6]");
        assert_eq!(scale.with(at(3.0), None, 8, 6), "3.0 [–]");
        assert_eq!(scale.with(at(3.0), Some([Some(at(2.0)), None]), 8, 6), "3.0 [2.0, –]");
    }
}
