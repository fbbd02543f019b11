//! Workloads `yield` and `wake`: what it takes to be polled again, by one's own wish and by another's.

use super::log::timed;
use super::{Log, Measured, on};
use crate::Runtime;
use async_channel::{Receiver, Sender, bounded};
use futures_lite::future::yield_now;
use std::thread;

const BATCHES: u32 = 9;
/// Yields of a timed batch.
const YIELDS: u64 = 20_000;
/// Round trips of a timed batch: two wakes each, up to twenty microseconds.
const ROUND_TRIPS: u64 = 1_000;

pub(super) fn measure_yield<R: Runtime>() -> Measured {
    on::<R, _>(async {
        let mut log = yields("outside").await;
        log.extend(R::spawn(yields("inside")).await);
        Ok(log)
    })
}

async fn yields(place: &str) -> Log {
    let mut log = Log::default();
    timed!(log, place, BATCHES, YIELDS, {
        for _ in 0..YIELDS {
            yield_now().await;
        }
    });
    log
}

pub(super) fn measure_wake<R: Runtime>() -> Measured {
    on::<R, _>(async {
        let mut log = Log::default();
        let (there, back) = line();
        let (far_back, far_there) = (there.1, back.0);
        let echo = R::spawn(async move {
            while let Ok(ball) = far_back.recv().await {
                if far_there.send(ball).await.is_err() {
                    break;
                }
            }
        });
        log.extend(R::spawn(play("between tasks", there.0, back.1)).await);
        echo.await;

        let (there, back) = line();
        let (far_back, far_there) = (there.1, back.0);
        let echo = thread::spawn(move || {
            while let Ok(ball) = far_back.recv_blocking() {
                if far_there.send_blocking(ball).is_err() {
                    break;
                }
            }
        });
        log.extend(R::spawn(play("task and thread", there.0, back.1)).await);
        // It ends because the other side is gone.
        let _ = echo.join();
        Ok(log)
    })
}

type Ends = (Sender<u64>, Receiver<u64>);

/// A channel there and one back, each with room for one.
fn line() -> (Ends, Ends) {
    (bounded(1), bounded(1))
}

/// Sends and waits for the echo. One operation is a round trip.
async fn play(case: &str, there: Sender<u64>, back: Receiver<u64>) -> Log {
    let mut log = Log::default();
    timed!(log, case, BATCHES, ROUND_TRIPS, {
        for ball in 0..ROUND_TRIPS {
            let echoed = match there.send(ball).await {
                Ok(()) => back.recv().await.ok(),
                Err(_) => None,
            };
            assert_eq!(echoed, Some(ball), "the other side of a channel is there");
        }
    });
    log
}
