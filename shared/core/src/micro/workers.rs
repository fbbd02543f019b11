//! Workload `workers`: requests with some computing after each, on more and more worker threads.

use super::asking::{Asking, together};
use super::log::timed;
use super::{Log, Measured, on, part};
use crate::Runtime;
use crate::http::{Client, RequestError};
use crate::trial::Setup;
use std::hint::black_box;
use tandem_records::Status;

/// Worker threads; each number in a process of its own, because a runtime reads its setting once.
const WORKERS: [u32; 4] = [1, 2, 4, 8];
const BATCHES: u32 = 5;
const AGENTS: u64 = 16;
/// Requests of an agent in a timed batch.
const ROUNDS: u64 = 16;
const TOKENS: u32 = 2;

/// Some tens of microseconds of computing, as parsing and scoring an answer would take.
pub(super) fn compute() -> u64 {
    (0..40_000_u64).fold(0x9e37_79b9_7f4a_7c15, |hash, n| {
        let hash = black_box(hash) ^ n;
        hash.rotate_left(17).wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

pub(super) fn measure<R: Runtime>() -> Measured {
    let Some(variable) = R::WORKERS_VARIABLE else { return Ok(part::run("1", None)?.log) };
    let mut log = Log::default();
    for workers in WORKERS {
        log.extend(part::run(&workers.to_string(), Some((variable, workers)))?.log);
    }
    Ok(log)
}

pub(super) fn part<R: Runtime, C: Client<R>>(setup: &Setup, workers: &str) -> Measured {
    let workers: u32 = workers.parse().map_err(|_| {
        RequestError::new(Status::ArmFailed, format!("workload workers has no part {workers}"))
    })?;
    let asking = Asking::of(setup, TOKENS);
    on::<R, _>(async move {
        let mut sessions = asking.sessions::<R, C>(AGENTS as usize).await?;
        let mut log = Log::default();
        for round in 0..=BATCHES {
            timed!(log, &workers.to_string(), round, AGENTS * ROUNDS, {
                let agent = |mut session| {
                    let asking = asking.clone();
                    async move {
                        for _ in 0..ROUNDS {
                            asking.ask::<R, C>(&mut session).await?;
                            black_box(compute());
                        }
                        Ok(session)
                    }
                };
                sessions = together::<R, C, _, _>(sessions.drain(..).map(agent)).await?;
            });
        }
        Ok(log)
    })
}
