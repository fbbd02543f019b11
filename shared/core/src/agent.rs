//! One agent in one phase: connection, gate, intended start, permit, work, stamps.

use crate::crew::{Errand, Outcome};
use crate::exchange::{Protocol, Session};
use crate::gate::Gate;
use crate::http::{Client, RequestError};
use crate::structured::captured;
use crate::workload::{AgentPlan, Workload};
use crate::{Runtime, now_ns};
use async_lock::Semaphore;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tandem_records::Status;

/// The client goes on to the next phase; a panic loses it. Boxed once an agent has ended: every layer that polls a task
/// copies the whole `Poll` of its result, and there are five of them between the runtime and the token.
type Ended<R, C> = Box<(Option<Session<R, C>>, Outcome)>;

/// Runs one agent behind the gate. The future given to the runtime's `spawn`: it never panics.
pub(crate) async fn run<R: Runtime, C: Client<R>, W: Workload>(
    session: Option<Session<R, C>>,
    errand: Errand,
    workload: Arc<W>,
    protocol: Protocol,
    gate: Gate,
    permits: Arc<Semaphore>,
) -> Ended<R, C> {
    let arrival = Arrival { gate, arrived: false };
    let work = C::enter(work(session, errand, workload, protocol, arrival, permits));
    let ended = captured(work).await;
    ended.unwrap_or_else(|text| Box::new((None, Outcome::stopped(RequestError::new(Status::Panicked, text)))))
}

/// Makes sure that the conductor never waits for an agent that ended before it reached the gate.
struct Arrival {
    gate: Gate,
    arrived: bool,
}

impl Arrival {
    /// Waits for the release and returns its moment.
    async fn wait(mut self) -> u64 {
        self.arrived = true;
        self.gate.wait().await
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if !self.arrived {
            self.gate.arrive();
        }
    }
}

async fn work<R: Runtime, C: Client<R>, W: Workload>(
    session: Option<Session<R, C>>,
    errand: Errand,
    workload: Arc<W>,
    protocol: Protocol,
    arrival: Arrival,
    permits: Arc<Semaphore>,
) -> Ended<R, C> {
    let mut session = match open(session, &errand.agent, protocol, errand.prepared).await {
        Ok(session) => session,
        Err(error) => return Box::new((None, Outcome::stopped(error))),
    };
    let prepared = workload.prepare(&errand, protocol);
    let start_after_ns = errand.start_after_ns;
    let release_ns = arrival.wait().await;
    if let Some(after_ns) = start_after_ns {
        sleep_until::<R>(release_ns + after_ns).await;
    }
    let _permit = permits.acquire().await;
    let start_ns = now_ns();
    let done = W::run(&mut session, prepared).await;
    let end_ns = now_ns();
    session.settle().await;
    let outcome = Outcome { start_ns: Some(start_ns), end_ns: Some(end_ns), done, error: None };
    Box::new((Some(session), outcome))
}

/// Waits on the runtime's own timer, whose lateness is the client's. A moment that has come needs no timer.
async fn sleep_until<R: Runtime>(at_ns: u64) {
    let ahead_ns = at_ns.saturating_sub(now_ns());
    if ahead_ns > 0 {
        R::sleep_until(Instant::now() + Duration::from_nanos(ahead_ns)).await;
    }
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
    let mut session = Session::new(C::new(&agent.target, protocol.reading)?, protocol);
    if prepared {
        session.prepare().await?;
    }
    Ok(session)
}
