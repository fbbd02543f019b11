//! What an agent does in a phase. A further workload is one file here and one line in [`crate::arm`].

mod stream;

pub(crate) use stream::Stream;

use crate::Runtime;
use crate::exchange::{Exchange, Session};
use crate::http::{Client, Target};
use std::future::Future;
use tandem_records::{Phase, RequestOptions, Role};

/// One agent of a trial: who it is and what it asks for. The same in every phase.
#[derive(Debug, Clone)]
pub(crate) struct AgentPlan {
    pub index: u32,
    pub role: Role,
    pub target: Target,
    pub model: String,
    pub tokens: u32,
    pub seed: u32,
    pub options: RequestOptions,
    /// Starts each prompt, with the phase, as a nonce that no server has seen before, so that no prompt cache helps.
    pub cold: Option<u64>,
}

/// A kind of work. Preparation is apart from the run by type: what it makes is ready before the release.
pub(crate) trait Workload: 'static {
    /// All that can be made before the measured time.
    type Prepared: Send + 'static;

    /// Makes an agent's work for a phase. `tokens` is the length wanted, shorter than the plan's in a warm-up.
    fn prepare<R: Runtime, C: Client<R>>(
        session: &Session<R, C>,
        agent: &AgentPlan,
        phase: Phase,
        tokens: u32,
    ) -> Self::Prepared;

    /// Does it. Each request becomes one exchange, failed ones included.
    fn run<R: Runtime, C: Client<R>>(
        session: &mut Session<R, C>,
        prepared: Self::Prepared,
    ) -> impl Future<Output = Vec<Exchange>> + Send;
}
