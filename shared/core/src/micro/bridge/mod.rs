//! Workload `bridge`: synchronous commands that run async work. How they come by an executor is the variant:
//!
//! | variant | executor |
//! |---|---|
//! | `new` | made for the command and dropped after it, with the arm's usual threads |
//! | `current` | the same, driven by the calling thread alone |
//! | `shared` | one for all commands, there before the first |
//! | `lazy` | one for all commands, made by the first, in a process of its own |
//!
//! Where a process has one executor for good, as in async-std and in smol's usual way, `shared` and `lazy` are that one.

mod commands;
mod executors;

use super::asking::Asking;
use super::memory::Held;
use super::{Log, Measured, Stopwatch, part};
use crate::Runtime;
use crate::http::{Client, RequestError};
use crate::runtime::{OwnExecutor, Threads};
use crate::trial::Setup;
use commands::{Command, Shop};
use executors::Common;
use std::sync::OnceLock;
use std::thread;
use tandem_records::Status;

/// Commands in a row.
const IN_A_ROW: [u32; 5] = [1, 5, 10, 20, 100];
/// Rounds over all cases: a slow moment of the machine then falls into some batches of each, not into all of one.
const ROUNDS: u32 = 5;
/// Commands of a case, in as many batches as it takes; at least one batch, and of small commands one a round.
const COMMANDS: u32 = 10;
/// Least number of small commands in a batch of the shared executor: one takes less than a tenth of a microsecond, and the
/// clock's own 30 ns would be a part of it.
const SHORT: u32 = 100;
/// Threads that run commands at the same time, and commands that each of them runs: small ones, and others.
const THREADS: u32 = 4;
const OF_A_THREAD: (u32, u32) = (25, 5);
/// Processes of which each runs one command first of all.
const FIRST: u32 = 4;
/// Timed batches of executors that are made, and then dropped, in a round; and how many are in one, since dropping one that has no
/// threads takes but two microseconds.
const MADE: u32 = 2;
const IN_A_BATCH: usize = 4;
/// Executors that are held at once.
const HELD: u64 = 16;

pub(super) fn measure<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let shop = Shop::open(Asking::of(setup, commands::TOKENS))?;
    let common = Common::<R, _>::ready(R::own(Threads::Usual))?;
    let on_shared = |command| shop.run::<R, C, _>(command, &common);
    let on_own = |threads| {
        let shop = &shop;
        move |command| match R::own(threads) {
            Some(executor) => shop.run::<R, C, _>(command, &executor.map_err(executors::not_built)?),
            None => Ok(()),
        }
    };
    let own = [("new", Threads::Usual), ("current", Threads::Current)];
    let own = own.into_iter().filter(|(_, threads)| R::own(*threads).is_some());
    let mut log = Log::default();
    for round in 0..=ROUNDS {
        for (variant, threads) in own.clone() {
            in_rows(variant, 1, round, &mut log, on_own(threads))?;
            from_threads(variant, round, &mut log, on_own(threads))?;
            made::<R>(variant, threads, round, &mut log);
        }
        in_rows("shared", SHORT, round, &mut log, on_shared)?;
        from_threads("shared", round, &mut log, on_shared)?;
        lazily(round, &mut log)?;
    }
    for (variant, threads) in own {
        held::<R>(variant, threads, &mut log);
    }
    Ok(log)
}

/// The numbers of the batches, out of so many, that a round runs. Round 0 warms up.
fn batches_of(round: u32, batches: u32) -> impl Iterator<Item = u32> {
    let first = round.checked_sub(1);
    first.into_iter().flat_map(move |first| (first..batches).step_by(ROUNDS as usize))
}

/// Every command, in rows of every length; a batch of small commands has at least so many.
fn in_rows(
    variant: &str,
    least: u32,
    round: u32,
    log: &mut Log,
    run: impl Fn(Command) -> Result<(), RequestError>,
) -> Result<(), RequestError> {
    for command in Command::ALL {
        if round == 0 {
            run(command)?;
        }
        for commands in IN_A_ROW {
            let (least_batches, least) = if command.is_small() { (ROUNDS, least) } else { (1, 1) };
            let in_batch = commands.max(least);
            for batch in batches_of(round, least_batches.max(COMMANDS / commands)) {
                let watch = Stopwatch::start();
                for _ in 0..in_batch {
                    run(command)?;
                }
                let spent = watch.stop();
                log.keep(
                    &format!("{variant}/{}/{commands}", command.name()),
                    batch + 1,
                    u64::from(in_batch),
                    spent,
                );
            }
        }
    }
    Ok(())
}

