//! What the summary says of the order of the trials and of the shape of the differences, which stay out of the page or
//! stand in its details.

use super::number::{Number, Pair, maybe, number, pair};
use crate::analysis::{AlikeDifferences, Of, Omnibus, Order, Tested, Together};
use serde::Serialize;

/// The order of one cell's trials.
#[derive(Debug, Serialize)]
pub(super) struct OrderSummary<'a> {
    trials: usize,
    blocks: usize,
    complete_blocks: usize,
    kendall_tau: Option<Number>,
    theil_sen_per_block: Option<Number>,
    /// Above its mean over all shuffles inside the blocks.
    acf1: Option<Number>,
    drift: TestSummary,
    /// The last block before the step that fits best.
    step_after: Option<u32>,
    step: TestSummary,
    ljung_box: TestSummary,
    runs: TestSummary,
    place: TestSummary,
    outlying: OutlyingSummary<'a>,
    differences: Vec<AlikeSummary<'a>>,
}

impl<'a> OrderSummary<'a> {
    pub(super) fn new(order: &'a Order) -> Self {
        let [drift, step, ljung_box, runs, place] = order.tests.map(TestSummary::new);
        let found = &order.outlying;
        Self {
            trials: order.trials,
            blocks: order.blocks,
            complete_blocks: order.complete_blocks,
            kendall_tau: maybe(order.tau),
            theil_sen_per_block: maybe(order.slope),
            acf1: maybe(order.acf1),
            drift,
            step_after: order.step_after,
            step,
            ljung_box,
            runs,
            place,
            outlying: OutlyingSummary {
                differences: found.differences,
                of: found.of,
                of_z: found.of_z,
                without_z: &found.without_z,
                tukey_1_5: found.beyond_1_5_iqr,
                tukey_3: found.beyond_3_iqr,
                modified_z_3_5: found.beyond_z_3_5,
                flagged: found
                    .flagged
                    .iter()
                    .map(|one| FlaggedSummary {
                        block: one.block,
                        arm: &one.arm,
                        trial: one.trial,
                        baseline_trial: one.baseline_trial,
                        difference: number(one.difference),
                    })
                    .collect(),
            },
            differences: order.alike.iter().map(AlikeSummary::new).collect(),
        }
    }
}

/// The within-block differences of one arm in block order.
#[derive(Debug, Serialize)]
struct AlikeSummary<'a> {
    arm: &'a str,
    acf1: Number,
    /// One-sided, for itself.
    p: Number,
    /// Factor by which intervals are too narrow; null where neighbouring blocks are not shown to be alike.
    too_narrow_by: Option<Number>,
}

impl<'a> AlikeSummary<'a> {
    fn new(one: &'a AlikeDifferences) -> Self {
        Self {
            arm: &one.arm,
            acf1: number(one.found.r),
            p: number(one.found.p),
            too_narrow_by: one.found.is_shown().then(|| number(one.found.too_narrow_by())),
        }
    }
}

/// One quantity over the cells of the run together.
#[derive(Debug, Serialize)]
pub(super) struct TogetherSummary<'a> {
    /// `efficiency`, `time_alone`, `cpu_per_token` or `difference`.
    quantity: &'static str,
    /// Of a difference to the baseline.
    arm: Option<&'a str>,
    cells: usize,
    blocks: usize,
    kendall_tau: Option<Number>,
    drift: TestSummary,
    step: TestSummary,
    /// Blocks before and after the step that fits best; equal where it lies inside a block.
    step_blocks: Option<(u32, u32)>,
    /// When the first trial after it started (UTC).
    step_at: Option<&'a str>,
    /// Change of a fraction of efficiency, or of a natural logarithm.
    step_size: Option<Number>,
    /// An even drift explains more than the step.
    even: bool,
    /// Least step in mid-run that four of five such runs would show.
    visible: Option<Number>,
}

