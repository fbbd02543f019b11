//! The decision rule, free of data: see the table in the [module](super).

use crate::stats::Interval;

/// What a prediction says of its quantity. At least one bound; both belong to the region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Lower bound; none where it has none.
    pub lo: Option<f64>,
    /// Upper bound; none where it has none.
    pub hi: Option<f64>,
}

impl Region {
    /// The bounds that exist.
    pub fn bounds(&self) -> impl Iterator<Item = f64> {
        self.lo.into_iter().chain(self.hi)
    }

    /// The same region of logarithms; the bounds of a ratio are positive.
    pub fn ln(&self) -> Region {
        Region { lo: self.lo.map(f64::ln), hi: self.hi.map(f64::ln) }
    }

    /// Whether a value lies in it.
    pub fn contains(&self, value: f64) -> bool {
        self.lo.is_none_or(|lo| value >= lo) && self.hi.is_none_or(|hi| value <= hi)
    }

    /// Whether all of an interval lies in it.
    pub fn holds(&self, ci: Interval) -> bool {
        self.contains(ci.lo) && self.contains(ci.hi)
    }

    /// Whether no value of an interval lies in it.
    pub fn misses(&self, ci: Interval) -> bool {
        self.lo.is_some_and(|lo| ci.hi < lo) || self.hi.is_some_and(|hi| ci.lo > hi)
    }

    /// Whether it begins or ends at 0, so that it speaks of a direction and of no size.
    fn is_direction(&self) -> bool {
        self.bounds().any(|bound| bound == 0.0)
    }
}

/// What became of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// The interval lies inside what the claim says.
    Supported,
    /// The two arms differ, if at all, by less than the margin.
    Equivalent,
    /// The interval lies outside what the claim says.
    Contradicted,
    /// This run does not decide it.
    Undecided,
}

impl Judgement {
    /// Every judgement, in the order of the report.
    pub const ALL: [Judgement; 4] =
        [Judgement::Supported, Judgement::Equivalent, Judgement::Contradicted, Judgement::Undecided];

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Judgement::Supported => "supported",
            Judgement::Equivalent => "equivalent within the margin",
            Judgement::Contradicted => "contradicted",
            Judgement::Undecided => "not decidable here",
        }
    }
}

/// Rows 2 to 5 of the table. `margin` is that of a quantity whose null value is 0; none for a level, and where the mean or
/// single trials contradict equivalence.
pub fn decide(region: Region, ci: Interval, margin: Option<f64>) -> Judgement {
    let equivalent = margin.is_some_and(|margin| ci.strictly_within(margin));
    if region.holds(ci) && !(equivalent && region.is_direction()) {
        Judgement::Supported
    } else if equivalent {
        Judgement::Equivalent
    } else if region.misses(ci) {
        Judgement::Contradicted
    } else {
        Judgement::Undecided
    }
}
