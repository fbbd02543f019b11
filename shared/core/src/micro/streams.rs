//! Workload `streams`: what an HTTP stream holds that waits for its first token.

use super::asking::Asking;
use super::memory::Held;
use super::{Log, Measured, on};
use crate::Runtime;
use crate::http::{Client, RequestError};
use crate::structured::CancelToken;
use crate::trial::Setup;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Streams at once.
const STREAMS: u64 = 256;
/// Until the last request has reached the server and the clients wait.
const SETTLE: Duration = Duration::from_millis(150);
/// Between two looks at whether all have been sent.
const LOOK: Duration = Duration::from_millis(5);

pub(super) fn measure<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let asking = Asking::of(setup, 2);
    on::<R, _>(async move {
        let mut log = Log::default();
        // One stream has been opened before: what a client needs once is there.
        let mut first = asking.session::<R, C>()?;
        let first = R::spawn(C::enter(async move { first.prepare().await.map(|()| first) })).await?;
        let before = Held::now();
        let (sent, stop) = (Arc::new(AtomicU64::new(0)), CancelToken::new());
        let stream = |_| {
            let (asking, sent, stop) = (asking.clone(), sent.clone(), stop.clone());
            R::spawn(C::enter(async move {
                let mut session = asking.session::<R, C>()?;
                session.prepare().await?;
                sent.fetch_add(1, Ordering::Relaxed);
                stop.unless_cancelled(asking.ask(&mut session)).await.transpose().map(drop)
            }))
        };
        let tasks: Vec<_> = (0..STREAMS).map(stream).collect();
        let limit = Instant::now() + Duration::from_secs(20);
        while sent.load(Ordering::Relaxed) < STREAMS && Instant::now() < limit {
            R::sleep_until(Instant::now() + LOOK).await;
        }
        R::sleep_until(Instant::now() + SETTLE).await;
        Held::keep(before, &mut log, C::KIND.as_str(), 0, STREAMS);
        stop.cancel();
        for task in tasks {
            task.await?;
        }
        drop(first);
        Ok::<_, RequestError>(log)
    })
}
