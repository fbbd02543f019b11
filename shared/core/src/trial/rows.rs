//! Turns what agents bring back into rows, outside the measured time.

use super::Trial;
use crate::agent::Outcome;
use crate::http::RequestError;
use tandem_records::{AgentRow, Phase, RequestRow};

impl<R, C, W> Trial<R, C, W> {
    /// Keeps an agent's client for the next phase, and its rows.
    pub(super) fn keep(&mut self, phase: Phase, index: usize, release_ns: u64, outcome: Outcome<R, C>) {
        let plan = &self.setup.agents[index];
        let (status, _) = outcome.status();
        let agent = AgentRow {
            status,
            release_ns,
            start_ns: outcome.start_ns,
            end_ns: outcome.end_ns,
            ..AgentRow::of(&self.setup.spec, phase, plan.index, plan.role, &plan.target.url)
        };
        let first_call = if phase == Phase::Warmup { self.warmup_calls[index] } else { 0 };
        for (call, exchange) in (first_call..).zip(&outcome.exchanges) {
            let mut row = RequestRow::of(&agent, call);
            exchange.fill(&mut row);
            self.request_rows.push(row);
        }
        if let Some(RequestError { status, message }) = &outcome.error {
            // The agent made no request; the row says why.
            let row = RequestRow::of(&agent, first_call);
            self.request_rows.push(RequestRow {
                status: *status,
                error: message.clone(),
                start_ns: release_ns,
                ..row
            });
        }
        // Priming before a phase adds requests to the warm-up, not a second warm-up of the agent.
        if phase != Phase::Warmup || self.warmup_calls[index] == 0 {
            self.agent_rows.push(agent);
        }
        if phase == Phase::Warmup {
            self.warmup_calls[index] += outcome.exchanges.len().max(1) as u32;
        }
        self.sessions[index] = outcome.session;
    }
}
