//! Workloads `stream` and `flood`: one request of fixed length. They differ only in how the server paces it.

use super::{AgentPlan, Workload};
use crate::Runtime;
use crate::exchange::{Exchange, Session};
use crate::http::Client;
use crate::wire::{self, PromptRequest, Recorder};
use bytes::Bytes;
use tandem_records::{Phase, Role};

/// One response per agent.
pub(crate) struct Stream;

impl Workload for Stream {
    type Prepared = (Bytes, Recorder);

    fn prepare<R: Runtime, C: Client<R>>(
        session: &Session<R, C>,
        agent: &AgentPlan,
        phase: Phase,
        tokens: u32,
    ) -> Self::Prepared {
        let prompt = prompt(agent, phase);
        let request = PromptRequest {
            model: &agent.model,
            prompt: &prompt,
            tokens,
            seed: agent.seed,
            options: &agent.options,
        };
        let body = wire::body(session.protocol.api, session.protocol.endpoint, &request);
        (body, Recorder::with_capacity(tokens as usize))
    }

    async fn run<R: Runtime, C: Client<R>>(
        session: &mut Session<R, C>,
        (body, recorder): Self::Prepared,
    ) -> Vec<Exchange> {
        vec![session.exchange(body, recorder).await]
    }
}

/// The agent's number makes prompts differ between agents, so that a server cannot answer one from another's cache;
/// it has a fixed width, so that all prompts have the same length.
fn prompt(agent: &AgentPlan, phase: Phase) -> String {
    let task = match agent.role {
        Role::Collector => {
            "List what a benchmark of two concurrent agents has to record, and why each item matters."
        }
        Role::Insight => {
            "Explain what the difference of two concurrent agents can show, and also what it can not."
        }
    };
    let work = format!("Agent {:05}. {task}", agent.index);
    match agent.cold {
        Some(nonce) => {
            let key = format!("{nonce}/{}/{phase:?}", agent.index);
            format!("{:016x} {work}", xxhash_rust::xxh3::xxh3_64(key.as_bytes()))
        }
        None => work,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Target;
    use tandem_records::RequestOptions;

    fn agent(index: u32, cold: Option<u64>) -> AgentPlan {
        AgentPlan {
            index,
            role: if index.is_multiple_of(2) { Role::Collector } else { Role::Insight },
            target: Target::parse("http://127.0.0.1:1").unwrap(),
            model: "m".into(),
            tokens: 2,
            seed: 7,
            options: RequestOptions::new(),
            cold,
        }
    }

    #[test]
    fn prompts_differ_between_agents_but_not_in_length() {
        let prompts: Vec<String> = (0..4).map(|i| prompt(&agent(i, None), Phase::Solo)).collect();
        assert!(prompts.windows(2).all(|p| p[0] != p[1] && p[0].len() == p[1].len()), "{prompts:?}");
    }

    #[test]
    fn a_cold_prompt_is_new_in_each_phase_and_of_equal_length() {
        let (solo, concurrent) =
            (prompt(&agent(0, Some(1)), Phase::Solo), prompt(&agent(0, Some(1)), Phase::Concurrent));
        assert_ne!(solo[..16], concurrent[..16]);
        assert_eq!(solo.len(), concurrent.len());
        assert_ne!(prompt(&agent(0, Some(2)), Phase::Solo)[..16], solo[..16], "each trial has its own nonce");
        assert_eq!(prompt(&agent(0, None), Phase::Solo), prompt(&agent(0, None), Phase::Concurrent));
    }
}
