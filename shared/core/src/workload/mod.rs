//! What an agent does in a phase. A further workload is one file here and one value of `Work` in [`crate::arm`].

mod opening;
mod report;
mod stream;

pub(crate) use report::Report;
pub(crate) use stream::Stream;
pub use stream::request as stream_request;

use crate::Runtime;
use crate::crew::{Done, Errand};
use crate::exchange::{Protocol, Session};
use crate::http::{Client, Target};
use std::future::Future;
use tandem_records::{RequestField, RequestOptions, Role, Stage};

/// One agent of a trial: who it is and what it asks for. The same in every phase.
#[derive(Debug, Clone)]
pub struct AgentPlan {
    /// Number, from 0.
    pub index: u32,
    /// Role.
    pub role: Role,
    /// Its server.
    pub target: Target,
    /// Model name.
    pub model: String,
    /// Length of a response in a measured phase.
    pub tokens: u32,
    /// Sampling seed.
    pub seed: u32,
    /// Request options.
    pub options: RequestOptions,
    /// Fields that its requests do without.
    pub leave_out: Vec<RequestField>,
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
    fn prepare(&self, errand: &Errand, protocol: Protocol) -> Self::Prepared;

    /// Does it. Each request becomes one exchange, failed ones included.
    fn run<R: Runtime, C: Client<R>>(
        session: &mut Session<R, C>,
        prepared: Self::Prepared,
    ) -> impl Future<Output = Done> + Send;
}

/// An agent's work beside its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnWork {
    /// Time it took.
    pub local_ns: u64,
    /// Files read.
    pub files_read: u32,
    /// Files that could not be read.
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
            leave_out: Vec::new(),
            cold: None,
        }
    }
}
