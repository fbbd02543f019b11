//! The real servers of a run, which ran before and will run after it.

use super::fleet::Seen;
use super::residency::{self, Resident};
use super::server::Server;
use super::speed::{Speed, trial_time};
use crate::overlap;
use crate::plan::Cell;
use crate::schedule::PlannedTrial;
use std::time::Duration;
use tandem_records::{Api, ArmReport, Phase, RequestField, ServerRecord, Status};

/// The real servers of a run.
pub struct Real {
    model: String,
    servers: Vec<Server>,
    notes: Vec<String>,
    /// Residency before the trial that runs now, by server; an error counts only if the arm saw none. Empty where the
    /// servers do not tell.
    before: Vec<Result<Option<Resident>, String>>,
}

impl Real {
    pub(super) fn new(model: String, servers: Vec<Server>, notes: Vec<String>) -> Real {
        Real { model, servers, notes, before: Vec::new() }
    }

    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// What the check found out that a reader should know.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    fn used_by(&self, cell: &Cell) -> impl Iterator<Item = &Server> {
        let spoken = self.servers.iter().filter(move |server| server.facts.api == cell.api);
        spoken.take(cell.servers as usize)
    }

    fn urls(&self, cell: &Cell) -> Vec<String> {
        self.used_by(cell).map(|server| server.facts.url.clone()).collect()
    }

    /// Fields that requests of a dialect do without: what one server refuses, no request has, so that all are alike.
    pub(super) fn left_out(&self, api: Api) -> Vec<RequestField> {
        let refused = |field: &RequestField| {
            self.servers.iter().any(|server| server.facts.api == api && server.left_out.contains(field))
        };
        RequestField::ALL.iter().copied().filter(refused).collect()
    }

    /// Fewest streams at once of the servers that a cell uses; `None` where one was not measured.
    pub(super) fn slots(&self, cell: &Cell) -> Option<u32> {
        let slots: Option<Vec<u32>> = self.used_by(cell).map(|server| Some(server.slots?.streams)).collect();
        slots?.into_iter().min()
    }

    /// Expected time of a trial, by the slowest server and request of its cell.
    pub(super) fn trial_time(&self, cell: &Cell) -> Option<Duration> {
        let is_of_cell = |speed: &&Speed| speed.api == cell.api && speed.endpoint == cell.endpoint();
        let speeds = self.used_by(cell).flat_map(|server| &server.speeds).filter(is_of_cell);
        let slowest = speeds.fold(None, |slowest: Option<Speed>, speed| {
            Some(slowest.map_or_else(|| speed.clone(), |slowest| slowest.slower(speed)))
        })?;
        let slots = self.used_by(cell).filter_map(|server| server.slots).min_by_key(|slots| slots.streams);
        Some(trial_time(cell, &slowest, slots))
    }

    /// Loads the model as the trial needs it and notes how it lies in memory.
    pub(super) fn before(&mut self, trial: &PlannedTrial) -> Vec<String> {
        let urls = self.urls(&trial.cell);
        let look = |(number, server): (u32, &Server)| {
            let url = &server.facts.url;
            let loaded = match trial.cell.api {
                Api::Ollama => {
                    residency::load(url, &self.model, &residency::load_options(&trial.cell, number))
                }
                Api::Openai => Ok(()),
            };
            let seen = loaded.and_then(|()| server.facts.resident(&self.model).unwrap_or(Ok(None)));
            seen.map_err(|failure| failure.to_string())
        };
        self.before = (0..).zip(self.used_by(&trial.cell)).map(look).collect();
        urls
    }

    pub(super) fn after(&self, trial: &PlannedTrial, report: Option<&ArmReport>) -> Seen {
        let mut seen = Seen {
            streams_open_max: report.and_then(|report| overlap::streams_open_max(&report.requests)),
            ..Seen::default()
        };
        for (server, before) in self.used_by(&trial.cell).zip(&self.before) {
            let Some(after) = server.facts.resident(&self.model) else { continue };
            let trouble = match (before, after) {
                (Ok(before), Ok(after)) => {
                    let lengths = [before, &after].map(|look| look.as_ref()?.context_length);
                    let least = lengths.into_iter().chain([seen.context_length]).flatten().min();
                    seen.context_length = least;
                    let (before, after) = (before.as_ref(), after.as_ref());
                    let loaded = residency::loaded(&server.facts.url, trial.cell.api, before, after);
                    loaded.map(|why| (Status::Reloaded, why + &first_tokens(report)))
                }
                (Err(message), _) => Some((Status::ServerError, message.clone())),
                (_, Err(failure)) => Some((Status::ServerError, failure.to_string())),
            };
            seen.trouble = seen.trouble.or(trouble);
        }
        seen
    }

    pub(super) fn records(&self) -> Vec<ServerRecord> {
        let record = |server: &Server| server.record(&self.model, &self.left_out(server.facts.api));
        self.servers.iter().map(record).collect()
    }
}

/// What a load costs shows in the first tokens.
fn first_tokens(report: Option<&ArmReport>) -> String {
    let measured = report.map_or(&[][..], |report| &report.requests);
    let measured = measured.iter().filter(|row| row.phase != Phase::Warmup);
    match measured.filter_map(|row| row.ttft_ns).max() {
        Some(ns) => format!("; the latest first token came after {} ms", ns / 1_000_000),
        None => String::new(),
    }
}
