//! The crew: one loop that starts agents, waits for events, and gives up on what takes too long.

use crate::agent::Agent;
use crate::call::Call;
use crate::task::{Progress, Shared};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::EventFlags;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use tandem_core::crew::{AgentPlan, Counters, Crew, Errand, PhaseRun, Protocol, Standalone};
use tandem_core::http::RequestError;
use tandem_core::now_ns;
use tandem_records::Client;

/// Bytes of one read: more than Linux keeps for a socket on loopback before the sender waits, and no more than a
/// second-level cache holds.
const BUFFER_BYTES: usize = 64 * 1024;

/// Events taken at a time.
const EVENTS: usize = 1024;

/// Agents started before the others' events are looked at, so that a large release does not keep first tokens waiting.
const STARTS_AT_A_TIME: usize = 32;

/// Connections opened and proved at the same time: fewer than any listener's backlog.
const PROVED_AT_A_TIME: usize = 64;

/// All agents, in one thread.
pub struct Floor {
    protocol: Protocol,
    permits: usize,
    agents: Vec<Agent>,
    shared: Shared,
    events: Vec<epoll::Event>,
    /// Agents whose last turn left something to read.
    unread: Vec<usize>,
}

/// A task that waits for its turn.
struct Waiting {
    plan: Arc<AgentPlan>,
    /// Its work; `None` if a connection is to be opened and proved.
    call: Option<Call>,
    /// Not before this moment.
    from_ns: u64,
}

impl Standalone for Floor {
    const CLIENT: Client = Client::Epoll;
    const PACKAGES: &'static [&'static str] = &["httparse"];

    fn new(agents: usize, permits: u32, protocol: Protocol) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        Ok(Floor {
            protocol,
            permits: permits as usize,
            agents: (0..agents).map(|_| Agent::default()).collect(),
            shared: Shared { epoll, buffer: vec![0; BUFFER_BYTES] },
            events: Vec::with_capacity(EVENTS),
            unread: Vec::new(),
        })
    }
}

impl Crew for Floor {
    async fn phase(&mut self, errands: Vec<Errand>) -> PhaseRun {
        let who: Vec<usize> = errands.iter().map(|errand| errand.agent.index as usize).collect();
        let unproved = errands.iter().filter(|errand| errand.prepared);
        let prove = |errand: &Errand| Waiting { plan: errand.agent.clone(), call: None, from_ns: 0 };
        self.run(unproved.map(prove).collect(), PROVED_AT_A_TIME);
        let able =
            errands.iter().filter(|errand| self.agents[errand.agent.index as usize].outcome.error.is_none());
        let mut work: VecDeque<Waiting> = able
            .map(|errand| Waiting {
                plan: errand.agent.clone(),
                call: Some(Call::prepared(errand, self.protocol)),
                from_ns: errand.start_after_ns.unwrap_or(0),
            })
            .collect();
        let counters = Counters::begin();
        let release_ns = now_ns();
        work.iter_mut().for_each(|waiting| waiting.from_ns += release_ns);
        self.run(work, self.permits);
        let cost = counters.cost();
        let outcomes = who.iter().map(|&index| std::mem::take(&mut self.agents[index].outcome)).collect();
        PhaseRun { release_ns, cost, outcomes }
    }

    fn disconnect(&mut self, agent: u32) {
        self.agents[agent as usize].disconnect();
    }
}

impl Floor {
    /// Carries out these tasks in their order, which is that of their moments, at most `at_once` at the same time.
    fn run(&mut self, mut waiting: VecDeque<Waiting>, at_once: usize) {
        let mut busy = 0;
        // All tasks may take equally long: they run out of time in the order in which they began.
        let mut deadlines: VecDeque<(u64, usize)> = VecDeque::with_capacity(waiting.len());
        while busy > 0 || !waiting.is_empty() {
            let now_ns = now_ns();
            busy -= self.give_up(&mut deadlines, now_ns);
            let mut started = 0;
            let is_due = |next: &Waiting| next.from_ns <= now_ns;
            while started < STARTS_AT_A_TIME && busy < at_once && waiting.front().is_some_and(is_due) {
                let Some(next) = waiting.pop_front() else { break };
                let index = next.plan.index as usize;
                started += 1;
                if self.start(next) != Progress::Over {
                    busy += 1;
                    deadlines.push_back((self.agents[index].deadline_ns, index));
                }
            }
            let next_start_ns = waiting.front().filter(|_| busy < at_once).map(|next| next.from_ns);
            let until_ns = deadlines.front().map(|(at_ns, _)| *at_ns).into_iter().chain(next_start_ns).min();
            // Starting takes time: whoever was started meanwhile is looked at before the loop sleeps.
            let idle_ns = until_ns.filter(|_| started == 0).map_or(0, |at_ns| at_ns.saturating_sub(now_ns));
            busy -= self.wait(idle_ns);
        }
    }

    fn start(&mut self, Waiting { plan, call, .. }: Waiting) -> Progress {
        let agent = &mut self.agents[plan.index as usize];
        agent.deadline_ns = now_ns() + self.protocol.timeout.as_nanos() as u64;
        match call {
            Some(call) => agent.work(call, plan, &mut self.shared),
            None => agent.prove(plan, &mut self.shared),
        }
    }

    /// Waits for events, at most so long, and handles them; first goes on with what is unread. Returns how many agents reached their end.
    ///
    /// # Panics
    /// Never: the kernel refuses only a set or a buffer that is not ours.
    fn wait(&mut self, limit_ns: u64) -> usize {
        let mut ended = 0;
        for index in std::mem::take(&mut self.unread) {
            ended += self.turn(index, None);
        }
        let limit_ns = if self.unread.is_empty() && ended == 0 { limit_ns } else { 0 };
        let limit = Timespec {
            tv_sec: (limit_ns / 1_000_000_000) as i64,
            tv_nsec: (limit_ns % 1_000_000_000) as i64,
        };
        self.events.clear();
        match epoll::wait(&self.shared.epoll, spare_capacity(&mut self.events), Some(&limit)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => panic!("epoll_wait: {error}"),
        }
        for at in 0..self.events.len() {
            let event = self.events[at];
            ended += self.turn(event.data.u64() as usize, Some(event.flags));
        }
        ended
    }

    /// Gives an agent its turn, after an event or for what is unread. Returns 1 where it reached its end.
    fn turn(&mut self, index: usize, event: Option<EventFlags>) -> usize {
        let agent = &mut self.agents[index];
        // A connection at rest has events, too: its server may close it.
        if !agent.is_busy() {
            return 0;
        }
        let progress = match event {
            Some(flags) => agent.advance(flags, &mut self.shared),
            None => agent.read_on(&mut self.shared),
        };
        if progress == Progress::Unread && !self.unread.contains(&index) {
            self.unread.push(index);
        }
        usize::from(progress == Progress::Over)
    }

    /// Stops the agents whose time is over, and forgets those that have ended. Returns how many it stopped.
    fn give_up(&mut self, deadlines: &mut VecDeque<(u64, usize)>, now_ns: u64) -> usize {
        let mut stopped = 0;
        while let Some(&(deadline_ns, index)) = deadlines.front() {
            let agent = &mut self.agents[index];
            let waits = agent.is_busy() && agent.deadline_ns == deadline_ns;
            if waits && deadline_ns > now_ns {
                break;
            }
            if waits {
                agent.stop(RequestError::timeout(self.protocol.timeout));
                stopped += 1;
            }
            deadlines.pop_front();
        }
        stopped
    }
}
