//! Order of an agent's steps in a phase, on a runtime of threads with work whose length is known.

use super::*;
use crate::conformance::Silent;
use crate::crew::{Done, Outcome};
use crate::http::{Reading, Receive, Target};
use crate::now_ns;
use crate::scripted::{Scripted, ScriptedSocket};
use crate::workload::AgentPlan;
use futures_lite::future;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use std::{io, thread};
use tandem_records::{Api, Endpoint, Phase, RequestOptions, Role, Stage};

/// Length of each agent's work.
const WORK_NS: u64 = 40_000_000;

/// One thread a task, and a timer that is late by so many milliseconds.
struct Threads<const LATE_MS: u64>;

impl<const LATE_MS: u64> Runtime for Threads<LATE_MS> {
    const NAME: &'static str = "threads";
    const PACKAGES: &'static [&'static str] = &[];
    type Stream = ScriptedSocket;
    type Watched = ScriptedSocket;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Scripted::block_on(future)
    }
    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        Scripted::spawn(future)
    }
    async fn sleep_until(deadline: Instant) {
        thread::sleep(deadline + Duration::from_millis(LATE_MS) - Instant::now());
    }
    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        work()
    }
    async fn connect(address: SocketAddr) -> io::Result<ScriptedSocket> {
        Scripted::connect(address).await
    }
    fn watch(stream: ScriptedSocket) -> io::Result<ScriptedSocket> {
        Scripted::watch(stream)
    }
    fn poll_receive(
        socket: &mut ScriptedSocket,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        Scripted::poll_receive(socket, cx, receive)
    }
}

/// Work that takes [`WORK_NS`].
struct Nap;

impl Workload for Nap {
    const FIRST_STAGE: Stage = Stage::Stream;
    type Prepared = ();

    fn prepare(&self, _: &Errand, _: Protocol) {}

    async fn run<R: Runtime, C: Client<R>>(_: &mut Session<R, C>, (): ()) -> Done {
        thread::sleep(Duration::from_nanos(WORK_NS));
        Done::default()
    }
}

/// Runs one phase; of each agent its intended start, its start and its end in ns after the release.
fn phase<const LATE_MS: u64>(permits: u32, starts_ns: &[Option<u64>]) -> Vec<(u64, u64, u64)> {
    let protocol = Protocol {
        api: Api::Ollama,
        endpoint: Endpoint::Generate,
        path: "/api/generate",
        timeout: Duration::from_secs(60),
        reading: Reading::default(),
    };
    let errand = |(index, &start_after_ns): (usize, &Option<u64>)| Errand {
        agent: Arc::new(AgentPlan {
            index: index as u32,
            role: Role::Collector,
            target: Target::parse("http://127.0.0.1:1").unwrap(),
            model: "m".into(),
            tokens: 2,
            seed: 7,
            options: RequestOptions::new(),
            leave_out: Vec::new(),
            cold: None,
        }),
        phase: Phase::Concurrent,
        tokens: 2,
        limited: true,
        prepared: false,
        start_after_ns,
    };
    let errands = starts_ns.iter().enumerate().map(errand).collect();
    let mut crew = Agents::<Threads<LATE_MS>, Silent, Nap>::new(starts_ns.len(), permits, protocol, Nap);
    let before = now_ns();
    let run = future::block_on(crew.phase(errands));
    assert!((before..=now_ns()).contains(&run.release_ns));
    let times = |(&start, outcome): (&Option<u64>, Outcome)| {
        let since = |at: Option<u64>| at.expect("it worked") - run.release_ns;
        (start.unwrap_or(0), since(outcome.start_ns), since(outcome.end_ns))
    };
    starts_ns.iter().zip(run.outcomes).map(times).collect()
}

#[test]
fn neither_the_closed_loop_nor_a_moment_that_has_come_asks_the_timer() {
    for starts in [[None, None], [Some(0), Some(0)]] {
        for (_, start, _) in phase::<60_000>(2, &starts) {
            assert!(start < 30_000_000_000, "{start}");
        }
    }
}

#[test]
fn an_agent_of_the_open_loop_starts_at_its_time_on_the_runtimes_timer() {
    let times = phase::<50>(2, &[Some(500_000_000), Some(100_000_000)]);
    for (intended, start, _) in &times {
        // The timer's lateness is part of the start: nothing corrects it.
        assert!(*start >= intended + 50_000_000, "{times:?}");
    }
    assert!(times[1].1 < times[0].1, "the schedule orders the starts, not the agents' numbers: {times:?}");
}

#[test]
fn a_permit_is_waited_for_after_the_intended_start() {
    let times = phase::<0>(1, &[Some(0), Some(1_000_000), Some(2_000_000)]);
    let mut by_start = times.clone();
    by_start.sort_unstable_by_key(|(_, start, _)| *start);
    for pair in by_start.windows(2) {
        assert!(pair[1].1 >= pair[0].2, "one at a time: {times:?}");
    }
    let (intended, start, _) = by_start[2];
    assert!(start - intended >= 2 * WORK_NS - 2_000_000, "the wait for two others shows: {times:?}");
}

#[test]
fn an_agent_waiting_for_its_time_holds_no_permit() {
    // Taken before the wait, the first agent's permit would keep the second one for 1 s.
    let times = phase::<0>(1, &[Some(1_000_000_000), Some(1_000_000)]);
    assert!(times[1].2 < 1_000_000_000, "{times:?}");
}
