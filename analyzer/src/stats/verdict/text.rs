//! The sentence of a verdict.

use super::{Against, Contrast, LEAST_N, SampleSize, Side, Unit, Verdict};
use crate::stats::{Interval, Result, hodges_lehmann};

/// A contrast whose numbers all exist.
pub(super) struct Found<'a> {
    pub contrast: &'a Contrast<'a>,
    pub d: f64,
    pub ci: Interval,
    pub within: Interval,
}

impl Found<'_> {
    pub(super) fn sentence(
        &self,
        verdict: Verdict,
        contradiction: Option<&str>,
        more_blocks: Option<u64>,
    ) -> String {
        let margin = self.margin();
        let mut sentence = match (verdict, contradiction) {
            (Verdict::Unresolved, Some(contradiction)) => format!("{contradiction}: {}", self.signed()),
            (Verdict::Relevant, _) => self.direction(),
            (Verdict::Negligible, _) => {
                format!("they differ, by less than the margin of {margin}: {}", self.direction())
            }
            (Verdict::Equivalent, _) => format!("equivalent within {margin}: {}", self.signed()),
            (Verdict::Unresolved, _) => {
                format!("they differ; size unresolved against {margin}: {}", self.direction())
            }
            (Verdict::Inconclusive | Verdict::NotAnalysable, _) => self.inconclusive(&margin, more_blocks),
        };
        // On a coarse grid the other step is no trial apart.
        let names_apart =
            matches!(verdict, Verdict::Equivalent | Verdict::Negligible | Verdict::Inconclusive);
        if names_apart && self.contrast.step.is_none() {
            let apart = self.contrast.apart.iter().map(|side| format!("; {}", self.apart(*side)));
            sentence.extend(apart);
        }
        if self.contrast.no_variation {
            sentence += "; no variation";
        }
        if let Some(step) = self.contrast.step {
            let steps = self.written(&[(self.contrast.unit.shown)(step)]).remove(0);
            let unit = &self.contrast.unit.suffix;
            sentence += &format!("; values move in steps of {steps}{unit}, which the interval allows for");
        }
        sentence
    }

    fn margin(&self) -> String {
        self.contrast.unit.margin(self.contrast.margin)
    }

    /// "the typical trial is equal within ± 0.50 pp, but 3 of 12 blocks are lower by about 50.00 pp"; none where the mean and
    /// single trials contradict nothing.
    pub(super) fn contradiction(&self, verdict: Verdict) -> Option<String> {
        let Contrast { a, b, unit, margin, against, .. } = self.contrast;
        let against = (*against)?;
        if let (Verdict::Inconclusive, Against::Tail(_)) = (verdict, against) {
            return Some(format!("{}, and how the typical trial compares is open", self.patterns()));
        }
        if verdict != Verdict::Unresolved || !self.within.strictly_within(*margin) {
            return None;
        }
        let but = match against {
            Against::Tail(_) => self.patterns(),
            Against::Mean { mean, ci } => {
                let written = self.written(&[mean, ci.lo, ci.hi].map(unit.shown));
                let [mean, lo, hi] = [&written[0], &written[1], &written[2]];
                format!("the mean of {b} minus {a} is {mean}{} [{lo}, {hi}]", unit.suffix)
            }
        };
        Some(format!("the typical trial is equal within {}, but {but}", self.margin()))
    }

    /// All trials apart that are more than a single bad moment.
    fn patterns(&self) -> String {
        let sides = self.contrast.apart.iter().filter(|side| side.apart.is_pattern());
        sides.map(|side| self.apart(*side)).collect::<Vec<_>>().join(" and ")
    }

    /// "3 of 12 blocks are lower by about 50.00 pp", "13 of 40 values of b are higher by about 20.000".
    fn apart(&self, side: Side) -> String {
        let Contrast { a, b, unit, n, .. } = self.contrast;
        let apart = side.apart;
        let which = match n {
            SampleSize::Blocks(_) => "blocks".to_owned(),
            SampleSize::Groups(..) => format!("values of {}", if side.of_a { a } else { b }),
        };
        let (is, word) =
            (if apart.count == 1 { "is" } else { "are" }, if apart.by < 0.0 { "lower" } else { "higher" });
        let by = self.written(&[(unit.shown)(apart.by).abs()]).remove(0);
        format!("{} of {} {which} {is} {word} by about {by}{}", apart.count, apart.of, unit.suffix)
    }

    /// "b is lower than a by 1.20 pp [0.80, 1.60]": magnitudes, since the word carries the sign.
    fn direction(&self) -> String {
        let Contrast { a, b, unit, .. } = self.contrast;
        let up = self.ci.lo > 0.0;
        let shown = [self.d, self.ci.lo, self.ci.hi].map(unit.shown).map(|x| if up { x } else { -x });
        let written = self.written(&shown);
        let (near, far) = if up { (1, 2) } else { (2, 1) };
        let word = if up { "higher" } else { "lower" };
        let s = &unit.suffix;
        format!("{b} is {word} than {a} by {}{s} [{}, {}]", written[0], written[near], written[far])
    }

    /// "b minus a 0.10 pp, 90 % interval [-0.20, 0.40]".
    fn signed(&self) -> String {
        let Contrast { a, b, unit, levels, .. } = self.contrast;
        let written = self.written(&[self.d, self.within.lo, self.within.hi].map(unit.shown));
        let (s, level) = (&unit.suffix, percent(levels.within));
        format!("{b} minus {a} {}{s}, {level} interval [{}, {}]", written[0], written[1], written[2])
    }

    fn inconclusive(&self, margin: &str, more_blocks: Option<u64>) -> String {
        let Contrast { a, b, unit, n, .. } = self.contrast;
        let written = self.written(&[self.ci.lo, self.ci.hi].map(unit.shown));
        let s = &unit.suffix;
        let range = format!("{b} minus {a} is anywhere in [{}, {}]{s}", written[0], written[1]);
        match more_blocks {
            Some(more) => format!("{range}; about {more} more {} would settle it", things(*n, more)),
            // The sentence goes on with what widens the interval.
            None if self.contrast.step.is_some() || self.contrast.has_pattern() => range,
            None => format!(
                "{range}; the estimate is not inside {margin}, so no number of further {} is named",
                things(*n, 2)
            ),
        }
    }

    /// Numbers in the unit shown, none of which reads as the margin that it differs from.
    fn written(&self, shown: &[f64]) -> Vec<String> {
        let Contrast { unit: Unit { shown: show, .. }, margin, .. } = self.contrast;
        self.contrast.unit.numbers(shown, &[show(*margin), show(-margin)])
    }
}

/// Why nothing can be said, and how much data it would take.
pub(super) fn not_analysable(contrast: &Contrast) -> Result<String> {
    let level = contrast.levels.differs;
    let least = hodges_lehmann::least_n(level)?.max(LEAST_N);
    let why = if least > LEAST_N { format!(" for a {} interval", percent(level)) } else { String::new() };
    Ok(match contrast.n {
        n if n.least() >= least => format!("no {} interval of the difference was given", percent(level)),
        SampleSize::Blocks(n) => format!("needs >= {least} blocks{why}, has {n}"),
        SampleSize::Groups(n1, n2) => format!("needs >= {least} per group{why}, has {n1} and {n2}"),
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