/// Every command, run by several threads at the same time.
fn from_threads(
    variant: &str,
    round: u32,
    log: &mut Log,
    run: impl Fn(Command) -> Result<(), RequestError> + Sync,
) -> Result<(), RequestError> {
    for command in Command::ALL {
        let (batches, of_a_thread) =
            if command.is_small() { (ROUNDS, OF_A_THREAD.0) } else { (1, OF_A_THREAD.1) };
        for batch in batches_of(round, batches) {
            let watch = Stopwatch::start();
            thread::scope(|scope| {
                let one = || (0..of_a_thread).try_for_each(|_| run(command));
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
                threads.into_iter().try_for_each(|thread| {
                    let panicked = |_| Err(RequestError::new(Status::Panicked, "a command panicked"));
                    thread.join().unwrap_or_else(panicked)
                })
            })?;
            let spent = watch.stop();
            let case = format!("{variant}/{}/{THREADS} threads", command.name());
            log.keep(&case, batch + 1, u64::from(THREADS * of_a_thread), spent);
        }
    }
    Ok(())
}

/// What it takes to make an executor and to drop it.
fn made<R: Runtime>(variant: &str, threads: Threads, round: u32, log: &mut Log) {
    let mut executors = Vec::with_capacity(IN_A_BATCH);
    for batch in batches_of(round, MADE * ROUNDS) {
        let watch = Stopwatch::start();
        for _ in 0..IN_A_BATCH {
            let Some(Ok(executor)) = R::own(threads) else { return };
            executors.push(executor);
        }
        log.keep(&format!("{variant}/made"), batch + 1, IN_A_BATCH as u64, watch.stop());
        // Their threads are there, and have found nothing to do.
        executors.iter().for_each(|executor| executor.block_on(async {}));
        let watch = Stopwatch::start();
        executors.clear();
        log.keep(&format!("{variant}/dropped"), batch + 1, IN_A_BATCH as u64, watch.stop());
    }
}

/// What executors hold.
fn held<R: Runtime>(variant: &str, threads: Threads, log: &mut Log) {
    let before = Held::now();
    let used = |executor: Option<std::io::Result<_>>| match executor {
        Some(Ok(executor)) => {
            OwnExecutor::block_on(&executor, async {});
            Some(executor)
        }
        _ => None,
    };
    let held: Vec<_> = (0..HELD).map(|_| used(R::own(threads))).collect();
    Held::keep(before, log, &format!("{variant}/held"), 0, HELD);
    drop(held);
}

/// Every command as the first thing that a process runs, in rows of every length.
fn lazily(round: u32, log: &mut Log) -> Result<(), RequestError> {
    for command in Command::ALL {
        for commands in IN_A_ROW {
            for batch in batches_of(round, (FIRST / commands).max(1)) {
                log.extend_as_batch(batch, part::run(&format!("{}/{commands}", command.name()), None)?.log);
            }
        }
    }
    Ok(())
}

/// The variant `lazy`: `command/n` as the first thing that this process runs.
pub(super) fn part<R: Runtime, C: Client<R>>(setup: &Setup, part: &str) -> Measured {
    let unknown = || RequestError::new(Status::ArmFailed, format!("workload bridge has no part {part}"));
    let (name, commands) = part.split_once('/').ok_or_else(unknown)?;
    let command = Command::ALL.into_iter().find(|command| command.name() == name).ok_or_else(unknown)?;
    let commands: u32 = commands.parse().map_err(|_| unknown())?;
    let shop = Shop::open(Asking::of(setup, commands::TOKENS))?;
    let mut log = Log::default();
    let once = OnceLock::new();
    let watch = Stopwatch::start();
    for _ in 0..commands {
        // The first command makes it, as a lazily made static is made.
        let common = once.get_or_init(|| Common::<R, _>::ready(R::own(Threads::Usual)));
        shop.run::<R, C, _>(command, common.as_ref().map_err(Clone::clone)?)?;
    }
    log.keep(&format!("lazy/{name}/{commands}"), 1, u64::from(commands), watch.stop());
    Ok(log)
}
