//! The rows of a fake trial: one agent's phase with its requests.

use crate::Behaviour;
use crate::report::{LOCAL_NS, PAUSE_NS, TOKEN_NS};
use tandem_records::{AgentRow, Phase, RequestRow, Role, Stage, TokensFrom, TrialSpec, Workload};
use xxhash_rust::xxh3::xxh3_64;

/// Time to first token: as long as any other token.
const TTFT_NS: u64 = TOKEN_NS;
/// Files that an agent of workload `report` says it read.
const FILES: u32 = 3;

/// Response length of an agent: the first value for collectors, the last for insights.
fn tokens(spec: &TrialSpec, agent: u32) -> u64 {
    let lengths = &spec.tokens;
    let length = if agent.is_multiple_of(2) { lengths.first() } else { lengths.last() };
    u64::from(length.copied().unwrap_or(1))
}

/// Time of an agent that is alone.
pub(crate) fn alone_ns(spec: &TrialSpec, agent: u32) -> u64 {
    let stream = tokens(spec, agent) * TOKEN_NS;
    match spec.workload {
        Workload::Report => 2 * stream + LOCAL_NS,
        _ => stream,
    }
}

/// The rows written so far.
pub(crate) struct Book<'a> {
    spec: &'a TrialSpec,
    behaviour: &'a Behaviour,
    pub agents: Vec<AgentRow>,
    pub requests: Vec<RequestRow>,
}

impl<'a> Book<'a> {
    pub fn new(spec: &'a TrialSpec, behaviour: &'a Behaviour) -> Self {
        Book { spec, behaviour, agents: Vec::new(), requests: Vec::new() }
    }

    /// Writes one agent's phase and its requests; returns when the next phase may begin.
    pub fn entry(&mut self, phase: Phase, agent: u32, release: u64, length: u64) -> u64 {
        let start = self.intended_ns(phase, agent, release).unwrap_or(release);
        let spec = self.spec;
        let server = &spec.servers[agent as usize % spec.servers.len()];
        let role = if agent.is_multiple_of(2) { Role::Collector } else { Role::Insight };
        let count = if phase == Phase::Warmup { 1 } else { tokens(spec, agent) };
        let mut row = AgentRow {
            status: self.behaviour.status,
            release_ns: release,
            start_ns: Some(start),
            end_ns: Some(start + length),
            ..AgentRow::of(spec, phase, agent, role, server)
        };
        if spec.workload == Workload::Report && phase != Phase::Warmup {
            row.local_ns = Some(LOCAL_NS);
            row.files_read = Some(FILES);
            row.files_skipped = Some(0);
            row.structured = Some(true);
            // A quarter of the work before the first call, half of it between the calls, a quarter after the last.
            let streamed = length.saturating_sub(LOCAL_NS);
            let first = streamed / 2;
            let begin = start + LOCAL_NS / 4;
            self.request(&row, (0, Stage::Analysis), begin, first, count);
            self.request(&row, (1, Stage::Report), begin + first + LOCAL_NS / 2, streamed - first, count);
        } else {
            let prepared = PAUSE_NS / 2; // from the agent's first action to its request and back: inside S_i and C_i
            self.request(
                &row,
                (0, Stage::Stream),
                start + prepared / 2,
                length.saturating_sub(prepared),
                count,
            );
        }
        self.agents.push(row);
        start + length + PAUSE_NS
    }

    /// Open loop: agent i is to start at release + i / rate, and does.
    fn intended_ns(&self, phase: Phase, agent: u32, release: u64) -> Option<u64> {
        let rate = self.spec.rate.filter(|_| phase == Phase::Concurrent)?;
        Some(release + (f64::from(agent) * 1e9 / rate).round() as u64)
    }

    fn request(
        &mut self,
        agent: &AgentRow,
        (call, stage): (u32, Stage),
        start_ns: u64,
        e2e: u64,
        count: u64,
    ) {
        self.requests.push(RequestRow {
            stage,
            status: self.behaviour.status,
            error: self.behaviour.error.clone(),
            intended_ns: self.intended_ns(agent.phase, agent.agent, agent.release_ns),
            start_ns,
            ttfc_ns: Some(TTFT_NS.min(e2e)),
            ttft_ns: Some(TTFT_NS.min(e2e)),
            first_answer_ns: Some(TTFT_NS.min(e2e)),
            e2e_ns: Some(e2e),
            chunks: Some(count + 1),
            pieces: Some(count),
            thinking_pieces: Some(0),
            output_tokens: Some(count),
            tokens_from: Some(TokensFrom::Server),
            prompt_tokens: Some(8),
            digest: format!("{:016x}", xxh3_64(&self.spec.seed.to_le_bytes())),
            done_reason: "length".to_string(),
            prompt_eval_ns: Some(TTFT_NS),
            eval_ns: Some(e2e.saturating_sub(TTFT_NS)),
            server_total_ns: Some(e2e),
            itl_p50_ns: Some(TOKEN_NS),
            itl_p99_ns: Some(TOKEN_NS),
            itl_max_ns: Some(TOKEN_NS),
            ..RequestRow::of(agent, call)
        });
    }
}
