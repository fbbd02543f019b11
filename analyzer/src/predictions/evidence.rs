//! What one cell holds for and against one prediction.

use super::{Hypothesis, Judgement, Question, Region, decide};
use crate::analysis::{Analysis, Arm, Cell, Metric, repeated};
use crate::stats::verdict::{Comparison, Levels, Names, Unit, compare_paired};
use crate::stats::{self, Interval, hodges_lehmann, quantile};
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// An estimate on the scale of the claim: a fraction or a ratio.
    Estimate {
        /// Estimate; none without a trial that tells.
        estimate: Option<f64>,
        /// Interval at the prediction's level.
        ci: Option<Interval>,
        /// Complete blocks, or trials of a level.
        n: usize,
    },
    /// Levels of several arms.
    Arms {
        /// Arms whose interval lies in the claim's region.
        inside: usize,
        /// Arms.
        of: usize,
        /// The highest lower end among them (the lowest upper end where the claim is an upper bound), a fraction.
        bound: Option<f64>,
        /// Fewest trials of an arm.
        n: usize,
    },
    /// Numbers of threads.
    Threads {
        /// Fewest in a trial.
        least: u32,
        /// Most in a trial.
        most: u32,
        /// Their names in the last trial that tells, in the order of the row.
        names: String,
        /// Trials that tell.
        n: usize,
    },
}

/// The judgement in one cell; `why` says what an undecided one lacks.
pub(super) struct Answer {
    pub(super) judgement: Judgement,
    pub(super) evidence: Option<Evidence>,
    pub(super) why: String,
    /// About how many more blocks would decide it.
    pub(super) more_blocks: Option<u64>,
}

impl Answer {
    fn undecided(evidence: Option<Evidence>, why: impl Into<String>) -> Answer {
        Answer { judgement: Judgement::Undecided, evidence, why: why.into(), more_blocks: None }
    }

    fn decided(judgement: Judgement, evidence: Evidence) -> Answer {
        Answer { judgement, evidence: Some(evidence), why: String::new(), more_blocks: None }
    }
}

/// Judges one prediction by one cell, which has its arms; `alpha` is the share of error that the prediction may take.
pub(super) fn answer(
    analysis: &Analysis,
    hypothesis: &Hypothesis,
    cell: &Cell,
    alpha: f64,
) -> stats::Result<Answer> {
    if let Some(why) = cell.why_invalid() {
        return Ok(Answer::undecided(None, format!("the cell is invalid: {why}")));
    }
    let settings = &analysis.settings;
    match &hypothesis.question {
        Question::Difference { metric, arm, against } => {
            let asked = Paired { metric: *metric, arm, against, margin: settings.margin, ratio: false };
            asked.answer(analysis, cell, hypothesis.region, 1.0 - alpha)
        }
        Question::Ratio { metric, arm, against } => {
            let margin = settings.margin_log_time;
            let asked = Paired { metric: *metric, arm, against, margin, ratio: true };
            asked.answer(analysis, cell, hypothesis.region, 1.0 - alpha)
        }
        Question::Level { metric, arm } => {
            level(analysis, cell, *metric, arm, hypothesis.region, 1.0 - alpha)
        }
        Question::Reachable { metric } => reachable(analysis, cell, *metric, hypothesis.region, alpha),
        Question::Threads { arm } => Ok(threads(analysis, cell, arm, hypothesis.region)),
    }
}

/// Two arms compared within blocks.
struct Paired<'a> {
    metric: Metric,
    arm: &'a str,
    against: &'a str,
    margin: f64,
    ratio: bool,
}

