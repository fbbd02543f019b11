//! Batches as they are timed and kept.

use crate::clock::process_cpu_ns;
use crate::now_ns;
use crate::quantile::type7;
use std::hint::black_box;
use tandem_records::MicroBatch;

/// Batches of nothing: what the harness itself costs.
const EMPTY_BATCHES: u32 = 9;

/// Time and CPU time from a moment on.
pub(crate) struct Stopwatch {
    cpu_ns: u64,
    began_ns: u64,
}

/// What a batch took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub elapsed_ns: u64,
    pub cpu_ns: u64,
}

impl Stopwatch {
    /// Begins. The clock comes last, and first at the end: reading the CPU time takes longer.
    pub fn start() -> Self {
        let cpu_ns = process_cpu_ns();
        Stopwatch { cpu_ns, began_ns: now_ns() }
    }

    /// What has been spent since.
    pub fn stop(&self) -> Spent {
        let elapsed_ns = now_ns() - self.began_ns;
        Spent { elapsed_ns, cpu_ns: process_cpu_ns() - self.cpu_ns }
    }
}

/// The batches of a trial so far.
#[derive(Debug, Default)]
pub(crate) struct Log(Vec<MicroBatch>);

impl Log {
    /// Keeps a timed batch. Round 0 of a case warms up and is not kept.
    pub fn keep(&mut self, case: &str, round: u32, operations: u64, spent: Spent) {
        let Some(batch) = round.checked_sub(1) else { return };
        self.0.push(MicroBatch {
            case: case.to_string(),
            batch,
            operations,
            elapsed_ns: Some(spent.elapsed_ns),
            cpu_ns: Some(spent.cpu_ns),
            bytes: None,
        });
    }

    /// Keeps one duration that is no batch's.
    pub fn duration(&mut self, case: &str, batch: u32, elapsed_ns: u64) {
        self.0.push(MicroBatch { elapsed_ns: Some(elapsed_ns), ..row(case, batch, 1) });
    }

    /// Keeps median, 99th percentile and largest of durations, as three cases.
    pub fn quantiles(&mut self, case: &str, batch: u32, mut durations_ns: Vec<u64>) {
        durations_ns.sort_unstable();
        for (name, of) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            if let Some(at) = type7(&durations_ns, of) {
                self.duration(&format!("{case}/{name}"), batch, at);
            }
        }
    }

    /// Keeps CPU time alone, where the elapsed time is a schedule's.
    pub fn cpu(&mut self, case: &str, batch: u32, operations: u64, cpu_ns: u64) {
        self.0.push(MicroBatch { cpu_ns: Some(cpu_ns), ..row(case, batch, operations) });
    }

    /// Keeps memory held by so many; none where it cannot be read.
    pub fn bytes(&mut self, case: &str, batch: u32, operations: u64, bytes: Option<u64>) {
        if bytes.is_some() {
            self.0.push(MicroBatch { bytes, ..row(case, batch, operations) });
        }
    }

    /// Keeps whether something holds, and then how long it took to show.
    pub fn fact(&mut self, case: &str, holds: bool, elapsed_ns: u64) {
        let elapsed_ns = holds.then_some(elapsed_ns);
        self.0.push(MicroBatch { elapsed_ns, ..row(case, 0, u64::from(holds)) });
    }

    /// Times batches of nothing.
    pub fn empty(&mut self) {
        for round in 0..=EMPTY_BATCHES {
            let watch = Stopwatch::start();
            black_box(&self.0);
            self.keep("empty", round, 1, watch.stop());
        }
    }

    /// Adds what a process kept that was one batch of its cases.
    pub fn extend_as_batch(&mut self, batch: u32, mut other: Log) {
        other.0.iter_mut().for_each(|row| row.batch = batch);
        self.extend(other);
    }

    /// Adds batches that were kept elsewhere.
    pub fn extend(&mut self, other: Log) {
        self.0.extend(other.0);
    }

    /// All of them.
    pub fn batches(self) -> Vec<MicroBatch> {
        self.0
    }
}

impl From<Vec<MicroBatch>> for Log {
    fn from(batches: Vec<MicroBatch>) -> Log {
        Log(batches)
    }
}

fn row(case: &str, batch: u32, operations: u64) -> MicroBatch {
    MicroBatch { case: case.to_string(), batch, operations, elapsed_ns: None, cpu_ns: None, bytes: None }
}

/// Times a block as the batch of a round. A macro, so that the block may wait in any task. Rounds go over all cases: a slow
/// moment of the machine then falls into one batch of each, not into all of one.
macro_rules! timed {
    ($log:expr, $case:expr, $round:expr, $operations:expr, $work:block) => {
        let watch = $crate::micro::Stopwatch::start();
        $work
        $log.keep($case, $round, $operations, watch.stop());
    };
}
pub(crate) use timed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_round_warms_up_and_is_not_kept() {
        let mut log = Log::default();
        let mut rounds = 0;
        for round in 0..=3 {
            timed!(log, "case", round, 5, { rounds += 1 });
        }
        let kept = log.batches();
        assert_eq!((rounds, kept.len()), (4, 3));
        assert_eq!(kept.iter().map(|batch| batch.batch).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(kept.iter().all(|batch| batch.operations == 5 && batch.elapsed_ns.is_some()));
    }

    #[test]
    fn quantiles_are_three_cases() {
        let mut log = Log::default();
        log.quantiles("late", 2, vec![30, 10, 20]);
        log.quantiles("never", 0, Vec::new());
        let cases: Vec<_> = log.batches().into_iter().map(|row| (row.case, row.elapsed_ns)).collect();
        let wanted = [("late/p50", 20), ("late/p99", 30), ("late/max", 30)];
        assert_eq!(cases, wanted.map(|(case, ns)| (case.to_string(), Some(ns))));
    }
}
