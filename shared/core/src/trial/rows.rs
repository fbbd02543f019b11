//! Turns what agents bring back into rows, outside the measured time.

use super::Trial;
use crate::agent::Outcome;
use crate::http::RequestError;
use tandem_records::{AgentRow, DelaySource, Phase, RequestRow, SCHEMA_VERSION, Status};

impl<R, C, W> Trial<R, C, W> {
    /// Keeps an agent's client for the next phase, and its rows.
    pub(super) fn keep(&mut self, phase: Phase, index: usize, release_ns: u64, outcome: Outcome<R, C>) {
        let (status, _) = outcome.status();
        // Priming before a phase adds requests to the warm-up, not a second warm-up of the agent.
        if phase != Phase::Warmup || self.warmup_calls[index] == 0 {
            self.agent_rows.push(self.agent_row(phase, index, release_ns, status, &outcome));
        }
        let first_call = if phase == Phase::Warmup { self.warmup_calls[index] } else { 0 };
        for (call, exchange) in (first_call..).zip(&outcome.exchanges) {
            let mut row = self.empty_request(phase, index, call);
            exchange.fill(&mut row);
            self.request_rows.push(row);
        }
        if let Some(RequestError { status, message }) = &outcome.error {
            // The agent made no request; the row says why.
            let mut row = self.empty_request(phase, index, first_call);
            (row.status, row.error, row.start_ns) = (*status, message.clone(), release_ns);
            self.request_rows.push(row);
        }
        if phase == Phase::Warmup {
            self.warmup_calls[index] += outcome.exchanges.len().max(1) as u32;
        }
        self.sessions[index] = outcome.session;
    }

    fn agent_row(
        &self,
        phase: Phase,
        index: usize,
        release_ns: u64,
        status: Status,
        outcome: &Outcome<R, C>,
    ) -> AgentRow {
        let (spec, agent) = (&self.setup.spec, &self.setup.agents[index]);
        AgentRow {
            schema_version: SCHEMA_VERSION,
            run_id: spec.run_id.clone(),
            trial: spec.trial,
            attempt: spec.attempt,
            phase,
            agent: agent.index,
            role: agent.role,
            server: agent.target.url.clone(),
            status,
            release_ns,
            start_ns: outcome.start_ns,
            end_ns: outcome.end_ns,
        }
    }

    fn empty_request(&self, phase: Phase, index: usize, call: u32) -> RequestRow {
        let (spec, agent) = (&self.setup.spec, &self.setup.agents[index]);
        RequestRow {
            schema_version: SCHEMA_VERSION,
            run_id: spec.run_id.clone(),
            trial: spec.trial,
            attempt: spec.attempt,
            phase,
            agent: agent.index,
            call,
            server: agent.target.url.clone(),
            status: Status::Ok,
            error: String::new(),
            start_ns: 0,
            connect_ns: None,
            ttfc_ns: None,
            ttft_ns: None,
            e2e_ns: None,
            chunks: None,
            output_tokens: None,
            prompt_tokens: None,
            digest: String::new(),
            done_reason: String::new(),
            load_ns: None,
            prompt_eval_ns: None,
            eval_ns: None,
            server_total_ns: None,
            itl_p50_ns: None,
            itl_p99_ns: None,
            itl_max_ns: None,
            delay_p50_ns: None,
            delay_p99_ns: None,
            delay_max_ns: None,
            delay_source: DelaySource::None,
        }
    }
}
