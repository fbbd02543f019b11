//! Workload `blocking`: agents stream, and one task makes a blocking call in the middle, on the executor or off it.

use super::asking::{Asking, together};
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
/// Tokens of each stream: 170 ms at the plan's 2 ms a token, so that the longest call lies inside.
const TOKENS: u32 = 80;
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
        for round in 0..=BATCHES {
            timed!(log, "empty call by unblock", round, CALLS, {
                for number in 0..CALLS {
                    black_box(R::unblock(move || black_box(number)).await);
                }
            });
        }
        Ok(log)
    })
}

/// The client-added delay of every token of the agents, with this call among them.
async fn streams<R: Runtime, C: Client<R>>(
    asking: &Asking,
    call: Option<(Place, Duration)>,
) -> Result<Vec<u64>, RequestError> {
    let sessions = asking.sessions::<R, C>(AGENTS).await?;
    let over = CancelToken::new();
    let blocker = call.map(|(place, time)| {
        let over = over.clone();
        R::spawn(async move {
            let start = R::sleep_until(Instant::now() + AFTER);
            // Streams that are over, as failed ones are, are no reason to wait.
            over.unless_cancelled(start).await;
            match place {
                Place::Executor => thread::sleep(time),
                Place::Unblock => R::unblock(move || thread::sleep(time)).await,
            }
        })
    });
    let agent = |mut session| {
        let asking = asking.clone();
        async move { asking.ask::<R, C>(&mut session).await }
    };
    let streamed = together::<R, C, _, _>(sessions.into_iter().map(agent)).await;
    over.cancel();
    if let Some(blocker) = blocker {
        blocker.await;
    }
    let delays_ns: Vec<u64> =
        streamed?.iter().flat_map(|exchange| delays::each(&exchange.recorder.pieces)).collect();
    if delays_ns.is_empty() {
        return Err(RequestError::new(Status::Malformed, "no token carries the server's stamp"));
    }
    Ok(delays_ns)
}
