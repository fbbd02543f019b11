//! Workload `blocking`: agents stream, and one task makes a blocking call in the middle, on the executor or off it.

use super::asking::Asking;
use super::log::timed;
use super::{Log, Measured, on};
use crate::Runtime;
use crate::delays;
use crate::http::{Client, RequestError};
use crate::structured::CancelToken;
use crate::trial::Setup;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};
use tandem_records::Status;

const AGENTS: usize = 8;
/// Tokens of each stream: 200 ms at the plan's 2 ms a token, so that the longest call lies inside.
const TOKENS: u32 = 100;
/// When the call begins, after the agents have started.
const AFTER: Duration = Duration::from_millis(50);
/// How long it blocks, in ms.
const BLOCKS_MS: [u64; 3] = [1, 10, 100];
const BATCHES: u32 = 5;
/// Calls off the executor in a timed batch.
const CALLS: u64 = 500;

/// Where the blocking call is made.
#[derive(Clone, Copy)]
enum Place {
    Executor,
    Unblock,
}

pub(super) fn measure<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let asking = Asking::of(setup, TOKENS);
    on::<R, _>(async move {
        let mut log = Log::default();
        // Connections, threads and the timer are there.
        streams::<R, C>(&asking, None).await?;
        log.quantiles("no call", 0, streams::<R, C>(&asking, None).await?);
        for ms in BLOCKS_MS {
            for (place, name) in [(Place::Executor, "on the executor"), (Place::Unblock, "unblock")] {
                let call = Some((place, Duration::from_millis(ms)));
                log.quantiles(&format!("{ms} ms {name}"), 0, streams::<R, C>(&asking, call).await?);
            }
        }
        timed!(log, "empty call by unblock", BATCHES, CALLS, {
            for number in 0..CALLS {
                black_box(R::unblock(move || black_box(number)).await);
            }
        });
        Ok(log)
    })
}

/// The client-added delay of every token of the agents, with this call among them.
async fn streams<R: Runtime, C: Client<R>>(
    asking: &Asking,
    call: Option<(Place, Duration)>,
) -> Result<Vec<u64>, RequestError> {
    let mut sessions = Vec::new();
    for _ in 0..AGENTS {
        let mut session = asking.session::<R, C>()?;
        sessions.push(R::spawn(C::enter(async move { session.prepare().await.map(|()| session) })).await?);
    }
    let agent = |mut session| {
        let asking = asking.clone();
        R::spawn(C::enter(async move { asking.ask::<R, C>(&mut session).await }))
    };
    let tasks: Vec<_> = sessions.into_iter().map(agent).collect();
    let over = CancelToken::new();
    let blocker = call.map(|(place, time)| {
        let over = over.clone();
        R::spawn(async move {
            let start = R::sleep_until(Instant::now() + AFTER);
            // A stream that failed is no reason to wait.
            over.unless_cancelled(start).await;
            match place {
                Place::Executor => thread::sleep(time),
                Place::Unblock => R::unblock(move || thread::sleep(time)).await,
            }
        })
    });
    let mut delays_ns = Vec::with_capacity(AGENTS * TOKENS as usize);
    let mut failed = None;
    for task in tasks {
        match task.await {
            Ok(exchange) => delays_ns.extend(delays::each(&exchange.recorder.tokens)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    over.cancel();
    if let Some(blocker) = blocker {
        blocker.await;
    }
    match failed {
        Some(error) => Err(error),
        None if delays_ns.is_empty() => {
            Err(RequestError::new(Status::Malformed, "no token carries the server's stamp"))
        }
        None => Ok(delays_ns),
    }
}