impl<'a> TogetherSummary<'a> {
    pub(super) fn new(one: &'a Together) -> Self {
        let [drift, step] = one.tests.map(TestSummary::new);
        let place = one.place.as_ref();
        let (quantity, arm) = match &one.of {
            Of::Efficiency => ("efficiency", None),
            Of::TimeAlone => ("time_alone", None),
            Of::CpuPerToken => ("cpu_per_token", None),
            Of::Difference(arm) => ("difference", Some(arm.as_str())),
        };
        Self {
            quantity,
            arm,
            cells: one.cells,
            blocks: one.blocks,
            kendall_tau: maybe(one.tau),
            drift,
            step,
            step_blocks: place.map(|place| place.blocks),
            step_at: place.and_then(|place| place.at.as_deref()),
            step_size: place.map(|place| number(place.size)),
            even: one.is_even,
            visible: maybe(one.visible),
        }
    }
}

#[derive(Debug, Serialize)]
struct TestSummary {
    p: Option<Number>,
    /// Benjamini-Hochberg over all tests of order in the run.
    p_adjusted: Option<Number>,
}

impl TestSummary {
    fn new(test: Tested) -> Self {
        Self { p: maybe(test.p), p_adjusted: maybe(test.p_adjusted) }
    }
}

/// Within-block differences far from the others of their arm.
#[derive(Debug, Serialize)]
struct OutlyingSummary<'a> {
    differences: usize,
    /// Those of arms whose fences have a width.
    of: usize,
    /// Those of arms that have a modified z.
    of_z: usize,
    /// Arms that have none: half of their differences are equal.
    without_z: &'a [String],
    tukey_1_5: usize,
    tukey_3: usize,
    modified_z_3_5: Option<usize>,
    flagged: Vec<FlaggedSummary<'a>>,
}

#[derive(Debug, Serialize)]
struct FlaggedSummary<'a> {
    block: u32,
    arm: &'a str,
    trial: u32,
    baseline_trial: u32,
    difference: Number,
}

/// All arms of a cell at once.
#[derive(Debug, Serialize)]
pub(super) struct OmnibusSummary<'a> {
    arms: &'a [String],
    blocks: usize,
    rcbd: Option<FSummary>,
    /// How many times as many trials a design without blocks would take.
    relative_efficiency: Option<Number>,
    friedman_chi2: Option<Number>,
    friedman_p: Option<Number>,
    iman_davenport: Option<FSummary>,
    tukey: Vec<PairSummary<'a>>,
}

impl<'a> OmnibusSummary<'a> {
    pub(super) fn new(found: &'a Omnibus) -> Self {
        let name = |place: usize| found.arms.get(place).map(String::as_str).unwrap_or_default();
        Self {
            arms: &found.arms,
            blocks: found.blocks,
            rcbd: found.rcbd.map(|test| FSummary::new(test.f, test.df1, test.df2, test.p)),
            relative_efficiency: found.rcbd.map(|test| number(test.relative_efficiency)),
            friedman_chi2: found.friedman.map(|test| number(test.chi2)),
            friedman_p: found.friedman.map(|test| number(test.p)),
            iman_davenport: found
                .friedman
                .and_then(|test| test.iman_davenport)
                .map(|form| FSummary::new(form.f, form.df1, form.df2, form.p)),
            tukey: found
                .pairs
                .iter()
                .map(|one| PairSummary {
                    a: name(one.a),
                    b: name(one.b),
                    diff: number(one.diff),
                    p: number(one.p),
                    ci: pair(Some(one.ci)),
                })
                .collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct FSummary {
    f: Number,
    df1: Number,
    df2: Number,
    p: Number,
}

impl FSummary {
    fn new(f: f64, df1: f64, df2: f64, p: f64) -> Self {
        Self { f: number(f), df1: number(df1), df2: number(df2), p: number(p) }
    }
}

/// b minus a by Tukey's test, intervals at 95 % together.
#[derive(Debug, Serialize)]
struct PairSummary<'a> {
    a: &'a str,
    b: &'a str,
    diff: Number,
    p: Number,
    ci: Option<Pair>,
}
