//! What the summary says of one cell.

use super::number::{Number, Pair, maybe, number, pair};
use super::order::{OmnibusSummary, OrderSummary};
use super::streams::{PiecesSummary, PromptsCut, PromptsReread, QueueSummary};
use crate::analysis::{Analysis, Arm, Cell, Contrast, Control, Facts, MeanView, OpenContrast, Spread};
use crate::stats::verdict::Against;
use serde::Serialize;
use std::collections::BTreeMap;
use tandem_records::Status;

/// One cell; the first of the file is the one that the first sentence speaks of.
#[derive(Debug, Serialize)]
pub(super) struct CellSummary<'a> {
    name: &'a str,
    facts: FactsSummary<'a>,
    /// What it shows cannot be believed: verdicts of its contrasts do not count.
    invalid: bool,
    /// Why, in words; absent where it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid_reason: Option<String>,
    /// Its A/A interval excludes 0.
    biased: bool,
    solo_cv: Option<Number>,
    null_efficiency: Option<Number>,
    arms: Vec<ArmSummary<'a>>,
    /// The arm without a runtime, which is compared with none; null where the plan has none.
    floor: Option<ArmSummary<'a>>,
    /// The baseline against itself.
    control: Option<ControlSummary<'a>>,
    /// Standard deviation of the A/A differences.
    control_sd: Option<Number>,
    contrasts: Vec<ContrastSummary<'a>>,
    /// Arms of an open loop against the baseline, the A/A arm among them; empty in a closed loop.
    open_loop: Vec<OpenSummary<'a>>,
    /// All arms at once.
    omnibus: Option<OmnibusSummary<'a>>,
    /// Null where the cell is neither the first nor judged.
    order: Option<OrderSummary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<PiecesSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts_reread: Option<PromptsReread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts_cut: Option<PromptsCut>,
}

impl<'a> CellSummary<'a> {
    pub(super) fn new(analysis: &'a Analysis, cell: &'a Cell) -> Self {
        Self {
            name: &cell.name,
            facts: FactsSummary::new(cell, &cell.facts),
            invalid: cell.is_invalid(),
            invalid_reason: cell.why_invalid(),
            biased: cell.is_biased(),
            solo_cv: maybe(cell.solo_cv),
            null_efficiency: maybe(cell.null_efficiency),
            arms: cell.arms.iter().map(ArmSummary::new).collect(),
            floor: cell.floor.as_ref().map(ArmSummary::new),
            control: cell.control.as_ref().map(ControlSummary::new),
            control_sd: maybe(cell.control_sd),
            contrasts: cell.contrasts.iter().map(ContrastSummary::new).collect(),
            open_loop: cell.open.iter().map(OpenSummary::new).collect(),
            omnibus: cell.omnibus.as_ref().map(OmnibusSummary::new),
            order: analysis.order.of_cell(&cell.name).map(OrderSummary::new),
            pieces: PiecesSummary::new(&cell.pieces),
            queue: QueueSummary::new(cell),
            prompts_reread: cell.reread.map(PromptsReread::from),
            prompts_cut: cell.cut.map(PromptsCut::from),
        }
    }
}

/// Factor levels of a cell.
#[derive(Debug, Serialize)]
struct FactsSummary<'a> {
    set: &'a str,
    exploratory: bool,
    workload: String,
    scenario: &'a str,
    configuration: &'a str,
    agents: u32,
    permits: u32,
    servers: Option<u32>,
    server_kind: String,
    capacity: Option<String>,
    length: Option<String>,
    tokens: &'a str,
    gap_ns: Option<u64>,
    rate_per_s: Option<Number>,
    arrivals: Option<String>,
}

impl<'a> FactsSummary<'a> {
    fn new(cell: &Cell, facts: &'a Facts) -> Self {
        Self {
            set: &facts.set,
            exploratory: facts.exploratory,
            workload: facts.workload.to_string(),
            scenario: &facts.scenario,
            configuration: &facts.configuration,
            agents: facts.agents,
            permits: facts.permits,
            servers: cell.servers,
            server_kind: facts.server_kind.to_string(),
            capacity: facts.capacity.map(|capacity| capacity.to_string()),
            length: facts.length.map(|length| length.to_string()),
            tokens: &facts.tokens,
            gap_ns: facts.gap_ns,
            rate_per_s: maybe(facts.rate_per_s),
            arrivals: facts.arrivals.map(|arrivals| arrivals.to_string()),
        }
    }
}

