//! Intervals as they stand in the JSON.

use crate::columns::Location;
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

/// The same of a mean or a quantile.
pub type LocationBounds = Option<[Option<Location>; 2]>;

pub(super) fn located(bounds: Bounds, at: impl Fn(f64) -> Location) -> LocationBounds {
    bounds.map(|bounds| bounds.map(|bound| bound.map(&at)))
}
