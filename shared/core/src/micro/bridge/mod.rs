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
/// Batches of the two small commands, and of the others.
const BATCHES: (u32, u32) = (4, 1);
/// Least number of small commands in a batch of the shared executor: one takes less than a tenth of a microsecond, and the
/// clock's own 30 ns would be a part of it.
const SHORT: u32 = 100;
/// Threads that run commands at the same time, and commands that each of them runs: small ones, and others.
const THREADS: u32 = 4;
const OF_A_THREAD: (u32, u32) = (25, 5);
/// Timed batches of executors that are made, and then dropped; and how many are in one, since dropping one that has no threads
/// takes but two microseconds.
const MADE: u32 = 10;
const IN_A_BATCH: usize = 4;
/// Executors that are held at once.
const HELD: u64 = 16;

pub(super) fn measure<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let shop = Shop::open(Asking::of(setup, commands::TOKENS))?;
    let mut log = Log::default();
    one_each::<R, C>(&shop, "new", Threads::Usual, &mut log)?;
    one_each::<R, C>(&shop, "current", Threads::Current, &mut log)?;
    made::<R>("new", Threads::Usual, &mut log);
    made::<R>("current", Threads::Current, &mut log);

    let common = Common::<R, _>::ready(R::own(Threads::Usual))?;
    in_rows("shared", SHORT, &mut log, |command| shop.run::<R, C, _>(command, &common))?;
    from_threads("shared", &mut log, |command| shop.run::<R, C, _>(command, &common))?;

    for command in Command::ALL {
        for commands in IN_A_ROW {
            log.extend(part::run(&format!("{}/{commands}", command.name()), None)?.log);
        }
    }
    Ok(log)
}

/// Commands that each have an executor of their own.
fn one_each<R: Runtime, C: Client<R>>(
    shop: &Shop,
    variant: &str,
    threads: Threads,
    log: &mut Log,
) -> Result<(), RequestError> {
    if R::own(threads).is_none() {
        return Ok(());
    }
    let run = |command| match R::own(threads) {
        Some(executor) => shop.run::<R, C, _>(command, &executor.map_err(executors::not_built)?),
        None => Ok(()),
    };
    in_rows(variant, 1, log, run)?;
    from_threads(variant, log, run)
}

/// Every command, in rows of every length; a batch of small commands has at least so many.
fn in_rows(
    variant: &str,
    least: u32,
    log: &mut Log,
    run: impl Fn(Command) -> Result<(), RequestError>,
) -> Result<(), RequestError> {
    for command in Command::ALL {
        let (batches, least) = if command.is_small() { (BATCHES.0, least) } else { (BATCHES.1, 1) };
        run(command)?;
        for commands in IN_A_ROW {
            let in_batch = commands.max(least);
            for batch in 1..=batches {
                let watch = Stopwatch::start();
                for _ in 0..in_batch {
                    run(command)?;
                }
                let case = format!("{variant}/{}/{commands}", command.name());
                log.keep(&case, batch, u64::from(in_batch), watch.stop());
            }
        }
    }
    Ok(())
}

/// Every command, run by several threads at the same time.
fn from_threads(
    variant: &str,
    log: &mut Log,
    run: impl Fn(Command) -> Result<(), RequestError> + Sync,
) -> Result<(), RequestError> {
    for command in Command::ALL {
        let (batches, of_a_thread) =
            if command.is_small() { (BATCHES.0, OF_A_THREAD.0) } else { (BATCHES.1, OF_A_THREAD.1) };
        let case = format!("{variant}/{}/{THREADS} threads", command.name());
        for round in 0..=batches {
            let watch = Stopwatch::start();
            thread::scope(|scope| {
                let one = || (0..of_a_thread).try_for_each(|_| run(command));
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
                threads.into_iter().try_for_each(|thread| {
                    let panicked = |_| Err(RequestError::new(Status::Panicked, "a command panicked"));
                    thread.join().unwrap_or_else(panicked)
                })
            })?;
            log.keep(&case, round, u64::from(THREADS * of_a_thread), watch.stop());
        }
    }
    Ok(())
}

/// What it takes to make an executor and to drop it, and what it holds.
fn made<R: Runtime>(variant: &str, threads: Threads, log: &mut Log) {
    let mut executors = Vec::with_capacity(IN_A_BATCH);
    for round in 0..=MADE {
        let watch = Stopwatch::start();
        for _ in 0..IN_A_BATCH {
            let Some(Ok(executor)) = R::own(threads) else { return };
            executors.push(executor);
        }
        log.keep(&format!("{variant}/made"), round, IN_A_BATCH as u64, watch.stop());
        // Their threads are there, and have found nothing to do.
        executors.iter().for_each(|executor| executor.block_on(async {}));
        let watch = Stopwatch::start();
        executors.clear();
        log.keep(&format!("{variant}/dropped"), round, IN_A_BATCH as u64, watch.stop());
    }
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
