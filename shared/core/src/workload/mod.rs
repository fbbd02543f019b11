//! What an agent does in a phase. A further workload is one file here and one value of `Work` in [`crate::arm`].

mod opening;
mod report;
mod stream;

pub(crate) use report::Report;
pub(crate) use stream::Stream;

use crate::Runtime;
use crate::agent::Errand;
use crate::exchange::{Exchange, Protocol, Session};
use crate::http::{Client, RequestError, Target};
use std::future::Future;
use std::sync::Arc;
use tandem_records::{RequestOptions, Role, Stage};

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
    /// Starts each prompt, with phase and call, as a nonce that no server has seen before, so that no prompt cache
    /// helps.
    pub cold: Option<u64>,
}

/// A kind of work. Preparation is apart from the run by type: what it makes is ready before the release.
pub(crate) trait Workload: Send + Sync + 'static {
    /// Stage of the first request: the row of an agent that never came to make it needs one.
    const FIRST_STAGE: Stage;

    /// All that can be made before the measured time.
    type Prepared: Send + 'static;

    /// Makes an agent's work for a phase.
    fn prepare(&self, agent: &Arc<AgentPlan>, protocol: Protocol, errand: Errand) -> Self::Prepared;

    /// Does it. Each request becomes one exchange, failed ones included.
    fn run<R: Runtime, C: Client<R>>(
        session: &mut Session<R, C>,
        prepared: Self::Prepared,
    ) -> impl Future<Output = Done> + Send;
}

/// What an agent did in a phase.
#[derive(Default)]
pub(crate) struct Done {
    /// Its requests in order.
    pub exchanges: Vec<Exchange>,
    /// Its work beside the requests; `None` where the workload has none.
    pub own: Option<OwnWork>,
    /// What went wrong after a last request that was answered.
    pub failure: Option<RequestError>,
}

/// An agent's work beside its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnWork {
    /// Time it took.
    pub local_ns: u64,
    pub files_read: u32,
    pub files_skipped: u32,
    /// Whether the analysis came in sections; `None` where there was none.
    pub structured: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agent `index` without a nonce.
    pub(super) fn agent(index: u32) -> AgentPlan {
        AgentPlan {
            index,
            role: if index.is_multiple_of(2) { Role::Collector } else { Role::Insight },
            target: Target::parse("http://127.0.0.1:1").unwrap(),
            model: "m".into(),
            tokens: 2,
            seed: 7,
            options: RequestOptions::new(),
            cold: None,
        }
    }
}