impl Paired<'_> {
    fn answer(&self, analysis: &Analysis, cell: &Cell, region: Region, level: f64) -> stats::Result<Answer> {
        let differences = self.differences(analysis, cell, self.against, self.arm);
        let unit = Unit::plain("");
        let names = Names { a: self.against, b: self.arm, unit: &unit };
        let levels = Levels::simultaneous(level);
        let Comparison { estimate, ci, against, .. } =
            compare_paired(&differences, levels, self.margin, names)?;
        let n = differences.len();
        let back = |value: f64| if self.ratio { value.exp() } else { value };
        let evidence = Evidence::Estimate {
            estimate: estimate.map(back),
            ci: ci.map(|ci| Interval { lo: back(ci.lo), hi: back(ci.hi) }),
            n,
        };
        let (Some(ci), Some(estimate)) = (ci, estimate) else {
            let least = hodges_lehmann::least_n(level)?.max(stats::verdict::LEAST_N);
            return Ok(Answer::undecided(Some(evidence), too_few("complete blocks", least, level, n)));
        };
        if self.is_biased(analysis, cell)? {
            return Ok(Answer::undecided(Some(evidence), "the cell's A/A arm differs from itself in this"));
        }
        let region = if self.ratio { region.ln() } else { region };
        let judgement = decide(region, ci, against.is_none().then_some(self.margin));
        Ok(match judgement {
            Judgement::Undecided => crossing(evidence, region, estimate, ci, n),
            judgement => Answer::decided(judgement, evidence),
        })
    }

    /// Whether the cell's A/A arm differs from the arm that it repeats, by the same quantity.
    fn is_biased(&self, analysis: &Analysis, cell: &Cell) -> stats::Result<bool> {
        let Some(control) = &cell.control else { return Ok(false) };
        let differences = self.differences(analysis, cell, &control.a, &control.b);
        let ci = hodges_lehmann::pseudo_median_interval(&differences, 0.95)?;
        Ok(ci.is_some_and(|ci| ci.excludes_zero()))
    }

    /// Within-block differences b minus a, of logarithms for a ratio.
    fn differences(&self, analysis: &Analysis, cell: &Cell, a: &str, b: &str) -> Vec<f64> {
        let by_block = |label: &str| -> BTreeMap<u32, f64> {
            let arm = cell.arm(label).into_iter();
            arm.flat_map(|arm| values(analysis, arm, self.metric))
                .filter(|(_, value)| !self.ratio || *value > 0.0)
                .map(|(block, value)| (block, if self.ratio { value.ln() } else { value }))
                .collect()
        };
        let (a, b) = (by_block(a), by_block(b));
        a.iter().filter_map(|(block, a)| Some(b.get(block)? - a)).collect()
    }
}

/// A quantity of an arm's counted trials, with the block.
fn values(analysis: &Analysis, arm: &Arm, metric: Metric) -> Vec<(u32, f64)> {
    let value = |place: &usize| {
        let metrics = analysis.outcomes[*place].counted()?;
        Some((analysis.run.trials[*place].row.block, metric.of(metrics)?))
    };
    arm.counted.iter().filter_map(value).collect()
}

fn levels(analysis: &Analysis, arm: &Arm, metric: Metric) -> Vec<f64> {
    values(analysis, arm, metric).into_iter().map(|(_, value)| value).collect()
}

fn level(
    analysis: &Analysis,
    cell: &Cell,
    metric: Metric,
    arm: &str,
    region: Region,
    level: f64,
) -> stats::Result<Answer> {
    let values = cell.arm(arm).map(|arm| levels(analysis, arm, metric)).unwrap_or_default();
    let n = values.len();
    let estimate = quantile::median(&values)?;
    let ci = quantile::median_interval(&values, level)?.map(|found| found.interval);
    let evidence = Evidence::Estimate { estimate, ci, n };
    let (Some(ci), Some(estimate)) = (ci, estimate) else {
        return Ok(Answer::undecided(Some(evidence), too_few("trials", least_trials(level)?, level, n)));
    };
    Ok(match decide(region, ci, None) {
        Judgement::Undecided => crossing(evidence, region, estimate, ci, n),
        judgement => Answer::decided(judgement, evidence),
    })
}

