//! Workload `spawn`: tasks that do nothing, started in batches and one by one, from inside the executor and from outside.

use super::log::timed;
use super::{Log, Measured, on};
use crate::Runtime;
use std::hint::black_box;

/// Many and short: a batch is fast or slow as another worker takes part in it or not.
const BATCHES: u32 = 31;
/// Tasks started before the first of them is waited for, and tasks of a timed batch. A batch of one takes up to fifteen
/// microseconds.
const SIZES: [(u64, u64); 3] = [(1, 250), (100, 2_000), (10_000, 10_000)];
/// Tasks started one by one in a timed batch.
const SERIAL: u64 = 250;

pub(super) fn measure<R: Runtime>() -> Measured {
    on::<R, _>(async {
        let mut log = Log::default();
        for round in 0..=BATCHES {
            log = every_case::<R>("outside", round, log).await;
            log = R::spawn(every_case::<R>("inside", round, log)).await;
        }
        Ok(log)
    })
}

/// A batch of every case from where this is polled: by `block_on`, which is no worker, or in a task.
async fn every_case<R: Runtime>(place: &str, round: u32, mut log: Log) -> Log {
    for (size, tasks_in_all) in SIZES {
        let times = tasks_in_all / size;
        let mut tasks = Vec::with_capacity(size as usize);
        timed!(log, &format!("batch {size}/{place}"), round, tasks_in_all, {
            for _ in 0..times {
                tasks.extend((0..size).map(|number| R::spawn(async move { black_box(number) })));
                for task in tasks.drain(..) {
                    black_box(task.await);
                }
            }
        });
    }
    timed!(log, &format!("serial/{place}"), round, SERIAL, {
        for number in 0..SERIAL {
            black_box(R::spawn(async move { black_box(number) }).await);
        }
    });
    log
}
