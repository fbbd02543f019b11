//! Intervals as they stand in the JSON.

use crate::stats::Interval;
use crate::stats::quantile::QuantileInterval;

/// `[lo, hi]`; a missing bound is `null` inside the pair, an interval that does not exist is `null`.
pub type Bounds = Option<[Option<f64>; 2]>;

pub(super) fn both(interval: Option<Interval>) -> Bounds {
    interval.map(|Interval { lo, hi }| [Some(lo), Some(hi)])
}

pub(super) fn either(interval: Option<QuantileInterval>) -> Bounds {
    interval.map(|QuantileInterval { lo, hi, .. }| [lo, hi])
}
