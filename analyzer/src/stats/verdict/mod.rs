//! The verdict on one contrast: a table of seven rows, the first that matches decides.

mod aa;
mod contrast;
mod text;
mod unit;

pub use aa::{AaReading, aa_reading};
pub use contrast::{Comparison, Names, compare_in_blocks, compare_paired, compare_unpaired};
pub use unit::Unit;

use std::fmt;

use super::tail::Apart;
use super::{Interval, Result, check, power};

/// Below this many blocks (or values per group) nothing is said: the 95 % interval does not exist yet.
pub const LEAST_N: usize = 6;

/// What the intervals say about the difference d = b minus a and the margin m. Inequalities are strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The interval lies wholly beyond +m or wholly beyond -m.
    Relevant,
    /// The interval excludes 0, and that of equivalence lies inside (-m, m).
    Negligible,
    /// The interval of equivalence lies inside (-m, m).
    Equivalent,
    /// The interval excludes 0, but reaches across the margin; or the typical values are equivalent, and the mean or single
    /// trials contradict it.
    Unresolved,
    /// Nothing of the above: the data do not decide.
    Inconclusive,
    /// Too few blocks, or no interval of the level exists at this n.
    NotAnalysable,
}

impl Verdict {
    /// The word used in files: `relevant`, `negligible`, `equivalent`, `unresolved`, `inconclusive`, `not_analysable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevant => "relevant",
            Self::Negligible => "negligible",
            Self::Equivalent => "equivalent",
            Self::Unresolved => "unresolved",
            Self::Inconclusive => "inconclusive",
            Self::NotAnalysable => "not_analysable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much data a contrast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleSize {
    /// Complete blocks, compared within.
    Blocks(usize),
    /// Values per group, unpaired: of a, of b.
    Groups(usize, usize),
}

impl SampleSize {
    /// The number that decides: blocks, or the smaller group.
    pub fn least(self) -> usize {
        match self {
            Self::Blocks(n) => n,
            Self::Groups(a, b) => a.min(b),
        }
    }
}

/// Levels of the two intervals that decide on a contrast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Of the interval that shows a difference.
    pub differs: f64,
    /// Of the interval that shows equivalence.
    pub within: f64,
}

impl Levels {
    /// A contrast by itself: 95 %, and 90 % for equivalence, whose two one-sided tests have 5 % each (Schuirmann 1987).
    pub const SINGLE: Self = Self { differs: 0.95, within: 0.9 };

    /// One of a family: the same simultaneous interval decides in both directions. Whatever the truth is, a false claim of
    /// either kind needs an interval that misses it.
    pub fn simultaneous(level: f64) -> Self {
        Self { differs: level, within: level }
    }
}

/// Trials apart from the rest, to one side: of a, or of b (of the differences, where there are blocks).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// They are values of a.
    pub of_a: bool,
    /// How many, and how far.
    pub apart: Apart,
}

impl Side {
    /// What it moves the mean of b minus a by.
    pub fn pull(self) -> f64 {
        if self.of_a { -self.apart.moves_mean } else { self.apart.moves_mean }
    }
}

/// What contradicts equivalence although the typical trials may be equivalent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Against {
    /// Trials apart from the rest, too many for a single bad moment: the side that moves the mean most.
    Tail(Side),
    /// A mean beyond the margin that its interval tells from 0.
    Mean {
        /// Mean of b minus a.
        mean: f64,
        /// Its t interval.
        ci: Interval,
    },
}

impl Against {
    /// Whether the mean of b is the higher one.
    pub fn is_higher(&self) -> bool {
        match self {
            Self::Tail(side) => side.pull() > 0.0,
            Self::Mean { mean, .. } => *mean > 0.0,
        }
    }
}

