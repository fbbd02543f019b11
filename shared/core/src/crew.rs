//! Who carries out the phases of a trial: the seam between the protocol, which is the same for every arm, and what runs
//! the agents. The crew of every arm with a runtime spawns them there; the arm epoll-floor drives them from one loop.

pub use crate::counters::{Cost, Counters};
pub use crate::exchange::{Exchange, Protocol};
pub use crate::workload::{AgentPlan, OwnWork, stream_request};

use crate::http::RequestError;
use std::future::Future;
use std::io;
use std::sync::Arc;
use tandem_records::{Client, Phase, Status};

/// What a phase wants of one agent.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Who it is for.
    pub agent: Arc<AgentPlan>,
    /// The phase.
    pub phase: Phase,
    /// Response length expected: the memory for it is taken before the measured time.
    pub tokens: u32,
    /// Whether the server is told to stop there.
    pub limited: bool,
    /// Whether the connection is opened before the release.
    pub prepared: bool,
    /// Open loop: the agent's intended start in ns after the release. It begins then, ready or not; waiting for a permit
    /// comes after. `None` begins at the release.
    pub start_after_ns: Option<u64>,
}

impl Errand {
    /// Response length that the server is told; `None` leaves it to the model.
    pub fn limit(&self) -> Option<u32> {
        self.limited.then_some(self.tokens)
    }
}

/// What an agent did in a phase.
#[derive(Default)]
pub struct Done {
    /// Its requests in order.
    pub exchanges: Vec<Exchange>,
    /// Its work beside the requests; `None` where the workload has none.
    pub own: Option<OwnWork>,
    /// What went wrong after a last request that was answered.
    pub failure: Option<RequestError>,
}

/// What came of an errand.
#[derive(Default)]
pub struct Outcome {
    /// Inside the agent, after any permit and before its first action; `None` if it never started.
    pub start_ns: Option<u64>,
    /// Inside the agent, after its last action; `None` if it never ended.
    pub end_ns: Option<u64>,
    /// What it did.
    pub done: Done,
    /// What kept the agent from working at all.
    pub error: Option<RequestError>,
}

impl Outcome {
    /// The outcome of an agent that could not work.
    pub fn stopped(error: RequestError) -> Self {
        Outcome { error: Some(error), ..Outcome::default() }
    }

    /// The agent's status: what stopped it, else that of its first failed request, else what failed afterwards.
    pub fn status(&self) -> Status {
        let requests = self.done.exchanges.iter().filter_map(|exchange| exchange.error.as_ref());
        let failed = self.error.iter().chain(requests).chain(&self.done.failure).next();
        failed.map_or(Status::Ok, |error| error.status)
    }
}

/// One phase as it went.
pub struct PhaseRun {
    /// Just before the agents were released.
    pub release_ns: u64,
    /// What the process spent from the release to the last end.
    pub cost: Cost,
    /// One outcome an errand, in their order.
    pub outcomes: Vec<Outcome>,
}

/// Carries out phases, one after the other, keeping each agent's connection in between.
pub trait Crew {
    /// Carries out the errands: readies every agent, releases them together, waits for all.
    fn phase(&mut self, errands: Vec<Errand>) -> impl Future<Output = PhaseRun>;

    /// Closes this agent's connection, if it has one.
    fn disconnect(&mut self, agent: u32);
}

/// A crew that is a program of its own, without a runtime. Each agent makes one request: workloads stream and flood.
pub trait Standalone: Crew + Sized {
    /// Value of the column `client`.
    const CLIENT: Client;
    /// Packages of the lock file that make up its client, for `--version`.
    const PACKAGES: &'static [&'static str];

    /// Makes a crew of so many agents, of which `permits` may work at the same time. Timed as start-up.
    ///
    /// # Errors
    /// The system gives no descriptor for it.
    fn new(agents: usize, permits: u32, protocol: Protocol) -> io::Result<Self>;
}
