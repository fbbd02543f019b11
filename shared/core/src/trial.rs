//! One trial: warm-up, each agent alone, all agents together.

use crate::agent::{self, Errand, Outcome};
use crate::counters::{Cost, Counters, peak_rss_bytes, thread_names};
use crate::exchange::{Protocol, Session};
use crate::gate::Gate;
use crate::http::Client;
use crate::workload::{AgentPlan, Workload};
use crate::{Runtime, now_ns};
use async_lock::Semaphore;
use std::io;
use std::sync::Arc;
use tandem_records::{
    AgentRow, ArmReport, Cache, Connection, Length, Phase, PhaseOrder, RequestRow, ServerKind, TrialSpec,
};

mod check;
mod rows;

/// Length of warm-up and priming responses: the shortest that has a gap. Load options and prompt are the trial's own.
const SHORT_TOKENS: u32 = 2;

/// A checked specification.
pub(crate) struct Setup {
    pub spec: TrialSpec,
    pub agents: Vec<Arc<AgentPlan>>,
    pub protocol: Protocol,
    pub permits: u32,
}

impl Setup {
    /// The agent whose solo run stands for agent `index`: itself, or above two agents the first one with the same
    /// server and role, which has the same length. A length that the model chooses is each agent's own.
    fn representative(&self, index: usize) -> usize {
        if self.agents.len() <= 2 || self.spec.length == Length::Free {
            return index;
        }
        let kind = |agent: &AgentPlan| (agent.role, agent.target.address);
        let first = self.agents.iter().position(|agent| kind(agent) == kind(&self.agents[index]));
        first.unwrap_or(index)
    }
}

/// A trial under way.
struct Trial<R, C, W> {
    setup: Setup,
    sessions: Vec<Option<Session<R, C>>>,
    permits: Arc<Semaphore>,
    /// Requests each agent has made in the warm-up so far.
    warmup_calls: Vec<u32>,
    agent_rows: Vec<AgentRow>,
    request_rows: Vec<RequestRow>,
    workload: Arc<W>,
}

/// What only the concurrent phase tells.
struct Together {
    makespan_ns: Option<u64>,
    cost: Cost,
    thread_names: Vec<String>,
}

/// Builds the runtime, runs the trial on it and reports.
///
/// # Errors
/// The runtime could not be built.
pub(crate) fn run<R: Runtime, C: Client<R>, W: Workload>(setup: Setup, workload: W) -> io::Result<ArmReport> {
    let before_ns = now_ns();
    R::block_on(async move {
        let startup_ns = now_ns() - before_ns;
        Trial::<R, C, W>::new(setup, workload).conduct(startup_ns).await
    })
}

impl<R: Runtime, C: Client<R>, W: Workload> Trial<R, C, W> {
    fn new(setup: Setup, workload: W) -> Self {
        Trial {
            sessions: setup.agents.iter().map(|_| None).collect(),
            permits: Arc::new(Semaphore::new(setup.permits as usize)),
            warmup_calls: vec![0; setup.agents.len()],
            agent_rows: Vec::new(),
            request_rows: Vec::new(),
            workload: Arc::new(workload),
            setup,
        }
    }

    async fn conduct(mut self, startup_ns: u64) -> ArmReport {
        let all: Vec<usize> = (0..self.setup.agents.len()).collect();
        self.phase(Phase::Warmup, &all).await;
        let mut together = None;
        if self.request_rows.iter().all(|row| row.status.is_ok())
            && self.agent_rows.iter().all(|row| row.status.is_ok())
        {
            match self.setup.spec.phase_order {
                PhaseOrder::SoloFirst => {
                    self.solo().await;
                    together = Some(self.together(&all).await);
                }
                PhaseOrder::ConcurrentFirst => {
                    together = Some(self.together(&all).await);
                    self.solo().await;
                }
            }
        }
        let (status, error) = check::responses(&self.setup, &self.agent_rows, &mut self.request_rows);
        ArmReport {
            runtime: R::NAME.to_string(),
            client: C::KIND,
            bridge: C::BRIDGE.to_string(),
            read_cap_bytes: self.setup.protocol.read_cap_bytes,
            status,
            error,
            makespan_ns: together.as_ref().and_then(|t| t.makespan_ns),
            startup_ns: Some(startup_ns),
            cpu_ns: together.as_ref().map(|t| t.cost.cpu_ns),
            voluntary_switches: together.as_ref().and_then(|t| t.cost.voluntary_switches),
            involuntary_switches: together.as_ref().and_then(|t| t.cost.involuntary_switches),
            thread_names: together.map_or_else(Vec::new, |t| t.thread_names),
            peak_rss_bytes: peak_rss_bytes(),
            agents: self.agent_rows,
            requests: self.request_rows,
        }
    }

    /// Each agent that stands for itself, alone.
    async fn solo(&mut self) {
        for index in 0..self.setup.agents.len() {
            if self.setup.representative(index) != index {
                continue;
            }
            self.ready(&[index]).await;
            self.phase(Phase::Solo, &[index]).await;
        }
    }

    async fn together(&mut self, all: &[usize]) -> Together {
        self.ready(all).await;
        let (release_ns, cost) = self.phase(Phase::Concurrent, all).await;
        let ends: Option<Vec<u64>> = self
            .agent_rows
            .iter()
            .filter(|row| row.phase == Phase::Concurrent)
            .map(|row| row.end_ns)
            .collect();
        let last_end_ns = ends.and_then(|ends| ends.into_iter().max());
        Together {
            makespan_ns: last_end_ns.map(|end| end.saturating_sub(release_ns)),
            cost,
            thread_names: thread_names(),
        }
    }

    /// Brings servers and connections into the state that the plan asks for.
    async fn ready(&mut self, who: &[usize]) {
        let spec = &self.setup.spec;
        let prime = spec.server_kind != ServerKind::Sim && spec.cache == Cache::Warm;
        let fresh = spec.connection == Connection::Fresh;
        if prime {
            self.phase(Phase::Warmup, who).await;
        }
        if fresh {
            who.iter().for_each(|&index| self.sessions[index] = None);
        }
    }

    /// Spawns the agents, waits until all are ready, releases them and keeps their rows.
    async fn phase(&mut self, phase: Phase, who: &[usize]) -> (u64, Cost) {
        let gate = Gate::new();
        let measured = phase != Phase::Warmup;
        let tasks: Vec<_> = who
            .iter()
            .map(|&index| {
                let agent = self.setup.agents[index].clone();
                let errand = Errand {
                    phase,
                    tokens: if measured { agent.tokens } else { SHORT_TOKENS.min(agent.tokens) },
                    limited: !measured || self.setup.spec.length == Length::Fixed,
                    prepared: !measured || self.setup.spec.connection == Connection::Prepared,
                };
                R::spawn(agent::run::<R, C, W>(
                    self.sessions[index].take(),
                    agent,
                    self.workload.clone(),
                    self.setup.protocol,
                    errand,
                    gate.clone(),
                    self.permits.clone(),
                ))
            })
            .collect();
        gate.all_arrived(tasks.len()).await;
        let before = Counters::read();
        let release_ns = gate.release();
        let mut outcomes: Vec<Outcome<R, C>> = Vec::with_capacity(tasks.len());
        for task in tasks {
            outcomes.push(task.await);
        }
        let cost = before.cost_until(Counters::read());
        for (&index, outcome) in who.iter().zip(outcomes) {
            self.keep(phase, index, release_ns, outcome);
        }
        (release_ns, cost)
    }
}
