//! The release: agents arrive, wait, and start together.

use async_lock::Semaphore;
use event_listener::Event;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Holds agents until all are there. Tied to no runtime.
#[derive(Clone)]
pub(crate) struct Gate(Arc<State>);

struct State {
    /// One permit per arrived agent. A semaphore because the conductor can wait for a count of them.
    arrived: Semaphore,
    /// Wakes every waiting agent in one call.
    open: Event,
    /// Moment of the release, and 0 before it: lets an agent that listens late pass.
    released_ns: AtomicU64,
}

impl Gate {
    pub fn new() -> Self {
        Gate(Arc::new(State {
            arrived: Semaphore::new(0),
            open: Event::new(),
            released_ns: AtomicU64::new(0),
        }))
    }

    /// An agent's side: says that it is ready and waits for the release, whose moment it returns.
    pub async fn wait(&self) -> u64 {
        // Listening before arriving means that the release cannot come between the two.
        let opened = self.0.open.listen();
        self.arrive();
        let released_ns = self.0.released_ns.load(Ordering::Acquire);
        if released_ns != 0 {
            return released_ns;
        }
        opened.await;
        self.0.released_ns.load(Ordering::Acquire)
    }

    /// Counts an agent without making it wait: one that ended before it was ready.
    pub fn arrive(&self) {
        self.0.arrived.add_permits(1);
    }

    /// The conductor's side: waits until `agents` of them are ready.
    pub async fn all_arrived(&self, agents: usize) {
        for _ in 0..agents {
            self.0.arrived.acquire().await.forget();
        }
    }

    /// Releases every waiting agent and returns the moment just before.
    pub fn release(&self) -> u64 {
        let release_ns = crate::now_ns();
        self.0.released_ns.store(release_ns, Ordering::Release);
        self.0.open.notify(usize::MAX);
        release_ns
    }
}
