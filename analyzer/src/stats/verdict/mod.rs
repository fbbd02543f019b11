//! The verdict on one contrast: a table of six rows, the first that matches decides.

mod aa;
mod contrast;
mod text;
mod unit;

pub use aa::{AaReading, aa_reading};
pub use contrast::{Comparison, Names, compare_paired, compare_unpaired};
pub use unit::Unit;

use std::fmt;

use super::{Interval, Result, check, power};

/// Below this many blocks (or values per group) nothing is said: the 95 % interval does not exist yet.
pub const LEAST_N: usize = 6;

/// What the intervals say about the difference d = b minus a and the margin m. Inequalities are strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The 95 % interval lies wholly beyond +m or wholly beyond -m.
    Relevant,
    /// The 95 % interval excludes 0 and the 90 % interval lies inside (-m, m).
    Negligible,
    /// The 90 % interval lies inside (-m, m).
    Equivalent,
    /// The 95 % interval excludes 0, but reaches across the margin.
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
    /// Its interval at `level`.
    pub ci: Option<Interval>,
    /// Level of `ci`: .95, or 1 - .05/k when the family of k contrasts is controlled.
    pub level: f64,
    /// Its 90 % interval, for equivalence.
    pub ci90: Option<Interval>,
    /// Equivalence margin m, >= 0, in the unit of the data.
    pub margin: f64,
    /// Whether every block gave the same difference (or neither group varies).
    pub no_variation: bool,
    /// How differences are written.
    pub unit: &'a Unit,
}

/// A verdict and its sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The row that matched.
    pub verdict: Verdict,
    /// The sentence, lower case, without a full stop, true on its own.
    pub text: String,
    /// Only when inconclusive and the estimate is inside the margin: about how many more blocks (or values per group)
    /// would settle it, see [`power::more_blocks`].
    pub more_blocks: Option<u64>,
}

/// Applies the decision table. Errors: a number that is not finite, a negative margin, a level outside (0, 1).
pub fn judge(contrast: &Contrast) -> Result<Judgement> {
    check::not_negative("margin", contrast.margin)?;
    check::fraction("level", contrast.level)?;
    let bounds = [contrast.ci, contrast.ci90].into_iter().flatten().flat_map(|ci| [ci.lo, ci.hi]);
    check::finite(&contrast.estimate.into_iter().chain(bounds).collect::<Vec<f64>>())?;

    let (Some(d), Some(ci), Some(ci90)) = (contrast.estimate, contrast.ci, contrast.ci90) else {
        return not_analysable(contrast);
    };
    if contrast.n.least() < LEAST_N {
        return not_analysable(contrast);
    }
    let found = text::Found { contrast, d, ci, ci90 };
    let verdict = row(ci, ci90, contrast.margin);
    let more_blocks = match verdict {
        Verdict::Inconclusive => power::more_blocks(contrast.n.least(), d, ci90, contrast.margin),
        _ => None,
    };
    Ok(Judgement { verdict, text: found.sentence(verdict, more_blocks), more_blocks })
}

/// Rows 2 to 6 of the table, in their order.
fn row(ci: Interval, ci90: Interval, margin: f64) -> Verdict {
    let (differs, within) = (ci.excludes_zero(), ci90.strictly_within(margin));
    if ci.strictly_beyond(margin) {
        Verdict::Relevant
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
    Ok(Judgement { verdict: Verdict::NotAnalysable, text, more_blocks: None })
}

#[cfg(test)]
mod tests;
