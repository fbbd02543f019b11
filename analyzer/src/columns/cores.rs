//! The blocks of a file on all cores.

use super::block::Blocks;
use super::header::Roles;
use super::records;
use super::rows::Rows;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Beyond this many, threads wait for the one that reads.
const MOST: usize = 4;

/// Threads that this machine can run at once, as far as they help.
pub(super) fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// Rows of the blocks so far, joined in the order of the file.
struct Joined {
    rows: Rows,
    /// Number of the block that comes next.
    next: usize,
    /// Blocks that were finished before their turn.
    waiting: BTreeMap<usize, Rows>,
}

/// All rows of `blocks`, which begin behind `lines` lines of the file.
pub(super) fn gather<R: Read + Send>(
    blocks: Blocks<R>,
    lines: u64,
    roles: &Roles,
    threads: usize,
) -> io::Result<Rows> {
    let blocks = Mutex::new(blocks);
    let joined = Mutex::new(Joined { rows: Rows::behind(lines), next: 0, waiting: BTreeMap::new() });
    thread::scope(|scope| {
        let work = || take_blocks(&blocks, roles, &joined);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    Ok(joined.into_inner().unwrap_or_else(PoisonError::into_inner).rows)
}

fn take_blocks<R: Read>(blocks: &Mutex<Blocks<R>>, roles: &Roles, joined: &Mutex<Joined>) -> io::Result<()> {
    let mut block = Vec::new();
    loop {
        let Some(number) = lock(blocks).next(&mut block)? else { return Ok(()) };
        let mut rows = Rows::default();
        rows.lines = records::for_each(&block, roles.delimiter, |line, record| rows.add(line, record, roles));
        lock(joined).join(number, rows);
    }
}

impl Joined {
    fn join(&mut self, number: usize, rows: Rows) {
        self.waiting.insert(number, rows);
        while let Some(rows) = self.waiting.remove(&self.next) {
            self.rows.append(rows);
            self.next += 1;
        }
    }
}

/// A thread that panics ends the whole reading, so nobody reads what it left.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
