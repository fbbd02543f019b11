//! All servers of a run, and what the driver asks them around each trial.

use super::probe::{self, Facts};
use super::residency::{self, Resident};
use super::simulator::Simulator;
use crate::placement::Placement;
use crate::plan::{Cell, SimConfig};
use crate::schedule::PlannedTrial;
use crate::settings::Settings;
use crate::target::{SIM_MODEL, Target};
use crate::{SweepError, overlap};
use anyhow::Context;
use std::path::PathBuf;
use tandem_records::{Api, ArmReport, ServerKind, ServerRecord, Status};

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

/// The simulators of a run.
pub struct Sims {
    program: PathBuf,
    model: String,
    seed: u64,
    placement: Option<Placement>,
    running: Vec<(SimConfig, Simulator)>,
}

/// The real servers of a run.
pub struct Real {
    model: String,
    servers: Vec<(Facts, Api)>,
    /// Residency before the trial that runs now, per server; an error counts only if the arm saw none.
    before: Vec<Result<Option<Resident>, String>>,
}

impl Fleet {
    /// Starts the simulators, or checks the servers.
    ///
    /// # Errors
    /// A simulator that does not start, a server that cannot be used: with the remedy.
    pub fn start(settings: &Settings, model: Option<&str>) -> Result<Fleet, SweepError> {
        let Settings { cells, bin_dir, seed, placement, .. } = settings;
        match &settings.target {
            Target::Sim { .. } => {
                let program = bin_dir.join("ollama-sim");
                if !program.is_file() {
                    return Err(SweepError::Server(format!(
                        "there is no ollama-sim in {}; build it (cargo build --release -p ollama-sim) or name its folder with --bin-dir",
                        bin_dir.display()
                    )));
                }
                let model = model.unwrap_or(SIM_MODEL).to_string();
                let (seed, placement) = (*seed, placement.clone());
                let mut sims = Sims { program, model, seed, placement, running: Vec::new() };
                for (config, _) in cells.iter().filter_map(|cell| cell.sim.as_ref()) {
                    sims.ensure(config)?;
                }
                Ok(Fleet::Sims(sims))
            }
            Target::Real { urls, .. } => check(cells, urls, model).map(Fleet::Real),
        }
    }

    /// Name of the model as the servers know it.
    pub fn model(&self) -> &str {
        match self {
            Fleet::Sims(sims) => &sims.model,
            Fleet::Real(real) => &real.model,
        }
    }

