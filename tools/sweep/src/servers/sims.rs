//! The simulators of a run: one process per distinct configuration.

use super::fleet::Seen;
use super::simulator::Simulator;
use crate::placement::Placement;
use crate::plan::{Cell, SimConfig};
use crate::schedule::PlannedTrial;
use crate::settings::Settings;
use crate::target::SIM_MODEL;
use crate::{SweepError, overlap};
use anyhow::Context;
use std::path::PathBuf;
use tandem_records::{ArmReport, ServerKind, ServerRecord, Status};

/// The simulators of a run.
pub struct Sims {
    program: PathBuf,
    pub(super) model: String,
    seed: u64,
    placement: Option<Placement>,
    pub(super) running: Vec<(SimConfig, Simulator)>,
}

impl Sims {
    /// Starts those of the plan.
    pub(super) fn start(settings: &Settings, model: Option<&str>) -> Result<Sims, SweepError> {
        let Settings { cells, bin_dir, seed, placement, .. } = settings;
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
        Ok(sims)
    }

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

    pub(super) fn before(&mut self, trial: &PlannedTrial) -> Result<Vec<String>, SweepError> {
        let config = config_of(trial)?;
        if self.ensure(config)?.reset().is_err() {
            let fresh = self.restart(config)?;
            fresh.reset().map_err(|e| SweepError::Server(format!("simulator does not answer: {e}")))?;
        }
        Ok(self.ensure(config)?.urls.clone())
    }

    pub(super) fn after(
        &mut self,
        trial: &PlannedTrial,
        report: Option<&ArmReport>,
    ) -> Result<Seen, SweepError> {
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

    pub(super) fn records(&self, cells: &[Cell]) -> Vec<ServerRecord> {
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
