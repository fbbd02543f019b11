//! What a runtime has to do for the agents, as checks that every arm runs on itself.

mod endless_server;
mod facts;

pub use facts::{Fact, facts};

use crate::agents::Agents;
use crate::crew::{Crew, Done, Errand};
use crate::exchange::{Protocol, Session};
use crate::http::{Answer, Client, Method, Reading, RequestError, Target};
use crate::workload::{AgentPlan, Workload};
use crate::{Runtime, now_ns};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tandem_records::{Api, Endpoint, Phase, RequestOptions, Role, Stage, Status};

/// Agents of a check; one of them panics.
const AGENTS: u32 = 4;
const PANICS: u32 = 1;

/// A client that is never asked for anything, for checks of the agents alone.
pub(crate) struct Silent;

impl<R: Runtime> Client<R> for Silent {
    const KIND: tandem_records::Client = tandem_records::Client::Hyper;
    const PACKAGES: &'static [&'static str] = &[];

    fn new(_: &Target, _: Reading) -> Result<Self, RequestError> {
        Ok(Silent)
    }
    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        Ok(None)
    }
    async fn send(&mut self, _: Method, _: &str, _: Bytes) -> Result<Answer, RequestError> {
        Ok(Answer::new(200, None))
    }
    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        Ok(None)
    }
}

/// Waits on the runtime's timer; one agent panics in the middle.
struct OnePanics;

impl Workload for OnePanics {
    const FIRST_STAGE: Stage = Stage::Stream;
    type Prepared = bool;

    fn prepare(&self, errand: &Errand, _: Protocol) -> bool {
        errand.agent.index == PANICS
    }

    async fn run<R: Runtime, C: Client<R>>(_: &mut Session<R, C>, panics: bool) -> Done {
        R::sleep_until(Instant::now() + Duration::from_millis(5)).await;
        assert!(!panics, "this agent panics on purpose");
        R::sleep_until(Instant::now() + Duration::from_millis(20)).await;
        Done::default()
    }
}

/// Checks that every fact holds on this runtime, but for the one in which runtimes differ: whether a task ends when its
/// handle is dropped.
///
/// # Panics
/// When it is not so.
pub fn the_facts_hold<R: Runtime>(dropped_handle_cancels: bool) {
    let facts = facts::<R>();
    assert!(facts.len() >= 10, "{facts:?}");
    for fact in facts {
        let expected = fact.name != facts::DROPPED_HANDLE || dropped_handle_cancels;
        assert_eq!(fact.holds, expected, "{fact:?}");
    }
}

/// Checks that an agent that panics gets the status `panicked` with its text, that the others work to their end, and that
/// the next phase is sound, the same agent included.
///
/// # Panics
/// When it is not so.
pub fn a_panic_stays_with_its_agent<R: Runtime>() {
    let protocol = Protocol {
        api: Api::Ollama,
        endpoint: Endpoint::Generate,
        path: "/api/generate",
        timeout: Duration::from_secs(60),
        reading: Reading::default(),
    };
    let target = Target::parse("http://127.0.0.1:1");
    let Ok(target) = target else { panic!("a URL of the check does not parse") };
    let errands = |agents: std::ops::Range<u32>| -> Vec<Errand> {
        let errand = |index| Errand {
            agent: Arc::new(AgentPlan {
                index,
                role: Role::Collector,
                target: target.clone(),
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
            start_after_ns: None,
        };
        agents.map(errand).collect()
    };
    let ended = R::block_on(async {
        let mut crew = Agents::<R, Silent, OnePanics>::new(AGENTS as usize, AGENTS, protocol, OnePanics);
        let first = crew.phase(errands(0..AGENTS)).await;
        for (index, outcome) in first.outcomes.iter().enumerate() {
            match (&outcome.error, index as u32) {
                (Some(error), PANICS) => {
                    assert_eq!(error.status, Status::Panicked);
                    assert_eq!(error.message, "this agent panics on purpose");
                }
                (None, other) if other != PANICS => {
                    assert!(outcome.end_ns.is_some_and(|end| (first.release_ns..=now_ns()).contains(&end)));
                }
                (error, _) => panic!("agent {index}: {error:?}"),
            }
        }
        // Without the one that panics: the crew is as it was.
        let next = crew.phase(errands(PANICS + 1..AGENTS)).await;
        assert!(next.outcomes.iter().all(|outcome| outcome.error.is_none() && outcome.end_ns.is_some()));
    });
    assert!(ended.is_ok(), "{ended:?}");
}