    /// The manifest's records of these servers.
    pub fn records(&self, cells: &[Cell]) -> Vec<ServerRecord> {
        match self {
            Fleet::Sims(sims) => sims.records(cells),
            Fleet::Real(real) => real.records(),
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

impl Sims {
    fn ensure(&mut self, config: &SimConfig) -> Result<&mut Simulator, SweepError> {
        let place = match self.running.iter().position(|(running, _)| running == config) {
            Some(place) => place,
            None => {
                let cpus = self.placement.as_ref().and_then(|halves| halves.of_servers(config.pin));
                let simulator = Simulator::start(&self.program, config, cpus, self.seed, &self.model)
                    .map_err(|e| SweepError::Server(format!("simulator does not start: {e:#}")))?;
                self.running.push((config.clone(), simulator));
                self.running.len() - 1
            }
        };
        Ok(&mut self.running[place].1)
    }

    fn restart(&mut self, config: &SimConfig) -> Result<&mut Simulator, SweepError> {
        self.running.retain(|(running, _)| running != config);
        self.ensure(config)
    }

    fn before(&mut self, trial: &PlannedTrial) -> Result<Vec<String>, SweepError> {
        let config = config_of(trial)?;
        if self.ensure(config)?.reset().is_err() {
            let fresh = self.restart(config)?;
            fresh.reset().map_err(|e| SweepError::Server(format!("simulator does not answer: {e}")))?;
        }
        Ok(self.ensure(config)?.urls.clone())
    }

    fn after(&mut self, trial: &PlannedTrial, report: Option<&ArmReport>) -> Result<Seen, SweepError> {
        let config = config_of(trial)?;
        let mut seen = Seen::default();
        let simulator = self.ensure(config)?;
        if let Some(report) = report {
            let mut ask = || -> Result<(), super::http::Failure> {
                if let Some((from, to)) = overlap::measured_window(&report.agents) {
                    let lateness = simulator.report(from, to)?;
                    seen.late_p50_ns = lateness.late_p50_ns;
                    seen.late_p99_ns = lateness.late_p99_ns;
                    seen.late_max_ns = lateness.late_max_ns;
                }
                if let Some((from, to)) = overlap::concurrent_window(&report.agents) {
                    seen.streams_open_max = Some(simulator.report(from, to)?.streams_open_max);
                }
                Ok(())
            };
            if let Err(failure) = ask() {
                seen.trouble =
                    Some((Status::ServerError, format!("the simulator did not report: {failure}")));
            }
        }
        if let Some(exit) = simulator.ended() {
            seen.trouble = Some((
                Status::ServerError,
                format!("the simulator ended ({exit}) during the trial; started again"),
            ));
            self.restart(config)?;
        }
        Ok(seen)
    }

    fn records(&self, cells: &[Cell]) -> Vec<ServerRecord> {
        let mut records: Vec<ServerRecord> = Vec::new();
        for cell in cells {
            let Some((config, _)) = &cell.sim else { continue };
            let Some((_, simulator)) = self.running.iter().find(|(running, _)| running == config) else {
                continue;
            };
            for url in &simulator.urls {
                let record = ServerRecord {
                    set: cell.set.name.clone(),
                    url: url.clone(),
                    kind: ServerKind::Sim,
                    version: Some(simulator.version.clone()),
                    model: self.model.clone(),
                    model_digest: None,
                    layers_digest: None,
                    on_this_machine: Some(true),
                    slots: None,
                    size_bytes: None,
                    size_vram_bytes: None,
                    left_out: Vec::new(),
                    command: simulator.command.clone(),
                };
                if !records.contains(&record) {
                    records.push(record);
                }
            }
        }
        records
    }
}

fn config_of(trial: &PlannedTrial) -> Result<&SimConfig, SweepError> {
    let (config, _) = trial.cell.sim.as_ref().context("a trial on simulators without a simulator")?;
    Ok(config)
}

/// Checks every server with every dialect that is spoken to it.
fn check(cells: &[Cell], urls: &[String], model: Option<&str>) -> Result<Real, SweepError> {
    let mut servers: Vec<(Facts, Api)> = Vec::new();
    for (number, url) in (0..).zip(urls) {
        for cell in cells.iter().filter(|cell| number < cell.servers) {
            if !servers.iter().any(|(facts, api)| facts.url == *url && *api == cell.api) {
                servers.push((probe::facts(url, cell.api)?, cell.api));
            }
        }
    }
    let facts: Vec<&Facts> = servers.iter().map(|(facts, _)| facts).collect();
    let model = probe::choose_model(&facts, model)?;
    let mut streamed = Vec::new();
    for (number, url) in (0..).zip(urls) {
        for cell in cells.iter().filter(|cell| number < cell.servers) {
            let way = (url, cell.api, cell.endpoint());
            if !streamed.contains(&way) {
                let options = residency::load_options(cell, number);
                probe::stream_two_tokens(url, cell.api, cell.endpoint(), &model, &options)?;
                streamed.push(way);
            }
        }
    }
    Ok(Real { model, servers, before: Vec::new() })
}

impl Real {
    fn urls(&self, trial: &PlannedTrial) -> Vec<String> {
        let spoken = self.servers.iter().filter(|(_, api)| *api == trial.cell.api);
        spoken.map(|(facts, _)| facts.url.clone()).take(trial.cell.servers as usize).collect()
    }

    /// Loads the model as the trial needs it and notes how it lies in memory.
    fn before(&mut self, trial: &PlannedTrial) -> Vec<String> {
        let urls = self.urls(trial);
        self.before = if trial.cell.api == Api::Ollama {
            let look = |(number, url): (u32, &String)| {
                residency::load(url, &self.model, &residency::load_options(&trial.cell, number))
                    .and_then(|()| residency::resident(url, &self.model))
                    .map_err(|failure| failure.to_string())
            };
            (0..).zip(&urls).map(look).collect()
        } else {
            Vec::new()
        };
        urls
    }

    fn after(&mut self, trial: &PlannedTrial, report: Option<&ArmReport>) -> Seen {
        let mut seen = Seen {
            streams_open_max: report.and_then(|report| overlap::streams_open_max(&report.requests)),
            ..Seen::default()
        };
        for (url, before) in self.urls(trial).iter().zip(&self.before) {
            let after = residency::resident(url, &self.model).map_err(|failure| failure.to_string());
            let trouble = match (before, after) {
                (Ok(before), Ok(after)) => residency::change(url, before.as_ref(), after.as_ref())
                    .map(|change| (Status::Reloaded, change)),
                (Err(message), _) => Some((Status::ServerError, message.clone())),
                (_, Err(message)) => Some((Status::ServerError, message)),
            };
            seen.trouble = seen.trouble.or(trouble);
        }
        seen
    }

    fn records(&self) -> Vec<ServerRecord> {
        let record = |(facts, api): &(Facts, Api)| ServerRecord {
            set: String::new(),
            url: facts.url.clone(),
            kind: if *api == Api::Ollama { ServerKind::Ollama } else { ServerKind::Openai },
            version: facts.version.clone(),
            model: self.model.clone(),
            model_digest: facts.digest_of(&self.model).flatten(),
            layers_digest: None,
            on_this_machine: None,
            slots: None,
            size_bytes: None,
            size_vram_bytes: None,
            left_out: Vec::new(),
            command: String::new(),
        };
        self.servers.iter().map(record).collect()
    }
}
