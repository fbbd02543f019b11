//! Whether the rows of a trial are all there.

use crate::estimate::soloists;
use crate::schedule::PlannedTrial;
use tandem_records::{AgentRow, ArmReport, Phase, RequestRow};

/// How many rows an attempt has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    agents: u32,
    /// Requests of the warm-up, which are more where prompts were read anew before a phase.
    warmup: u32,
    /// Requests of the measured phases.
    measured: u32,
    /// Batches of a micro workload.
    batches: u32,
}

impl Tally {
    /// The rows of a report.
    pub fn of(report: &ArmReport) -> Tally {
        let mut tally = Tally::default();
        report.agents.iter().for_each(|row| tally.agent(row));
        report.requests.iter().for_each(|row| tally.request(row));
        report.micro.iter().for_each(|_| tally.batch());
        tally
    }

    /// Counts an agent's row.
    pub fn agent(&mut self, _: &AgentRow) {
        self.agents += 1;
    }

    /// Counts a request's row.
    pub fn request(&mut self, row: &RequestRow) {
        *if row.phase == Phase::Warmup { &mut self.warmup } else { &mut self.measured } += 1;
    }

    /// Counts a batch of a micro workload.
    pub fn batch(&mut self) {
        self.batches += 1;
    }

    /// What an ok trial lacks or has too much of: each agent has a row for the warm-up and for the concurrent phase, and
    /// those that run alone one for that; and each of these has its requests.
    pub fn differs(&self, trial: &PlannedTrial) -> Option<String> {
        let cell = &trial.cell;
        if cell.set.workload.is_micro() {
            return (self.batches == 0).then(|| "no batch of the workload".to_string());
        }
        let measured = cell.agents + soloists(cell).len() as u32;
        let (agents, requests) = (cell.agents + measured, measured * cell.calls());
        if self.agents != agents {
            return Some(format!("{} rows of agents in place of {agents}", self.agents));
        }
        if self.measured != requests || self.warmup < cell.agents {
            let (found, wanted) = (self.measured + self.warmup.min(cell.agents), requests + cell.agents);
            return Some(format!("{found} rows of requests in place of {wanted}"));
        }
        None
    }
}