/// One arm of a cell.
#[derive(Debug, Serialize)]
struct ArmSummary<'a> {
    arm: &'a str,
    client: Option<String>,
    bridge: &'a str,
    read_cap_bytes: Option<u32>,
    planned: usize,
    /// Trials that count; every number of the arm is over these.
    n: usize,
    failed: usize,
    /// Failed trials by status.
    failed_by_status: Vec<StatusSummary>,
    invalid: usize,
    incomplete: usize,
    not_run_yet: usize,
    solo_cv: Option<Number>,
    efficiency: Option<LocationSummary>,
    /// Medians over trials of everything else, by name with unit.
    metrics: BTreeMap<&'static str, SpreadSummary>,
}

impl<'a> ArmSummary<'a> {
    fn new(arm: &'a Arm) -> Self {
        Self {
            arm: &arm.label,
            client: arm.client.map(|client| client.to_string()),
            bridge: &arm.bridge,
            read_cap_bytes: arm.read_cap_bytes,
            planned: arm.planned,
            n: arm.counted.len(),
            failed: arm.fates.failures(),
            failed_by_status: arm.fates.failed.iter().map(StatusSummary::new).collect(),
            invalid: arm.fates.invalid,
            incomplete: arm.fates.incomplete,
            not_run_yet: arm.not_run(),
            solo_cv: maybe(arm.solo_cv),
            efficiency: arm.efficiency.map(|e| LocationSummary {
                median: number(e.median),
                median_ci: pair(e.median_ci),
                median_ci_coverage: maybe(e.coverage),
                mean: number(e.mean),
                mean_t_ci: pair(e.t_ci),
                mean_bootstrap_t_ci: pair(e.bootstrap_ci),
            }),
            metrics: arm.spreads().map(|(metric, spread)| (metric.key(), spread.into())).collect(),
        }
    }
}

/// Trials that failed with one status.
#[derive(Debug, Serialize)]
struct StatusSummary {
    status: &'static str,
    trials: usize,
}

impl StatusSummary {
    fn new((status, trials): (&Status, &usize)) -> Self {
        Self { status: status.as_str(), trials: *trials }
    }
}

/// Where the efficiency of an arm lies, at 95 %.
#[derive(Debug, Serialize)]
struct LocationSummary {
    median: Number,
    median_ci: Option<Pair>,
    median_ci_coverage: Option<Number>,
    mean: Number,
    mean_t_ci: Option<Pair>,
    mean_bootstrap_t_ci: Option<Pair>,
}

/// Median over trials with its 95 % interval.
#[derive(Debug, Serialize)]
struct SpreadSummary {
    n: usize,
    median: Number,
    median_ci: Option<Pair>,
}

impl From<Spread> for SpreadSummary {
    fn from(spread: Spread) -> Self {
        Self { n: spread.n, median: number(spread.median), median_ci: pair(spread.ci) }
    }
}

/// The baseline against itself, at 95 %.
#[derive(Debug, Serialize)]
struct ControlSummary<'a> {
    a: &'a str,
    b: &'a str,
    blocks: usize,
    estimate: Option<Number>,
    ci: Option<Pair>,
    ci90: Option<Pair>,
    reading: &'static str,
}

impl<'a> ControlSummary<'a> {
    fn new(control: &'a Control) -> Self {
        Self {
            a: &control.a,
            b: &control.b,
            blocks: control.n,
            estimate: maybe(control.estimate),
            ci: pair(control.ci),
            ci90: pair(control.ci90),
            reading: control.reading.as_str(),
        }
    }
}

/// One arm against the baseline by efficiency.
#[derive(Debug, Serialize)]
struct ContrastSummary<'a> {
    arm: &'a str,
    blocks: usize,
    estimate: Option<Number>,
    /// At the family's level: it decides in both directions.
    ci: Option<Pair>,
    ci95: Option<Pair>,
    against: Option<AgainstSummary>,
    verdict: &'static str,
    text: &'a str,
    more_blocks: Option<u64>,
    /// Half-width of `ci`.
    smallest_visible: Option<Number>,
    power: PowerSummary,
    mean: MeanSummary,
    with_invalid: Option<WithInvalid>,
}

