//! One trial: warm-up, each agent alone, all agents together.

use crate::agents::Agents;
use crate::arrivals;
use crate::counters::Cost;
use crate::crew::{Crew, Errand, PhaseRun};
use crate::delays::Pool;
use crate::exchange::Protocol;
use crate::http::Client;
use crate::proc_self::{ProcessStatus, thread_names};
use crate::workload::{AgentPlan, Workload};
use crate::{Runtime, now_ns};
use std::io;
use std::sync::Arc;
use tandem_records::{
    AgentRow, ArmReport, Cache, Connection, Length, Phase, PhaseOrder, RequestRow, ServerKind, Stage, Status,
    TrialSpec,
};

mod check;
mod receive_stamps;
mod rows;
mod stamps;

use stamps::Stamps;

use rows::Place;

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
        let kind = |agent: &AgentPlan| (agent.role, agent.target.url.clone());
        let first = self.agents.iter().position(|agent| kind(agent) == kind(&self.agents[index]));
        first.unwrap_or(index)
    }

    /// Intended start of every agent in ns after the release: of the open loop, in the phase that has one.
    pub fn starts_ns(&self, phase: Phase) -> Option<Vec<u64>> {
        let rate = self.spec.rate.filter(|_| phase == Phase::Concurrent)?;
        Some(arrivals::starts_ns(self.spec.seed, self.spec.agents, rate, self.spec.arrivals))
    }
}

/// What an arm says of itself in its report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    pub runtime: &'static str,
    pub client: tandem_records::Client,
    pub bridge: &'static str,
}

/// A trial under way.
struct Trial<K> {
    setup: Setup,
    crew: K,
    /// Stage of an agent's first request: the row of one that never came to make it needs it.
    first_stage: Stage,
    /// Requests each agent has made in the warm-up so far.
    warmup_calls: Vec<u32>,
    agent_rows: Vec<AgentRow>,
    request_rows: Vec<RequestRow>,
    /// Tokens of the concurrent phase.
    delays: Pool,
    /// Tokens of all phases, where they are kept.
    stamps: Option<Stamps>,
}

/// What only the concurrent phase tells.
struct Together {
    makespan_ns: Option<u64>,
    cost: Cost,
    /// Before what was recorded is summarised, which takes memory of its own.
    peak_rss_bytes: Option<u64>,
    thread_names: Vec<String>,
}

/// What the process tells of a phase.
struct Phased {
    release_ns: u64,
    cost: Cost,
    peak_rss_bytes: Option<u64>,
}

/// Builds the runtime, runs the trial on it and reports.
///
/// # Errors
/// The runtime could not be built.
pub(crate) fn run<R: Runtime, C: Client<R>, W: Workload>(setup: Setup, workload: W) -> io::Result<ArmReport> {
    let identity = Identity { runtime: R::NAME, client: C::KIND, bridge: C::BRIDGE };
    let _stamping = setup.spec.receive_stamps.then(receive_stamps::keep_on);
    let before_ns = now_ns();
    R::block_on(async move {
        let startup_ns = now_ns() - before_ns;
        let crew = Agents::<R, C, W>::new(setup.agents.len(), setup.permits, setup.protocol, workload);
        conduct(setup, crew, identity, W::FIRST_STAGE, startup_ns).await
    })
}

/// Runs a trial with this crew and reports.
pub(crate) async fn conduct<K: Crew>(
    setup: Setup,
    crew: K,
    identity: Identity,
    first_stage: Stage,
    startup_ns: u64,
) -> ArmReport {
    let warmup_calls = vec![0; setup.agents.len()];
    let trial = Trial {
        stamps: Stamps::of(&setup.spec),
        setup,
        crew,
        first_stage,
        warmup_calls,
        agent_rows: Vec::new(),
        request_rows: Vec::new(),
        delays: Pool::default(),
    };
    trial.conduct(identity, startup_ns).await
}

impl<K: Crew> Trial<K> {
    async fn conduct(mut self, identity: Identity, startup_ns: u64) -> ArmReport {
        let all: Vec<usize> = (0..self.setup.agents.len()).collect();
        let start_rss_bytes = ProcessStatus::read().rss_bytes;
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
        let cost = together.as_ref().map(|t| t.cost);
        let of_runtime = cost.and_then(|cost| cost.runtime);
        let process = ProcessStatus::read();
        let (status, error) = match self.stamps.map(Stamps::write) {
            Some(Err(why)) if status.is_ok() => (Status::NotKept, why),
            _ => (status, error),
        };
        ArmReport {
            runtime: identity.runtime.to_string(),
            client: identity.client,
            bridge: identity.bridge.to_string(),
            read_cap_bytes: self.setup.protocol.reading.cap_bytes,
            status,
            error,
            makespan_ns: together.as_ref().and_then(|t| t.makespan_ns),
            startup_ns: Some(startup_ns),
            cpu_ns: cost.map(|cost| cost.cpu_ns),
            voluntary_switches: cost.and_then(|cost| cost.voluntary_switches),
            involuntary_switches: cost.and_then(|cost| cost.involuntary_switches),
            migrations: cost.and_then(|cost| cost.migrations),
            minor_faults: cost.and_then(|cost| cost.minor_faults),
            major_faults: cost.and_then(|cost| cost.major_faults),
            cpus_allowed: process.cpus_allowed,
            workers: of_runtime.map(|runtime| runtime.workers),
            workers_busy_ns: of_runtime.map(|runtime| runtime.busy_ns),
            worker_parks: of_runtime.map(|runtime| runtime.parks),
            queue_depth_max: of_runtime.map(|runtime| runtime.queue_depth_max),
            delays: self.delays.delays(),
            peak_rss_bytes: together.as_ref().map_or(process.peak_rss_bytes, |t| t.peak_rss_bytes),
            thread_names: together.map_or_else(Vec::new, |t| t.thread_names),
            start_rss_bytes,
            agents: self.agent_rows,
            requests: self.request_rows,
            micro: Vec::new(),
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
        let Phased { release_ns, cost, peak_rss_bytes } = self.phase(Phase::Concurrent, all).await;
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
            peak_rss_bytes,
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
            who.iter().for_each(|&index| self.crew.disconnect(index as u32));
        }
    }

    /// Runs one phase and keeps its rows.
    async fn phase(&mut self, phase: Phase, who: &[usize]) -> Phased {
        let measured = phase != Phase::Warmup;
        let starts = self.setup.starts_ns(phase);
        let errand = |&index: &usize| {
            let agent = self.setup.agents[index].clone();
            Errand {
                phase,
                tokens: if measured { agent.tokens } else { SHORT_TOKENS.min(agent.tokens) },
                limited: !measured || self.setup.spec.length == Length::Fixed,
                prepared: !measured || self.setup.spec.connection == Connection::Prepared,
                start_after_ns: starts.as_ref().map(|starts| starts[index]),
                agent,
            }
        };
        let errands: Vec<Errand> = who.iter().map(errand).collect();
        let PhaseRun { release_ns, cost, mut outcomes } = self.crew.phase(errands).await;
        let peak_rss_bytes = ProcessStatus::read().peak_rss_bytes;
        receive_stamps::discard_unsound(self.setup.protocol.reading.stamps, &mut outcomes);
        for (&index, outcome) in who.iter().zip(outcomes) {
            let intended_ns = starts.as_ref().map(|starts| release_ns + starts[index]);
            self.keep(Place { phase, index, release_ns, intended_ns }, outcome);
        }
        Phased { release_ns, cost, peak_rss_bytes }
    }
}
