//! Workload `timer`: how late deadlines come, and what a time limit costs that fires or does not.

use super::log::timed;
use super::{Log, Measured, Stopwatch, on};
use crate::structured::timeout;
use crate::{Runtime, now_ns};
use futures_lite::future::yield_now;
use std::future::pending;
use std::time::{Duration, Instant};

const BATCHES: u32 = 3;
/// Deadlines that are pending at once, and how often the whole is repeated in one batch.
const DEADLINES: [(u64, u32); 3] = [(1, 20), (100, 1), (10_000, 1)];
/// The first deadline, after all tasks have been started.
const AHEAD: Duration = Duration::from_millis(20);
/// The time over which the deadlines lie.
const SPREAD: Duration = Duration::from_millis(40);
/// The one deadline that is alone.
const ALONE: Duration = Duration::from_millis(2);
/// Time limits in a timed batch.
const LIMITS: u64 = 5_000;
/// Limits that run out together.
const FIRED: u64 = 200;
/// The time limit that runs out.
const SHORT: Duration = Duration::from_millis(5);
/// The time limit that does not.
const LONG: Duration = Duration::from_secs(3600);

pub(super) fn measure<R: Runtime>() -> Measured {
    on::<R, _>(async {
        let mut log = Log::default();
        for round in 0..=BATCHES {
            log = deadlines::<R>(round, log).await;
            log = R::spawn(limits::<R>(round, log)).await;
        }
        Ok(log)
    })
}

async fn deadlines<R: Runtime>(round: u32, mut log: Log) -> Log {
    for (deadlines, repeats) in DEADLINES {
        let case = format!("{deadlines} deadline{}", if deadlines == 1 { "" } else { "s" });
        let watch = Stopwatch::start();
        let mut late = Vec::new();
        for _ in 0..repeats {
            late.extend(lateness::<R>(deadlines).await);
        }
        let cpu_ns = watch.stop().cpu_ns;
        if let Some(batch) = round.checked_sub(1) {
            log.quantiles(&case, batch, late);
            log.cpu(&format!("{case}/cpu"), batch, deadlines * u64::from(repeats), cpu_ns);
        }
    }
    log
}

/// How much later than its deadline each of so many tasks went on, in ns.
async fn lateness<R: Runtime>(deadlines: u64) -> Vec<u64> {
    let (now, now_at_ns) = (Instant::now(), now_ns());
    let task = |number: u64| {
        let after = match deadlines {
            1 => ALONE,
            // Multiples of the golden ratio modulo 1: evenly spread, in no order, without two alike.
            _ => AHEAD + SPREAD.mul_f64((number as f64 * 0.618_033_988_749_895).fract()),
        };
        R::spawn(async move {
            R::sleep_until(now + after).await;
            now_ns().saturating_sub(now_at_ns + after.as_nanos() as u64)
        })
    };
    let tasks: Vec<_> = (0..deadlines).map(task).collect();
    let mut late = Vec::with_capacity(tasks.len());
    for task in tasks {
        late.push(task.await);
    }
    late
}

async fn limits<R: Runtime>(round: u32, mut log: Log) -> Log {
    timed!(log, "time limit/not fired", round, LIMITS, {
        for _ in 0..LIMITS {
            timeout::<R, _>(LONG, yield_now()).await;
        }
    });
    let task = |_| {
        R::spawn(async {
            let at = now_ns();
            timeout::<R, _>(SHORT, pending::<()>()).await;
            (now_ns() - at).saturating_sub(SHORT.as_nanos() as u64)
        })
    };
    let tasks: Vec<_> = (0..FIRED).map(task).collect();
    let mut late = Vec::with_capacity(tasks.len());
    for task in tasks {
        late.push(task.await);
    }
    if let Some(batch) = round.checked_sub(1) {
        log.quantiles("time limit/fired, late by", batch, late);
    }
    log
}
