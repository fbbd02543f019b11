//! Workloads `stream` and `flood`: one request. They differ only in how the server paces it.

use super::{AgentPlan, Workload};
use crate::Runtime;
use crate::crew::{Done, Errand};
use crate::exchange::{Protocol, Session};
use crate::http::Client;
use crate::wire::{self, PromptRequest, Recorder};
use bytes::Bytes;
use tandem_records::{Phase, Role, Stage};

/// One response per agent.
pub(crate) struct Stream;

impl Workload for Stream {
    const FIRST_STAGE: Stage = Stage::Stream;
    type Prepared = (Bytes, Recorder);

    fn prepare(&self, errand: &Errand, protocol: Protocol) -> Self::Prepared {
        request(errand, protocol)
    }

    async fn run<R: Runtime, C: Client<R>>(
        session: &mut Session<R, C>,
        (body, recorder): Self::Prepared,
    ) -> Done {
        Done { exchanges: vec![session.exchange(Stage::Stream, body, recorder).await], ..Done::default() }
    }
}

/// What an agent of these workloads needs before the measured time: its request's JSON body, and room for the response.
pub fn request(errand: &Errand, protocol: Protocol) -> (Bytes, Recorder) {
    let agent = &errand.agent;
    let prompt = prompt(agent, errand.phase);
    let request = PromptRequest {
        model: &agent.model,
        prompt: &prompt,
        limit: errand.limit(),
        seed: agent.seed,
        options: &agent.options,
        leave_out: &agent.leave_out,
    };
    let body = wire::body(protocol.api, protocol.endpoint, &request);
    (body, Recorder::with_capacity(errand.tokens as usize))
}

fn prompt(agent: &AgentPlan, phase: Phase) -> String {
    let task = match agent.role {
        Role::Collector => {
            "List what a benchmark of two concurrent agents has to record, and why each item matters."
        }
        Role::Insight => {
            "Explain what the difference of two concurrent agents can show, and also what it can not."
        }
    };
    format!("{} {task}", agent.opening(phase, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::tests::agent;

    #[test]
    fn prompts_differ_between_agents_but_not_in_length() {
        let prompts: Vec<String> = (0..4).map(|i| prompt(&agent(i), Phase::Solo)).collect();
        assert!(prompts.windows(2).all(|p| p[0] != p[1] && p[0].len() == p[1].len()), "{prompts:?}");
        assert_eq!(prompts[0], prompt(&agent(0), Phase::Concurrent));
    }
}
