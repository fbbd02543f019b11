//! Turns what agents bring back into rows, outside the measured time.

use super::Trial;
use crate::crew::Outcome;
use crate::http::RequestError;
use tandem_records::{AgentRow, Phase, RequestRow};

/// Where an outcome belongs.
pub(super) struct Place {
    pub phase: Phase,
    /// The agent.
    pub index: usize,
    pub release_ns: u64,
    /// When the agent was to start in the open loop.
    pub intended_ns: Option<u64>,
}

impl<K> Trial<K> {
    /// Keeps an agent's rows.
    pub(super) fn keep(&mut self, place: Place, outcome: Outcome) {
        let Place { phase, index, release_ns, intended_ns } = place;
        let plan = &self.setup.agents[index];
        let own = outcome.done.own.as_ref();
        let agent = AgentRow {
            status: outcome.status(),
            release_ns,
            start_ns: outcome.start_ns,
            end_ns: outcome.end_ns,
            local_ns: own.map(|own| own.local_ns),
            files_read: own.map(|own| own.files_read),
            files_skipped: own.map(|own| own.files_skipped),
            structured: own.and_then(|own| own.structured),
            ..AgentRow::of(&self.setup.spec, phase, plan.index, plan.role, &plan.target.url)
        };
        let first_call = if phase == Phase::Warmup { self.warmup_calls[index] } else { 0 };
        for (call, exchange) in (first_call..).zip(&outcome.done.exchanges) {
            let mut row = RequestRow { intended_ns, ..RequestRow::of(&agent, call) };
            exchange.fill(&mut row);
            if phase == Phase::Concurrent {
                self.delays.add(exchange);
            }
            if let Some(stamps) = &mut self.stamps {
                stamps.add(&row, &exchange.recorder.pieces);
            }
            self.request_rows.push(row);
        }
        if let Some(RequestError { status, message }) = &outcome.done.failure
            && let Some(last) = self.request_rows.last_mut()
        {
            // Agents have no column for a text: the request that led to the failure tells it.
            (last.status, last.error) = (*status, message.clone());
        }
        if let Some(RequestError { status, message }) = &outcome.error {
            // The agent made no request; the row says why.
            let row = RequestRow::of(&agent, first_call);
            self.request_rows.push(RequestRow {
                stage: self.first_stage,
                status: *status,
                error: message.clone(),
                intended_ns,
                start_ns: release_ns,
                ..row
            });
        }
        // Priming before a phase adds requests to the warm-up, not a second warm-up of the agent.
        if phase != Phase::Warmup || self.warmup_calls[index] == 0 {
            self.agent_rows.push(agent);
        }
        if phase == Phase::Warmup {
            self.warmup_calls[index] += outcome.done.exchanges.len().max(1) as u32;
        }
    }
}
