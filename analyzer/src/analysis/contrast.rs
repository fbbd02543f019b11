//! One arm against the baseline by efficiency, paired by block, with its verdict.

use super::Settings;
use super::group::Group;
use super::power::{Design, Power};
use crate::load::Run;
use crate::metrics::{Outcome, TrialMetrics};
use crate::stats::bootstrap::{Resampling, bootstrap_t, percentile_and_bca};
use crate::stats::shapiro_wilk::{ShapiroWilk, shapiro_wilk};
use crate::stats::verdict::{Against, Comparison, Levels, Names, Unit, Verdict, compare_paired};
use crate::stats::{self, Estimate, Interval, hodges_lehmann, mean, paired, permutation, power, wilcoxon};
use std::collections::BTreeMap;

/// One arm against the baseline. Differences are fractions, arm minus baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// Arm label.
    pub arm: String,
    /// Blocks in which both arms have a trial that counts.
    pub n: usize,
    /// Hodges-Lehmann estimate.
    pub estimate: Option<f64>,
    /// Its interval at the family's level: it decides in both directions.
    pub ci: Option<Interval>,
    /// Its 95 % interval, no verdict's.
    pub ci95: Option<Interval>,
    /// What the mean or single trials say against equivalence, whatever the verdict.
    pub against: Option<Against>,
    /// The row of the decision table.
    pub verdict: Verdict,
    /// The verdict in words.
    pub text: String,
    /// What contradicts equivalence, as a clause; only where the verdict rests on that or is open.
    pub contradiction: Option<String>,
    /// About how many more blocks would settle it; only when inconclusive.
    pub more_blocks: Option<u64>,
    /// What the blocks could detect, and how many more an equivalence would take.
    pub power: Power,
    /// The same from the mean's point of view.
    pub mean: MeanView,
    /// Within-block differences by block.
    pub differences: Vec<(u32, f64)>,
    /// The same with invalid trials taken in, as number of blocks and estimate: shows whether leaving them out matters.
    pub with_invalid: Option<(usize, Estimate)>,
}

/// What means say of the same differences, beside the robust estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MeanView {
    /// Mean difference.
    pub mean: Option<f64>,
    /// 95 % t interval.
    pub t_ci: Option<Interval>,
    /// p of the paired t test.
    pub t_p: Option<f64>,
    /// 95 % bootstrap-t interval.
    pub bootstrap_ci: Option<Interval>,
    /// 95 % percentile interval; in `summary.json` only.
    pub percentile_ci: Option<Interval>,
    /// 95 % BCa interval; in `summary.json` only.
    pub bca_ci: Option<Interval>,
    /// Whether the differences look normal; in `summary.json` only.
    pub normality: Option<ShapiroWilk>,
    /// p of the sign-flip permutation test.
    pub permutation_p: Option<f64>,
    /// p of Wilcoxon's signed-rank test.
    pub wilcoxon_p: Option<f64>,
    /// p of the paired equivalence test.
    pub tost_p: Option<f64>,
}

impl Contrast {
    /// Smallest difference that would have put 0 outside the interval.
    pub fn smallest_visible(&self) -> Option<f64> {
        self.ci.map(power::smallest_visible_difference)
    }

    /// True when the robust and the mean view disagree on whether 0 is excluded, both at 95 %.
    pub fn views_disagree(&self) -> bool {
        match (self.ci95, self.mean.bootstrap_ci) {
            (Some(robust), Some(mean)) => robust.excludes_zero() != mean.excludes_zero(),
            _ => false,
        }
    }
}

/// Within-block differences b minus a of a quantity, where both trials tell it, in block order.
pub(super) fn pairs(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    a: &str,
    b: &str,
    value: impl Fn(&Outcome) -> Option<f64>,
) -> Vec<(u32, f64)> {
    let by_block = |label: &str| -> BTreeMap<u32, f64> {
        let places = group.arms.iter().filter(|(name, _)| name == label).flat_map(|(_, places)| places);
        places.filter_map(|p| Some((run.trials[*p].row.block, value(&outcomes[*p])?))).collect()
    };
    let (a, b) = (by_block(a), by_block(b));
    a.iter().filter_map(|(block, a)| Some((*block, b.get(block)? - a))).collect()
}

pub(super) fn judge(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    arm: &str,
    settings: &Settings,
    design: &Design,
) -> stats::Result<Contrast> {
    let level = design.level;
    let baseline = settings.baseline.as_str();
    let efficiency = |trial: Option<&TrialMetrics>| Some(trial?.factors?.efficiency);
    let differences = pairs(run, outcomes, group, baseline, arm, |outcome| efficiency(outcome.counted()));
    let values: Vec<f64> = differences.iter().map(|(_, d)| *d).collect();
    let all = pairs(run, outcomes, group, baseline, arm, |outcome| efficiency(outcome.complete()));
    let all: Vec<f64> = all.into_iter().map(|(_, d)| d).collect();
    let with_invalid = hodges_lehmann::hodges_lehmann(&all, level)?.map(|estimate| (all.len(), estimate));
    let unit = Unit::percentage_points();
    let names = Names { a: baseline, b: arm, unit: &unit };
    let Comparison { estimate, ci, ci95, against, judgement, .. } =
        compare_paired(&values, Levels::simultaneous(level), settings.margin, names)?;
    Ok(Contrast {
        arm: arm.to_owned(),
        n: values.len(),
        estimate,
        ci,
        ci95,
        against,
        verdict: judgement.verdict,
        text: judgement.text,
        contradiction: judgement.contradiction,
        more_blocks: judgement.more_blocks,
        power: Power::of(&values, estimate, ci, design)?,
        mean: mean_view(&values, settings)?,
        differences,
        with_invalid,
    })
}

fn mean_view(values: &[f64], settings: &Settings) -> stats::Result<MeanView> {
    let resampling = Resampling { seed: settings.seed, ..Resampling::default() };
    let t = paired::paired_t(values, 0.95)?;
    let resampled = percentile_and_bca(values, 0.95, resampling)?;
    Ok(MeanView {
        mean: mean::mean(values)?,
        t_ci: t.map(|t| t.ci),
        t_p: t.and_then(|t| t.p),
        bootstrap_ci: bootstrap_t(values, 0.95, resampling)?,
        percentile_ci: resampled.map(|found| found.percentile),
        bca_ci: resampled.and_then(|found| found.bca),
        normality: shapiro_wilk(values)?,
        permutation_p: permutation::sign_flip(values, settings.seed)?.map(|test| test.p),
        wilcoxon_p: wilcoxon::signed_rank_test(values)?.map(|test| test.p()),
        tost_p: paired::paired_tost(values, settings.margin)?,
    })
}