impl<'a> ContrastSummary<'a> {
    fn new(contrast: &'a Contrast) -> Self {
        Self {
            arm: &contrast.arm,
            blocks: contrast.n,
            estimate: maybe(contrast.estimate),
            ci: pair(contrast.ci),
            ci95: pair(contrast.ci95),
            against: contrast.against.map(AgainstSummary::new),
            verdict: contrast.verdict.as_str(),
            text: &contrast.text,
            more_blocks: contrast.more_blocks,
            smallest_visible: maybe(contrast.smallest_visible()),
            power: PowerSummary {
                planned: maybe(contrast.power.planned),
                attained: maybe(contrast.power.attained),
                more_blocks_to_equivalence: contrast.power.to_equivalence,
            },
            mean: MeanSummary::new(&contrast.mean, contrast.views_disagree()),
            with_invalid: contrast.with_invalid.map(|(blocks, estimate)| WithInvalid {
                blocks,
                estimate: number(estimate.value),
                ci: pair(estimate.ci),
            }),
        }
    }
}

/// What contradicts equivalence although the typical trial may be equivalent: trials apart from the rest, or the mean.
#[derive(Debug, Serialize)]
struct AgainstSummary {
    /// Trials apart from the rest; null where it is the mean alone.
    trials: Option<usize>,
    /// Their median distance from the rest, arm minus baseline.
    by: Option<Number>,
    /// What they move the mean by, or the mean itself.
    mean: Number,
}

impl AgainstSummary {
    fn new(against: Against) -> Self {
        match against {
            Against::Tail(side) => Self {
                trials: Some(side.apart.count),
                by: Some(number(side.apart.by)),
                mean: number(side.pull()),
            },
            Against::Mean { mean, .. } => Self { trials: None, by: None, mean: number(mean) },
        }
    }
}

/// One arm of an open loop against the baseline by time to first token from the intended start at p99, as arm / baseline.
#[derive(Debug, Serialize)]
struct OpenSummary<'a> {
    arm: &'a str,
    control: bool,
    blocks: usize,
    ratio: Option<Number>,
    /// At the family's level; of the control at 95 %.
    ci: Option<Pair>,
    verdict: &'static str,
    text: &'a str,
    /// The ratio with invalid trials taken in.
    ratio_with_invalid: Option<Number>,
}

impl<'a> OpenSummary<'a> {
    fn new(contrast: &'a OpenContrast) -> Self {
        Self {
            arm: &contrast.arm,
            control: contrast.is_control,
            blocks: contrast.n,
            ratio: maybe(contrast.ratio),
            ci: pair(contrast.ci),
            verdict: contrast.verdict.as_str(),
            text: &contrast.text,
            ratio_with_invalid: maybe(contrast.with_invalid.map(|(_, ratio)| ratio)),
        }
    }
}

/// Differences that a paired t test at 1 - level detects with probability .8: by the planned blocks with the standard
/// deviation of the A/A differences, and by the complete blocks with that of the arm's own.
#[derive(Debug, Serialize)]
struct PowerSummary {
    planned: Option<Number>,
    attained: Option<Number>,
    /// 0 where the interval lies inside the margin.
    more_blocks_to_equivalence: Option<u64>,
}

/// The same differences by their mean; intervals at 95 %, p values not adjusted.
#[derive(Debug, Serialize)]
struct MeanSummary {
    difference: Option<Number>,
    t_ci: Option<Pair>,
    t_p: Option<Number>,
    bootstrap_t_ci: Option<Pair>,
    percentile_ci: Option<Pair>,
    bca_ci: Option<Pair>,
    shapiro_wilk_w: Option<Number>,
    shapiro_wilk_p: Option<Number>,
    permutation_p: Option<Number>,
    wilcoxon_p: Option<Number>,
    tost_p: Option<Number>,
    /// Robust and mean view disagree on whether 0 is excluded.
    disagrees: bool,
}

impl MeanSummary {
    fn new(view: &MeanView, disagrees: bool) -> Self {
        Self {
            difference: maybe(view.mean),
            t_ci: pair(view.t_ci),
            t_p: maybe(view.t_p),
            bootstrap_t_ci: pair(view.bootstrap_ci),
            percentile_ci: pair(view.percentile_ci),
            bca_ci: pair(view.bca_ci),
            shapiro_wilk_w: maybe(view.normality.map(|test| test.w)),
            shapiro_wilk_p: maybe(view.normality.map(|test| test.p)),
            permutation_p: maybe(view.permutation_p),
            wilcoxon_p: maybe(view.wilcoxon_p),
            tost_p: maybe(view.tost_p),
            disagrees,
        }
    }
}

/// The same with invalid trials taken in.
#[derive(Debug, Serialize)]
struct WithInvalid {
    blocks: usize,
    estimate: Number,
    ci: Option<Pair>,
}
