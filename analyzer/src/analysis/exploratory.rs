//! Comparisons without a verdict, with p values adjusted over all of them: of everything but efficiency in every
//! cell, and of efficiency in the cells of exploratory sets.

use super::group::{Group, repeated};
use super::{EXPLORATORY, EXPLORATORY_OPEN, Metric, Scale, Settings, contrast};
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, Interval, hodges_lehmann, multiple, wilcoxon};

/// One arm against the baseline by one quantity, paired by block.
#[derive(Debug, Clone, PartialEq)]
pub struct Exploratory {
    /// Cell.
    pub cell: String,
    /// Arm label.
    pub arm: String,
    /// Quantity.
    pub metric: Metric,
    /// Complete pairs.
    pub n: usize,
    /// Hodges-Lehmann estimate: a difference in the metric's unit, or a ratio (arm / baseline).
    pub estimate: f64,
    /// 95 % interval on the same scale; none under 6 pairs.
    pub ci: Option<Interval>,
    /// Wilcoxon signed-rank p; none where all differences are 0.
    pub p: Option<f64>,
    /// Benjamini-Hochberg adjusted over all exploratory comparisons of the run.
    pub p_adjusted: Option<f64>,
    /// The arm is the baseline under a second label: what is seen here is no property of an arm.
    pub is_control: bool,
}

impl Exploratory {
    /// True when the interval exists and leaves out equality.
    pub fn excludes_equality(&self) -> bool {
        let null = match self.metric.scale() {
            Scale::Difference => 0.0,
            Scale::Ratio => 1.0,
        };
        self.ci.is_some_and(|ci| !ci.contains(null))
    }

    /// True when the interval leaves out equality and the adjusted p is below .05.
    pub fn is_established(&self) -> bool {
        self.excludes_equality() && self.p_adjusted.is_some_and(|p| p < 0.05)
    }
}

pub(super) fn compare_all(
    run: &Run,
    outcomes: &[Outcome],
    groups: &[Group],
    settings: &Settings,
) -> stats::Result<Vec<Exploratory>> {
    let mut found = Vec::new();
    for group in groups {
        let baseline = settings.baseline.as_str();
        for (arm, _) in group.arms.iter().filter(|(label, _)| label != baseline) {
            let efficiency = group.facts.exploratory.then_some(Metric::Efficiency);
            let open: &[Metric] = if group.facts.has_efficiency() { &[] } else { &EXPLORATORY_OPEN };
            for metric in efficiency.into_iter().chain(EXPLORATORY).chain(open.iter().copied()) {
                let pairs = contrast::pairs(run, outcomes, group, baseline, arm, |outcome| {
                    let value = metric.of(outcome.counted()?)?;
                    match metric.scale() {
                        Scale::Difference => Some(value),
                        Scale::Ratio => (value > 0.0).then(|| value.ln()),
                    }
                });
                let differences: Vec<f64> = pairs.iter().map(|(_, d)| *d).collect();
                found.extend(compare(group, arm, metric, &differences)?);
            }
        }
    }
    let tested: Vec<usize> =
        (0..found.len()).filter(|i| found[*i].p.is_some() && !found[*i].is_control).collect();
    let ps: Vec<f64> = tested.iter().filter_map(|i| found[*i].p).collect();
    for (place, adjusted) in tested.into_iter().zip(multiple::benjamini_hochberg(&ps)?) {
        found[place].p_adjusted = Some(adjusted);
    }
    Ok(found)
}

fn compare(
    group: &Group,
    arm: &str,
    metric: Metric,
    differences: &[f64],
) -> stats::Result<Option<Exploratory>> {
    let Some(estimate) = hodges_lehmann::hodges_lehmann(differences, 0.95)? else { return Ok(None) };
    let back = |value: f64| match metric.scale() {
        Scale::Difference => value,
        Scale::Ratio => value.exp(),
    };
    Ok(Some(Exploratory {
        cell: group.name.clone(),
        arm: arm.to_owned(),
        metric,
        n: differences.len(),
        estimate: back(estimate.value),
        ci: estimate.ci.map(|ci| Interval { lo: back(ci.lo), hi: back(ci.hi) }),
        p: wilcoxon::signed_rank_test(differences)?.map(|test| test.p()),
        p_adjusted: None,
        is_control: repeated(arm).is_some(),
    }))
}
