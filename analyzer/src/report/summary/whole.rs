//! What the summary says of the run as a whole.

use super::number::{Number, maybe, number};
use crate::analysis::{Analysis, Family};
use crate::report::{caveats, first_sentence, own_error, what_differs};
use serde::Serialize;

/// Which run, and how it and the report were made.
#[derive(Debug, Serialize)]
pub(super) struct RunFacts<'a> {
    id: &'a str,
    created_utc: &'a str,
    command: &'a str,
    report_command: &'a str,
    plan: &'a str,
    blocks_planned: u32,
    source_revision: &'a str,
    /// How often the run was taken up; null where no trial tells when it started.
    sittings: Option<usize>,
}

impl<'a> RunFacts<'a> {
    pub(super) fn new(analysis: &'a Analysis, report_command: &'a str) -> Self {
        let manifest = &analysis.run.manifest;
        Self {
            id: &analysis.run.id,
            created_utc: &manifest.created_utc,
            command: &manifest.command,
            report_command,
            plan: &manifest.plan.name,
            blocks_planned: manifest.blocks,
            source_revision: &manifest.git_revision,
            sittings: analysis.sittings.map(|sittings| sittings.number),
        }
    }
}

/// By what the verdicts were made.
#[derive(Debug, Serialize)]
pub(super) struct Rules<'a> {
    baseline: &'a str,
    margin_efficiency: Number,
    margin_log_time: Number,
    resampling_seed: u64,
    /// What was changed after the data were there; empty when nothing was.
    overridden: &'a [String],
    /// Contrasts that are judged together. A run that claims something false, in any of them, is one in twenty at most.
    families: FamiliesSummary,
}

impl<'a> Rules<'a> {
    pub(super) fn new(analysis: &'a Analysis) -> Self {
        let settings = &analysis.settings;
        Self {
            baseline: &settings.baseline,
            margin_efficiency: number(settings.margin),
            margin_log_time: number(settings.margin_log_time),
            resampling_seed: settings.seed,
            overridden: &settings.overridden,
            families: FamiliesSummary {
                primary: (&analysis.families.primary).into(),
                others: (&analysis.families.others).into(),
                open_loops: (&analysis.families.open).into(),
            },
        }
    }
}

/// Of the primary cell, of all other cells, and of open loops; null without a contrast.
#[derive(Debug, Serialize)]
struct FamiliesSummary {
    primary: Option<FamilySummary>,
    others: Option<FamilySummary>,
    open_loops: Option<FamilySummary>,
}

#[derive(Debug, Serialize)]
struct FamilySummary {
    contrasts: usize,
    /// Level of the intervals, each of which decides in both directions.
    level: Number,
    /// Fewest blocks at which an interval of that level exists.
    least_blocks: usize,
}

impl From<&Family> for Option<FamilySummary> {
    fn from(family: &Family) -> Self {
        let Family { contrasts, level, least_blocks } = *family;
        (contrasts > 0).then(|| FamilySummary { contrasts, level: number(level), least_blocks })
    }
}

/// What became of the trials.
#[derive(Debug, Serialize)]
pub(super) struct Trials {
    planned: usize,
    finished: usize,
    counted: usize,
    failed: usize,
    invalid: usize,
    incomplete: usize,
    not_run_yet: usize,
}

impl Trials {
    pub(super) fn new(analysis: &Analysis) -> Self {
        let tally = &analysis.tally;
        Self {
            planned: tally.planned,
            finished: tally.finished,
            counted: tally.counted,
            failed: tally.failed,
            invalid: tally.invalid,
            incomplete: tally.incomplete,
            not_run_yet: tally.missing(),
        }
    }
}

/// The first screen in words.
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    first_sentence: String,
    what_differs: String,
    own_error: String,
    caveats: Option<String>,
    /// What the driver found out before the first trial.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

impl<'a> Answer<'a> {
    pub(super) fn new(analysis: &'a Analysis) -> Self {
        Self {
            first_sentence: first_sentence(analysis),
            what_differs: what_differs(analysis),
            own_error: own_error(analysis),
            caveats: caveats(analysis),
            notes: &analysis.run.manifest.notes,
        }
    }
}

/// The instrument's own error over all trials with a report, also invalid ones.
#[derive(Debug, Serialize)]
pub(super) struct Instrument {
    trials_with_lateness: usize,
    late_p50_ns: Option<Number>,
    late_p99_ns: Option<Number>,
    late_p99_worst_ns: Option<Number>,
    late_max_ns: Option<Number>,
    trials_with_concurrency: usize,
    concurrency_median: Option<Number>,
    concurrency_least: Option<Number>,
}

impl Instrument {
    pub(super) fn new(analysis: &Analysis) -> Self {
        let own = &analysis.instrument;
        Self {
            trials_with_lateness: own.trials_with_lateness,
            late_p50_ns: maybe(own.late_p50_ns),
            late_p99_ns: maybe(own.late_p99_ns),
            late_p99_worst_ns: maybe(own.late_p99_worst_ns),
            late_max_ns: maybe(own.late_max_ns),
            trials_with_concurrency: own.trials_with_concurrency,
            concurrency_median: maybe(own.concurrency_median),
            concurrency_least: maybe(own.concurrency_least),
        }
    }
}
