//! Numbers of `summary.json`.

use crate::stats::Interval;
use serde::{Serialize, Serializer};

/// Significant digits kept: far more than any number here deserves, few enough that the last bits of another machine's
/// logarithm do not show.
const DIGITS: usize = 9;

/// A finite number, rounded; null where it is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = format!("{:.*e}", DIGITS - 1, self.0).parse::<f64>();
        match rounded {
            Ok(value) if value.is_finite() => serializer.serialize_f64(value + 0.0),
            _ => serializer.serialize_none(),
        }
    }
}

/// An interval: `[lo, hi]`.
pub(super) type Pair = [Number; 2];

pub(super) fn number(value: f64) -> Number {
    Number(value)
}

pub(super) fn maybe(value: Option<f64>) -> Option<Number> {
    value.map(Number)
}

pub(super) fn pair(ci: Option<Interval>) -> Option<Pair> {
    ci.map(|ci| [Number(ci.lo), Number(ci.hi)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_never_nan() {
        let json = |value: f64| serde_json::to_string(&number(value)).unwrap();
        assert_eq!(json(0.1 + 0.2), "0.3");
        assert_eq!(json(1.0 / 3.0), "0.333333333");
        assert_eq!(json(123_456_789_012.0), "123456789000.0");
        assert_eq!(json(-0.0), "0.0");
        assert_eq!(json(f64::NAN), "null");
        assert_eq!(json(f64::INFINITY), "null");
    }
}
