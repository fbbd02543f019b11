//! Workload `startup`: a process from before its start to after its end, by what it needs first.

use super::asking::Asking;
use super::{Log, Measured, on, part};
use crate::http::{Client, RequestError};
use crate::runtime::Threads;
use crate::trial::Setup;
use crate::{Runtime, now_ns};
use std::time::{Duration, Instant};
use tandem_records::Status;

/// Processes of a trial.
const PROCESSES: u32 = 32;
/// The first timer's time.
const FIRST_TIMER: Duration = Duration::from_millis(1);

pub(super) fn measure() -> Measured {
    let mut log = Log::default();
    // The first one brings the program into the page cache.
    for round in 0..=PROCESSES {
        let part::Ended { started_ns, main_ns, done_ns, ended_ns, log: inside } = part::run("all", None)?;
        let built = part::run("built", None)?.log;
        let Some(batch) = round.checked_sub(1) else { continue };
        log.duration("process to main", batch, main_ns.saturating_sub(started_ns));
        for row in inside.batches().into_iter().chain(built.batches()) {
            let Some(elapsed_ns) = row.elapsed_ns else { continue };
            log.duration(&row.case, batch, elapsed_ns);
        }
        log.duration("process end", batch, ended_ns.saturating_sub(done_ns));
        log.duration("whole process", batch, ended_ns.saturating_sub(started_ns));
    }
    Ok(log)
}

pub(super) fn part<R: Runtime, C: Client<R>>(setup: &Setup, part: &str) -> Measured {
    match part {
        "all" => all::<R, C>(setup),
        "built" => Ok(built::<R>()),
        other => Err(RequestError::new(Status::ArmFailed, format!("workload startup has no part {other}"))),
    }
}

/// What a program needs first, each for the first time in this process.
fn all<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let asking = Asking::of(setup, 2);
    let mut log = Log::default();
    let before_ns = now_ns();
    let end_ns = on::<R, _>(async {
        log.duration("first poll", 0, now_ns() - before_ns);
        let at = now_ns();
        R::spawn(async {}).await;
        log.duration("first task", 0, now_ns() - at);

        let (at, deadline) = (now_ns(), Instant::now() + FIRST_TIMER);
        R::sleep_until(deadline).await;
        let late_ns = (now_ns() - at).saturating_sub(FIRST_TIMER.as_nanos() as u64);
        log.duration("first timer, late by", 0, late_ns);

        let at = now_ns();
        let asked = R::spawn(C::enter(async move {
            let mut session = asking.session::<R, C>()?;
            asking.ask(&mut session).await
        }));
        let Some(first_byte_ns) = asked.await?.recorder.first_chunk_ns else {
            return Err(RequestError::new(Status::Malformed, "the answer has no first byte"));
        };
        log.duration("first byte", 0, first_byte_ns.saturating_sub(at));
        Ok(now_ns())
    })?;
    log.duration("shutdown", 0, now_ns() - end_ns);
    Ok(log)
}

/// Building an executor, where that is a step of its own.
fn built<R: Runtime>() -> Log {
    let mut log = Log::default();
    let before_ns = now_ns();
    if let Some(Ok(executor)) = R::own(Threads::Usual) {
        log.duration("runtime built", 0, now_ns() - before_ns);
        let before_ns = now_ns();
        drop(executor);
        log.duration("runtime dropped", 0, now_ns() - before_ns);
    }
    log
}
