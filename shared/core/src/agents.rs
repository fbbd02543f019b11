//! The crew of every arm with a runtime: one spawned task an agent.

use crate::Runtime;
use crate::agent;
use crate::counters::{Cost, Counters};
use crate::crew::{Crew, Errand, PhaseRun};
use crate::exchange::{Protocol, Session};
use crate::gate::Gate;
use crate::http::Client;
use crate::runtime_watch::RuntimeWatch;
use crate::workload::Workload;
use async_lock::Semaphore;
use std::sync::Arc;

/// Agents as tasks of runtime `R`, each with a client `C`, doing `W`.
pub(crate) struct Agents<R, C, W> {
    protocol: Protocol,
    sessions: Vec<Option<Session<R, C>>>,
    permits: Arc<Semaphore>,
    workload: Arc<W>,
}

impl<R, C, W> Agents<R, C, W> {
    /// So many agents, of which `permits` may work at the same time.
    pub fn new(agents: usize, permits: u32, protocol: Protocol, workload: W) -> Self {
        Agents {
            protocol,
            sessions: (0..agents).map(|_| None).collect(),
            permits: Arc::new(Semaphore::new(permits as usize)),
            workload: Arc::new(workload),
        }
    }
}

impl<R: Runtime, C: Client<R>, W: Workload> Crew for Agents<R, C, W> {
    async fn phase(&mut self, errands: Vec<Errand>) -> PhaseRun {
        let gate = Gate::new();
        let who: Vec<usize> = errands.iter().map(|errand| errand.agent.index as usize).collect();
        let tasks: Vec<_> = errands
            .into_iter()
            .map(|errand| {
                let session = self.sessions[errand.agent.index as usize].take();
                let (workload, permits) = (self.workload.clone(), self.permits.clone());
                R::spawn(agent::run::<R, C, W>(
                    session,
                    errand,
                    workload,
                    self.protocol,
                    gate.clone(),
                    permits,
                ))
            })
            .collect();
        gate.all_arrived(tasks.len()).await;
        let counters = Counters::begin();
        let mut watch = RuntimeWatch::<R>::begin();
        let release_ns = gate.release();
        watch.look();
        let mut ended = Vec::with_capacity(tasks.len());
        for task in tasks {
            ended.push(task.await);
            watch.look();
        }
        let cost = Cost { runtime: watch.cost(), ..counters.cost() };
        let (sessions, outcomes): (Vec<_>, Vec<_>) = ended.into_iter().map(|ended| *ended).unzip();
        for (&index, session) in who.iter().zip(sessions) {
            self.sessions[index] = session;
        }
        PhaseRun { release_ns, cost, outcomes }
    }

    fn disconnect(&mut self, agent: u32) {
        self.sessions[agent as usize] = None;
    }
}

#[cfg(test)]
mod tests;
