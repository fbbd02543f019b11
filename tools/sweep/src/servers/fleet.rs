//! All servers of a run, and what the driver asks them around each trial.

use super::check::check;
use super::real::Real;
use super::sims::Sims;
use crate::SweepError;
use crate::estimate::trial_time;
use crate::interrupt::Interrupt;
use crate::plan::Cell;
use crate::schedule::PlannedTrial;
use crate::settings::Settings;
use crate::target::Target;
use std::time::Duration;
use tandem_records::{Api, ArmReport, RequestField, ServerRecord, Status};

/// What the servers' side of a trial looked like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Median lateness of the simulator's writes.
    pub late_p50_ns: Option<u64>,
    /// 99th percentile of it.
    pub late_p99_ns: Option<u64>,
    /// Largest.
    pub late_max_ns: Option<u64>,
    /// Most streams open at once in the concurrent phase.
    pub streams_open_max: Option<u32>,
    /// Smallest context length with which a server had loaded the model.
    pub context_length: Option<u64>,
    /// What makes the trial fail although the arm may not have noticed.
    pub trouble: Option<(Status, String)>,
}

/// The servers of a run.
pub enum Fleet {
    /// Simulators, one process per distinct configuration.
    Sims(Sims),
    /// Servers that ran before and will run after.
    Real(Real),
}

impl Fleet {
    /// Starts the simulators, or checks the servers.
    ///
    /// # Errors
    /// A simulator that does not start, a server that cannot be used: with the remedy.
    pub fn start(
        settings: &Settings,
        model: Option<&str>,
        interrupt: &Interrupt,
    ) -> Result<Fleet, SweepError> {
        match &settings.target {
            Target::Sim { .. } => Sims::start(settings, model).map(Fleet::Sims),
            // A run that goes on keeps what it found out when it began.
            Target::Real { urls, .. } => {
                check(&settings.cells, urls, model, settings.resumed.is_none(), interrupt).map(Fleet::Real)
            }
        }
    }

    /// Name of the model as the servers know it.
    pub fn model(&self) -> &str {
        match self {
            Fleet::Sims(sims) => &sims.model,
            Fleet::Real(real) => real.model(),
        }
    }

    /// The manifest's records of these servers.
    pub fn records(&self, cells: &[Cell]) -> Vec<ServerRecord> {
        match self {
            Fleet::Sims(sims) => sims.records(cells),
            Fleet::Real(real) => real.records(),
        }
    }

    /// What the check of real servers found out, one sentence each.
    pub fn notes(&self) -> &[String] {
        match self {
            Fleet::Sims(_) => &[],
            Fleet::Real(real) => real.notes(),
        }
    }

    /// Fields that requests of this dialect do without because a server refuses them.
    pub fn left_out(&self, api: Api) -> Vec<RequestField> {
        match self {
            Fleet::Sims(_) => Vec::new(),
            Fleet::Real(real) => real.left_out(api),
        }
    }

    /// Streams that each server of a real cell generates at once; `None` where that was not measured.
    pub fn slots(&self, cell: &Cell) -> Option<u32> {
        match self {
            Fleet::Sims(_) => None,
            Fleet::Real(real) => real.slots(cell),
        }
    }

    /// Expected time of a trial; `None` where nothing tells.
    pub fn trial_time(&self, trial: &PlannedTrial) -> Option<Duration> {
        match self {
            Fleet::Sims(_) => trial_time(trial),
            Fleet::Real(real) => real.trial_time(&trial.cell),
        }
    }

    /// Whether a simulator writes at deadlines without real-time priority: an unpaced one has none to meet.
    pub fn is_paced_without_priority(&self, cells: &[Cell]) -> bool {
        let Fleet::Sims(sims) = self else { return false };
        let mut paced =
            cells.iter().filter_map(|cell| cell.sim.as_ref()).filter(|(_, pacing)| pacing.is_paced());
        paced.any(|(config, _)| {
            sims.running.iter().any(|(running, simulator)| running == config && !simulator.has_priority)
        })
    }

    /// Prepares the servers for a trial and returns their base URLs.
    ///
    /// # Errors
    /// A simulator that died and does not start again.
    pub fn before(&mut self, trial: &PlannedTrial) -> Result<Vec<String>, SweepError> {
        match self {
            Fleet::Sims(sims) => sims.before(trial),
            Fleet::Real(real) => Ok(real.before(trial)),
        }
    }

    /// The simulators that run, each by its first base URL with its process id.
    pub fn simulators(&self) -> impl Iterator<Item = (&str, u32)> {
        let sims = match self {
            Fleet::Sims(sims) => sims.running.as_slice(),
            Fleet::Real(_) => &[],
        };
        sims.iter().map(|(_, simulator)| (simulator.urls[0].as_str(), simulator.pid()))
    }

    /// Asks the servers what they saw of a trial.
    ///
    /// # Errors
    /// A simulator that died and does not start again.
    pub fn after(&mut self, trial: &PlannedTrial, report: Option<&ArmReport>) -> Result<Seen, SweepError> {
        match self {
            Fleet::Sims(sims) => sims.after(trial, report),
            Fleet::Real(real) => Ok(real.after(trial, report)),
        }
    }
}
