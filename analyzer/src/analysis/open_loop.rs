//! The arms of an open loop against the baseline: by the time that a user waits, not by efficiency, which needs a common
//! release.

use super::contrast::pairs;
use super::group::{Group, repeated};
use super::{At, Family, Latency, Metric, Settings};
use crate::load::Run;
use crate::metrics::{Outcome, TrialMetrics};
use crate::stats::verdict::{Comparison, Levels, Names, Unit, Verdict, compare_paired};
use crate::stats::{self, Interval, hodges_lehmann};

/// What verdicts rest on: the wait that a slow client cannot hide, where it hurts.
const JUDGED: Metric = Metric::Open(Latency::TtftIntended, At::P99);

/// One arm against the baseline by [`JUDGED`], paired by block.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenContrast {
    /// Arm label.
    pub arm: String,
    /// The arm is the baseline under a second label.
    pub is_control: bool,
    /// Blocks in which both arms have a trial that counts.
    pub n: usize,
    /// Hodges-Lehmann estimate of arm / baseline.
    pub ratio: Option<f64>,
    /// Its interval: at the family's level, and at 95 % for the control.
    pub ci: Option<Interval>,
    /// The row of the decision table with the plan's margin for times.
    pub verdict: Verdict,
    /// The verdict in words.
    pub text: String,
    /// What contradicts equivalence, as a clause; only where the verdict rests on that or is open.
    pub contradiction: Option<String>,
    /// The ratio with invalid trials taken in, and its blocks: a client that fell behind must not vanish with them.
    pub with_invalid: Option<(usize, f64)>,
}

impl OpenContrast {
    /// True when the instrument sees a difference of the baseline to itself.
    pub fn is_biased(&self) -> bool {
        self.is_control && self.ci.is_some_and(|ci| !ci.contains(1.0))
    }
}

/// Labels compared in a cell: none in a closed loop, in an exploratory set and without the baseline.
fn compared<'a>(group: &'a Group, baseline: &'a str) -> Vec<&'a str> {
    let there = group.arms.iter().any(|(label, _)| label == baseline);
    if !there || group.facts.has_efficiency() || group.facts.exploratory {
        return Vec::new();
    }
    group.arms.iter().map(|(label, _)| label.as_str()).filter(|label| *label != baseline).collect()
}

/// Contrasts of a cell that get a verdict: the control is none.
pub(super) fn contrasts(group: &Group, baseline: &str) -> usize {
    compared(group, baseline).into_iter().filter(|label| repeated(label).is_none()).count()
}

pub(super) fn judge(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    settings: &Settings,
    family: &Family,
) -> stats::Result<Vec<OpenContrast>> {
    let baseline = settings.baseline.as_str();
    let mut found = Vec::new();
    for arm in compared(group, baseline) {
        let is_control = repeated(arm).is_some();
        let logs = |of: fn(&Outcome) -> Option<&TrialMetrics>| -> Vec<f64> {
            let log = |outcome: &Outcome| JUDGED.of(of(outcome)?).filter(|ns| *ns > 0.0).map(f64::ln);
            pairs(run, outcomes, group, baseline, arm, log).into_iter().map(|(_, d)| d).collect()
        };
        let (counted, complete) = (logs(Outcome::counted), logs(Outcome::complete));
        let with_invalid = hodges_lehmann::pseudo_median(&complete)?.map(|log| (complete.len(), log.exp()));
        let unit = Unit::log_as_percent();
        let names = Names { a: baseline, b: arm, unit: &unit };
        // A control is never widened for a family: that would hide a bias.
        let levels = if is_control { Levels::SINGLE } else { family.levels() };
        let Comparison { estimate, ci, judgement, .. } =
            compare_paired(&counted, levels, settings.margin_log_time, names)?;
        found.push(OpenContrast {
            arm: arm.to_owned(),
            is_control,
            n: counted.len(),
            ratio: estimate.map(f64::exp),
            ci: ci.map(|ci| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() }),
            verdict: judgement.verdict,
            text: judgement.text,
            contradiction: judgement.contradiction,
            with_invalid,
        });
    }
    Ok(found)
}