fn reachable(
    analysis: &Analysis,
    cell: &Cell,
    metric: Metric,
    region: Region,
    alpha: f64,
) -> stats::Result<Answer> {
    let arms: Vec<&Arm> = cell.arms.iter().filter(|arm| repeated(&arm.label).is_none()).collect();
    let level = 1.0 - 2.0 * alpha / arms.len().max(1) as f64;
    let mut found = Vec::new();
    let mut n = usize::MAX;
    for arm in &arms {
        let values = levels(analysis, arm, metric);
        n = n.min(values.len());
        found.push(quantile::median_interval(&values, level)?.map(|found| found.interval));
    }
    let n = if arms.is_empty() { 0 } else { n };
    let known = || found.iter().flatten().copied();
    // The end that has to pass the bound, at its best over the arms.
    let bound = match region.lo {
        Some(_) => known().map(|ci| ci.lo).reduce(f64::max),
        None => known().map(|ci| ci.hi).reduce(f64::min),
    };
    let inside = known().filter(|ci| region.holds(*ci)).count();
    let evidence = Evidence::Arms { inside, of: arms.len(), bound, n };
    Ok(if inside > 0 {
        Answer::decided(Judgement::Supported, evidence)
    } else if known().count() < arms.len() || arms.is_empty() {
        Answer::undecided(Some(evidence), too_few("trials of every arm", least_trials(level)?, level, n))
    } else if known().all(|ci| region.misses(ci)) {
        Answer::decided(Judgement::Contradicted, evidence)
    } else {
        Answer::undecided(Some(evidence), "the interval of some arm reaches across the bound")
    })
}

fn threads(analysis: &Analysis, cell: &Cell, arm: &str, region: Region) -> Answer {
    let places = cell.arm(arm).map(|arm| arm.counted.as_slice()).unwrap_or_default();
    let rows = || places.iter().map(|place| &analysis.run.trials[*place].row);
    let counts: Vec<u32> = rows().filter_map(|row| row.threads).collect();
    let (Some(least), Some(most)) = (counts.iter().copied().min(), counts.iter().copied().max()) else {
        return Answer::undecided(None, "no trial tells its threads");
    };
    let last = rows().rfind(|row| row.threads.is_some() && !row.thread_names.is_empty());
    let names = last.map(|row| row.thread_names.clone()).unwrap_or_default();
    let inside = counts.iter().filter(|count| region.contains(f64::from(**count))).count();
    let evidence = Evidence::Threads { least, most, names, n: counts.len() };
    match inside {
        0 => Answer::decided(Judgement::Contradicted, evidence),
        n if n == counts.len() => Answer::decided(Judgement::Supported, evidence),
        _ => Answer::undecided(Some(evidence), "trials differ in their number of threads"),
    }
}

fn too_few(things: &str, least: usize, level: f64, has: usize) -> String {
    let level = crate::report::format::level(level);
    format!("needs >= {least} {things} for a {level} % interval, has {has}")
}

/// The least number of trials at which an order-statistic interval of the median of this level exists: 2^-n must not
/// exceed half of what the level leaves, the same bound as that of the pseudo-median.
fn least_trials(level: f64) -> stats::Result<usize> {
    Ok(hodges_lehmann::least_n(level)?.max(quantile::LEAST_N_OF_AN_INTERVAL))
}

/// The interval holds values on both sides of a bound. Blocks until its half-width is less than the estimate's distance to
/// the nearest bound, if the estimate stays and the half-width shrinks as 1 / sqrt n; none where that is over ten times
/// what there is.
fn crossing(evidence: Evidence, region: Region, estimate: f64, ci: Interval, n: usize) -> Answer {
    const MOST: f64 = 10.0;
    let room = region.bounds().map(|bound| (estimate - bound).abs()).reduce(f64::min).unwrap_or(0.0);
    let times = (ci.half_width() / room).powi(2);
    let more = (times.is_finite() && times <= MOST)
        .then(|| ((n as f64 * times).ceil() as u64).saturating_sub(n as u64).max(1));
    let mut answer = Answer::undecided(Some(evidence), "the interval reaches across a bound of the claim");
    answer.more_blocks = more;
    answer
}
