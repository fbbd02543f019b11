//! An interval, and an estimate with its interval.

/// A closed interval `[lo, hi]` in the unit of the data; both ends finite, `lo <= hi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

impl Interval {
    /// The interval of a value without variation.
    pub fn point(value: f64) -> Self {
        Self { lo: value, hi: value }
    }

    /// Half of its width.
    pub fn half_width(&self) -> f64 {
        (self.hi - self.lo) / 2.0
    }

    /// Whether `value` lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// Whether all of it lies strictly on one side of 0.
    pub fn excludes_zero(&self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }

    /// Whether all of it lies in the open band `(-margin, margin)`.
    pub fn strictly_within(&self, margin: f64) -> bool {
        self.lo > -margin && self.hi < margin
    }

    /// Whether all of it lies strictly above `margin` or strictly below `-margin`.
    pub fn strictly_beyond(&self, margin: f64) -> bool {
        self.lo > margin || self.hi < -margin
    }
}

/// A number and, where the sample supports one, its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its interval; `None` where none of the level asked for exists at this n.
    pub ci: Option<Interval>,
}
