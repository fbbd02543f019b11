//! One agent in one phase: connection, gate, permit, work, stamps.

use crate::exchange::{Protocol, Session};
use crate::gate::Gate;
use crate::http::{Client, RequestError};
use crate::workload::{AgentPlan, Done, Workload};
use crate::{Runtime, now_ns};
use async_lock::Semaphore;
use futures_lite::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tandem_records::{Phase, Status};

/// What a phase wants of an agent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errand {
    pub phase: Phase,
    /// Response length expected: the memory for it is taken before the measured time.
    pub tokens: u32,
    /// Whether the server is told to stop there.
    pub limited: bool,
    /// Whether the connection is opened before the gate.
    pub prepared: bool,
}

impl Errand {
    /// Response length that the server is told; `None` leaves it to the model.
    pub fn limit(self) -> Option<u32> {
        self.limited.then_some(self.tokens)
    }
}

/// What came of it.
pub(crate) struct Outcome<R, C> {
    /// The client goes on to the next phase; a panic loses it.
    pub session: Option<Session<R, C>>,
    pub start_ns: Option<u64>,
    pub end_ns: Option<u64>,
    pub done: Done,
    /// What kept the agent from working at all.
    pub error: Option<RequestError>,
}

/// Runs one agent behind the gate. The future given to the runtime's `spawn`: it never panics.
pub(crate) async fn run<R: Runtime, C: Client<R>, W: Workload>(
    session: Option<Session<R, C>>,
    agent: Arc<AgentPlan>,
    workload: Arc<W>,
    protocol: Protocol,
    errand: Errand,
    gate: Gate,
    permits: Arc<Semaphore>,
) -> Outcome<R, C> {
    let arrival = Arrival(Some(gate));
    let work = C::enter(work(session, agent, workload, protocol, errand, arrival, permits));
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|s| (*s).to_string());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "panic without a text".into());
            Outcome::stopped(RequestError::new(Status::Panicked, text))
        }
    }
}

/// Makes sure that the conductor never waits for an agent that ended before it reached the gate.
struct Arrival(Option<Gate>);

impl Arrival {
    async fn wait(mut self) {
        if let Some(gate) = self.0.take() {
            gate.wait().await;
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(gate) = &self.0 {
            gate.arrive();
        }
    }
}

async fn work<R: Runtime, C: Client<R>, W: Workload>(
    session: Option<Session<R, C>>,
    agent: Arc<AgentPlan>,
    workload: Arc<W>,
    protocol: Protocol,
    errand: Errand,
    arrival: Arrival,
    permits: Arc<Semaphore>,
) -> Outcome<R, C> {
    let mut session = match open(session, &agent, protocol, errand.prepared).await {
        Ok(session) => session,
        Err(error) => return Outcome::stopped(error),
    };
    let prepared = workload.prepare(&agent, protocol, errand);
    arrival.wait().await;
    let _permit = permits.acquire().await;
    let start_ns = now_ns();
    let done = W::run(&mut session, prepared).await;
    let end_ns = now_ns();
    Outcome { session: Some(session), start_ns: Some(start_ns), end_ns: Some(end_ns), done, error: None }
}

/// The agent's session, with a proved connection if `prepared`.
async fn open<R: Runtime, C: Client<R>>(
    used: Option<Session<R, C>>,
    agent: &AgentPlan,
    protocol: Protocol,
    prepared: bool,
) -> Result<Session<R, C>, RequestError> {
    if let Some(mut session) = used {
        // A server may close a used connection at any moment, as llama.cpp does after every stream: then take a new one.
        if !prepared || session.prepare().await.is_ok() {
            return Ok(session);
        }
    }
    let mut session = Session::new(C::new(&agent.target, protocol.read_cap_bytes)?, protocol);
    if prepared {
        session.prepare().await?;
    }
    Ok(session)
}

impl<R, C> Outcome<R, C> {
    fn stopped(error: RequestError) -> Self {
        Outcome { session: None, start_ns: None, end_ns: None, done: Done::default(), error: Some(error) }
    }

    /// The agent's status: what stopped it, else that of its first failed request, else what failed afterwards.
    pub fn status(&self) -> Status {
        let requests = self.done.exchanges.iter().filter_map(|exchange| exchange.error.as_ref());
        let failed = self.error.iter().chain(requests).chain(&self.done.failure).next();
        failed.map_or(Status::Ok, |error| error.status)
    }
}
