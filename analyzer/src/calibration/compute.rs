//! From the trials of the plan `calibration` to the instrument's own error.

use crate::analysis::{Analysis, Cell, Metric};
use crate::stats::{self, quantile};
use tandem_records::{Calibration, Injected, OwnCosts, SCHEMA_VERSION};

/// Set whose fixtures hold every chunk back.
const DELAYED: &str = "injected-delay";
/// Set whose fixture lets one agent work at a time.
const SERIALISED: &str = "injected-serialisation";
/// Its fixture.
const ONE_AT_A_TIME: &str = "mutex-across-agent";
/// Set with many streams.
const CONCURRENT: &str = "delivered-concurrency";

/// Fixtures with the delay that each puts in, ns.
const DELAYS: [(&str, f64); 2] = [("late-200us", 200e3), ("late-2ms", 2e6)];
/// What a held chunk may be later than it is held, as a share of the delay: the fixture ends its wait by spinning, so that
/// only a preemption or a slow clock makes it longer, and the agents' code runs on a core that has not slept.
const DELAY_TOLERANCE: f64 = 0.01;
/// Overlap of two equal agents of which one works at a time.
const HALF: f64 = 0.5;
/// What handing over from one agent to the next may take off or add: a thousandth of the makespan is 0.4 ms.
const OVERLAP_TOLERANCE: f64 = 0.001;

/// The calibration that a run gives; effects without a trial stay without an estimate.
///
/// # Errors
/// A value that cannot be analysed.
pub fn calibration(analysis: &Analysis, costs: Option<OwnCosts>) -> stats::Result<Calibration> {
    let manifest = &analysis.run.manifest;
    let own = &analysis.instrument;
    let mut injected: Vec<Injected> =
        DELAYS.iter().map(|&(arm, delay_ns)| delay(analysis, arm, delay_ns)).collect();
    injected.push(serialisation(analysis)?);
    let pair = |ci: stats::Interval| (ci.lo, ci.hi);
    let control = cell(analysis, SERIALISED).and_then(|cell| cell.control.as_ref());
    let rows = analysis.run.trials.iter().map(|trial| &trial.row);
    Ok(Calibration {
        schema_version: SCHEMA_VERSION,
        run_id: analysis.run.id.clone(),
        measured_utc: manifest.created_utc.clone(),
        machine: manifest.machine.clone(),
        git_revision: manifest.git_revision.clone(),
        costs,
        late_p50_ns: own.late_p50_ns,
        late_p99_ns: own.late_p99_ns,
        late_max_ns: own.late_max_ns,
        least_concurrency: rows
            .filter(|row| row.set == CONCURRENT)
            .filter_map(crate::metrics::delivered_concurrency)
            .reduce(f64::min),
        aa_efficiency: control.and_then(|control| control.ci).map(pair),
        aa_delay_ns: added_delay(analysis, |arm| arm.contains('#')).and_then(|(_, ci)| ci),
        injected,
    })
}

fn cell<'a>(analysis: &'a Analysis, set: &str) -> Option<&'a Cell> {
    analysis.cells.iter().find(|cell| cell.facts.set == set)
}

/// Median added delay of an arm over the baseline's, ns, with its 95 % interval.
fn added_delay(analysis: &Analysis, is_arm: impl Fn(&str) -> bool) -> Option<(f64, Option<(f64, f64)>)> {
    let cell = cell(analysis, DELAYED)?;
    let mut of_cell = analysis.exploratory.iter().filter(|e| e.cell == cell.name);
    let found = of_cell.find(|e| e.metric == Metric::DelayP50 && is_arm(&e.arm))?;
    Some((found.estimate, found.ci.map(|ci| (ci.lo, ci.hi))))
}

fn delay(analysis: &Analysis, arm: &str, delay_ns: f64) -> Injected {
    let found = added_delay(analysis, |label| label == arm);
    Injected {
        what: format!("every chunk held back in the client ({arm}): added delay per token"),
        unit: "µs".into(),
        truth: delay_ns / 1e3,
        estimate: found.map(|(estimate, _)| estimate / 1e3),
        ci: found.and_then(|(_, ci)| ci).map(|(lo, hi)| (lo / 1e3, hi / 1e3)),
        tolerance: DELAY_TOLERANCE * delay_ns / 1e3,
    }
}

/// The trials of a serialised client are invalid as measurements of concurrency: those count here.
fn serialisation(analysis: &Analysis) -> stats::Result<Injected> {
    let trials = analysis.run.trials.iter().zip(&analysis.outcomes);
    let overlaps: Vec<f64> = trials
        .filter(|(trial, _)| trial.row.set == SERIALISED && trial.row.arm == ONE_AT_A_TIME)
        .filter_map(|(_, outcome)| Some(outcome.on_time()?.factors.as_ref()?.overlap))
        .collect();
    let interval = quantile::median_interval(&overlaps, 0.95)?;
    Ok(Injected {
        what: format!("one agent at a time in the client ({ONE_AT_A_TIME}): overlap"),
        unit: "fraction".into(),
        truth: HALF,
        estimate: quantile::median(&overlaps)?,
        ci: interval.map(|found| (found.interval.lo, found.interval.hi)),
        tolerance: OVERLAP_TOLERANCE,
    })
}
