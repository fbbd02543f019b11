//! The sentence of a verdict.

use super::{Contrast, LEAST_N, SampleSize, Verdict};
use crate::stats::{Interval, Result, hodges_lehmann, rank_sum};

/// A contrast whose numbers all exist.
pub(super) struct Found<'a> {
    pub contrast: &'a Contrast<'a>,
    pub d: f64,
    pub ci: Interval,
    pub ci90: Interval,
}

impl Found<'_> {
    pub(super) fn sentence(&self, verdict: Verdict, more_blocks: Option<u64>) -> String {
        let margin = self.contrast.unit.margin(self.contrast.margin);
        let sentence = match verdict {
            Verdict::Relevant => self.direction(),
            Verdict::Negligible => {
                format!("they differ, by less than the margin of {margin}: {}", self.direction())
            }
            Verdict::Equivalent => {
                format!("equivalent within {margin}: {}", self.signed(self.ci90, "90 %"))
            }
            Verdict::Unresolved => {
                format!("they differ; size unresolved against {margin}: {}", self.direction())
            }
            Verdict::Inconclusive | Verdict::NotAnalysable => self.inconclusive(&margin, more_blocks),
        };
        if self.contrast.no_variation { format!("{sentence}; no variation") } else { sentence }
    }

    /// "b is lower than a by 1.20 pp [0.80, 1.60]": magnitudes, since the word carries the sign.
    fn direction(&self) -> String {
        let Contrast { a, b, unit, .. } = self.contrast;
        let up = self.ci.lo > 0.0;
        let shown = [self.d, self.ci.lo, self.ci.hi].map(unit.shown).map(|x| if up { x } else { -x });
        let written = unit.numbers(&shown, &self.landmarks());
        let (near, far) = if up { (1, 2) } else { (2, 1) };
        let word = if up { "higher" } else { "lower" };
        let s = &unit.suffix;
        format!("{b} is {word} than {a} by {}{s} [{}, {}]", written[0], written[near], written[far])
    }

    /// "b minus a 0.10 pp, 90 % interval [-0.20, 0.40]".
    fn signed(&self, interval: Interval, level: &str) -> String {
        let Contrast { a, b, unit, .. } = self.contrast;
        let written = unit.numbers(&[self.d, interval.lo, interval.hi].map(unit.shown), &self.landmarks());
        let s = &unit.suffix;
        format!("{b} minus {a} {}{s}, {level} interval [{}, {}]", written[0], written[1], written[2])
    }

    fn inconclusive(&self, margin: &str, more_blocks: Option<u64>) -> String {
        let Contrast { a, b, unit, n, .. } = self.contrast;
        let written = unit.numbers(&[self.ci.lo, self.ci.hi].map(unit.shown), &self.landmarks());
        let s = &unit.suffix;
        let range = format!("{b} minus {a} is anywhere in [{}, {}]{s}", written[0], written[1]);
        match more_blocks {
            Some(more) => format!("{range}; about {more} more {} would settle it", things(*n, more)),
            None => format!(
                "{range}; the estimate is not inside {margin}, so no number of further {} is named",
                things(*n, 2)
            ),
        }
    }

    /// What a written number must not be mistaken for.
    fn landmarks(&self) -> [f64; 2] {
        let Contrast { unit, margin, .. } = self.contrast;
        [(unit.shown)(*margin), (unit.shown)(-margin)]
    }
}

/// Why nothing can be said, and how much data it would take.
pub(super) fn not_analysable(contrast: &Contrast) -> Result<String> {
    let level = percent(contrast.level);
    Ok(match contrast.n {
        SampleSize::Blocks(n) => {
            let least = hodges_lehmann::least_n(contrast.level)?.max(LEAST_N);
            if n < least {
                let why = if least > LEAST_N { format!(" for a {level} interval") } else { String::new() };
                format!("needs >= {least} blocks{why}, has {n}")
            } else {
                format!("no {level} interval of the difference was given")
            }
        }
        SampleSize::Groups(n1, n2) if n1.min(n2) < LEAST_N => {
            format!("needs >= {LEAST_N} per group, has {n1} and {n2}")
        }
        SampleSize::Groups(n1, n2) => {
            let tail = (1.0 - contrast.level) / 2.0;
            let least = (LEAST_N..=rank_sum::LARGEST_EXACT_N).find(|&n| {
                rank_sum::RankSumDistribution::new(n, n).is_some_and(|d| d.lower_rank(tail).is_some())
            });
            match least {
                Some(least) => {
                    format!("needs >= {least} per group for a {level} interval, has {n1} and {n2}")
                }
                None => format!("no {level} interval exists for groups of {n1} and {n2}"),
            }
        }
    })
}

fn things(n: SampleSize, count: u64) -> &'static str {
    match (n, count) {
        (SampleSize::Blocks(_), 1) => "block",
        (SampleSize::Blocks(_), _) => "blocks",
        (SampleSize::Groups(..), 1) => "value per group",
        (SampleSize::Groups(..), _) => "values per group",
    }
}

/// A level as a percentage with at most four decimals: "95 %", "98.75 %".
fn percent(level: f64) -> String {
    let written = format!("{:.4}", 100.0 * level);
    format!("{} %", written.trim_end_matches('0').trim_end_matches('.'))
}
