//! The arms of an open loop against the baseline: by the time that a user waits, not by efficiency, which needs a common
//! release.

use super::contrast::pairs;
use super::group::{Group, repeated};
use super::{At, Latency, Metric, Settings};
use crate::load::Run;
use crate::metrics::{Outcome, TrialMetrics};
use crate::stats::verdict::{Comparison, LEAST_N, Names, Unit, Verdict, compare_paired};
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
    /// The ratio with invalid trials taken in, and its blocks: a client that fell behind must not vanish with them.
    pub with_invalid: Option<(usize, f64)>,
}

/// The contrasts of a run's open loops that get a verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenFamily {
    /// How many.
    pub contrasts: usize,
    /// Level of their intervals: 1 - .05 / contrasts.
    pub level: f64,
    /// Least number of blocks at which an interval of that level exists.
    pub least_blocks: usize,
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

pub(super) fn family(groups: &[Group], baseline: &str) -> stats::Result<OpenFamily> {
    let real =
        |group| compared(group, baseline).into_iter().filter(|label| repeated(label).is_none()).count();
    let contrasts = groups.iter().map(real).sum();
    let level = super::family_level(contrasts);
    Ok(OpenFamily { contrasts, level, least_blocks: stats::hodges_lehmann::least_n(level)?.max(LEAST_N) })
}

pub(super) fn judge(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    settings: &Settings,
    level: f64,
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
        let level = if is_control { 0.95 } else { level };
        let Comparison { estimate, ci, judgement, .. } =
            compare_paired(&counted, level, settings.margin_log_time, names)?;
        found.push(OpenContrast {
            arm: arm.to_owned(),
            is_control,
            n: counted.len(),
            ratio: estimate.map(f64::exp),
            ci: ci.map(|ci| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() }),
            verdict: judgement.verdict,
            text: judgement.text,
            with_invalid,
        });
    }
    Ok(found)
}
