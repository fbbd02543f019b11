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
        let mut log = Log::default();
        for round in 0..=BATCHES {
            log = yields("outside", round, log).await;
            log = R::spawn(yields("inside", round, log)).await;
        }
        Ok(log)
    })
}

async fn yields(place: &str, round: u32, mut log: Log) -> Log {
    timed!(log, place, round, YIELDS, {
        for _ in 0..YIELDS {
            yield_now().await;
        }
    });
    log
}

pub(super) fn measure_wake<R: Runtime>() -> Measured {
    on::<R, _>(async {
        let (task, far_task) = line();
        let echo_task = R::spawn(async move {
            while let Ok(ball) = far_task.1.recv().await {
                if far_task.0.send(ball).await.is_err() {
                    break;
                }
            }
        });
        let (thread, far_thread) = line();
        let echo_thread = thread::spawn(move || {
            while let Ok(ball) = far_thread.1.recv_blocking() {
                if far_thread.0.send_blocking(ball).is_err() {
                    break;
                }
            }
        });
        let games = async move {
            let mut log = Log::default();
            for round in 0..=BATCHES {
                play("between tasks", round, &task, &mut log).await;
                play("task and thread", round, &thread, &mut log).await;
            }
            log
        };
        let log = R::spawn(games).await;
        // Both end because the other side is gone.
        echo_task.await;
        let _ = echo_thread.join();
        Ok(log)
    })
}

type Ends = (Sender<u64>, Receiver<u64>);

/// The ends of a channel there and one back, each with room for one: of this side and of the other.
fn line() -> (Ends, Ends) {
    let (there, far) = bounded(1);
    let (far_back, back) = bounded(1);
    ((there, back), (far_back, far))
}

/// Sends and waits for the echo. One operation is a round trip.
async fn play(case: &str, round: u32, (there, back): &Ends, log: &mut Log) {
    timed!(log, case, round, ROUND_TRIPS, {
        for ball in 0..ROUND_TRIPS {
            let echoed = match there.send(ball).await {
                Ok(()) => back.recv().await.ok(),
                Err(_) => None,
            };
            assert_eq!(echoed, Some(ball), "the other side of a channel is there");
        }
    });
}