/// One contrast, d = b minus a, as the decision table sees it.
#[derive(Debug, Clone, Copy)]
pub struct Contrast<'a> {
    /// Name of the reference.
    pub a: &'a str,
    /// Name of what is compared with it.
    pub b: &'a str,
    /// Blocks or group sizes.
    pub n: SampleSize,
    /// Hodges-Lehmann estimate of d.
    pub estimate: Option<f64>,
    /// Its interval at `levels.differs`.
    pub ci: Option<Interval>,
    /// Its interval at `levels.within`, for equivalence.
    pub ci_within: Option<Interval>,
    /// Levels of both.
    pub levels: Levels,
    /// Equivalence margin m, >= 0, in the unit of the data.
    pub margin: f64,
    /// Whether every block gave the same difference (or neither group varies).
    pub no_variation: bool,
    /// Step of the data, where the intervals are extended by it.
    pub step: Option<f64>,
    /// What contradicts equivalence.
    pub against: Option<Against>,
    /// All trials apart from the rest.
    pub apart: &'a [Side],
    /// How differences are written.
    pub unit: &'a Unit,
}

impl Contrast<'_> {
    /// Whether more trials than single bad moments stand apart from the rest.
    fn has_pattern(&self) -> bool {
        self.apart.iter().any(|side| side.apart.is_pattern())
    }
}

/// A verdict and its sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The row that matched.
    pub verdict: Verdict,
    /// The sentence, lower case, without a full stop, true on its own.
    pub text: String,
    /// What contradicts equivalence, as a clause: where the verdict rests on that, or is open beside trials apart from the rest.
    pub contradiction: Option<String>,
    /// Only when inconclusive, the estimate is inside the margin and nothing else widens the interval (a coarse step, trials
    /// apart from the rest): about how many more blocks (or values per group) would settle it, see [`power::more_blocks`].
    pub more_blocks: Option<u64>,
}

/// Applies the decision table. Errors: a number that is not finite, a negative margin, a level outside (0, 1).
pub fn judge(contrast: &Contrast) -> Result<Judgement> {
    check::not_negative("margin", contrast.margin)?;
    check::fraction("level", contrast.levels.differs)?;
    check::fraction("level", contrast.levels.within)?;
    let bounds = [contrast.ci, contrast.ci_within].into_iter().flatten().flat_map(|ci| [ci.lo, ci.hi]);
    check::finite(&contrast.estimate.into_iter().chain(bounds).collect::<Vec<f64>>())?;

    let (Some(d), Some(ci), Some(within)) = (contrast.estimate, contrast.ci, contrast.ci_within) else {
        return not_analysable(contrast);
    };
    if contrast.n.least() < LEAST_N {
        return not_analysable(contrast);
    }
    let found = text::Found { contrast, d, ci, within };
    let verdict = row(ci, within, contrast.margin, contrast.against.is_some());
    let more_blocks = match verdict {
        // More values of a coarse step have the same step, and more values with as many apart are no narrower for it.
        Verdict::Inconclusive if contrast.step.is_none() && !contrast.has_pattern() => {
            power::more_blocks(contrast.n.least(), d, within, contrast.margin)
        }
        _ => None,
    };
    let contradiction = found.contradiction(verdict);
    let text = found.sentence(verdict, contradiction.as_deref(), more_blocks);
    Ok(Judgement { verdict, text, contradiction, more_blocks })
}

/// Rows 2 to 7 of the table, in their order.
fn row(ci: Interval, within: Interval, margin: f64, contradicted: bool) -> Verdict {
    let (differs, within) = (ci.excludes_zero(), within.strictly_within(margin));
    if ci.strictly_beyond(margin) {
        Verdict::Relevant
    } else if within && contradicted {
        Verdict::Unresolved
    } else if differs && within {
        Verdict::Negligible
    } else if within {
        Verdict::Equivalent
    } else if differs {
        Verdict::Unresolved
    } else {
        Verdict::Inconclusive
    }
}

fn not_analysable(contrast: &Contrast) -> Result<Judgement> {
    let text = text::not_analysable(contrast)?;
    Ok(Judgement { verdict: Verdict::NotAnalysable, text, contradiction: None, more_blocks: None })
}

#[cfg(test)]
mod tests;
