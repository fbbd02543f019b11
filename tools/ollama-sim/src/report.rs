//! The simulator's account of itself: what it served and how late it wrote.

use crate::histogram::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;

/// What the simulator did inside a window of time. Lateness is the monotonic stamp just before a paced write
/// minus the write's deadline, in nanoseconds; unpaced (`instant`) writes have none. Quantiles are rounded up
/// by at most 1/32, the maximum is exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Generation requests that were parsed inside the window, also those cancelled by their client.
    pub streams: u64,
    /// Tokens written by these streams.
    pub tokens: u64,
    /// Most streams open at once inside the window over all ports, each from its parsed request to its last
    /// byte; streams that began before the window count while they last.
    pub streams_open_max: u64,
    /// Median lateness.
    pub late_p50_ns: Option<u64>,
    /// 99th percentile of lateness.
    pub late_p99_ns: Option<u64>,
    /// Largest lateness.
    pub late_max_ns: Option<u64>,
    /// Streams whose records were dropped since the last reset because there were too many to keep; 0 means
    /// that the other numbers are complete.
    pub streams_forgotten: u64,
    /// How many requests each fault has struck since the last reset, by its text; absent without faults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<String, u64>,
}

impl Report {
    /// The report as one line of JSON.
    pub fn to_json(&self) -> String {
        // A struct of numbers always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What is kept of one stream.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    /// When its request was parsed.
    pub began: u64,
    /// When its last byte was handed to the kernel or it was cancelled; `None` while it is open.
    pub ended: Option<u64>,
    /// Tokens written.
    pub tokens: u64,
    /// Lateness of its writes.
    pub late: Histogram,
}

impl StreamRecord {
    /// A stream whose request was parsed at `now`.
    pub fn new(now: u64) -> StreamRecord {
        StreamRecord { began: now, ended: None, tokens: 0, late: Histogram::default() }
    }
}

/// Closed streams that are kept: about half a kilobyte each.
const KEPT: usize = 1_000_000;

/// The records of closed streams.
#[derive(Debug, Default)]
pub struct Ledger {
    closed: VecDeque<StreamRecord>,
    forgotten: u64,
}

impl Ledger {
    /// Keeps a closed stream, in place of the oldest one when there are too many.
    pub fn close(&mut self, record: StreamRecord) {
        if self.closed.len() == KEPT {
            self.closed.pop_front();
            self.forgotten += 1;
        }
        self.closed.push_back(record);
    }

    /// Forgets all records.
    pub fn reset(&mut self) {
        *self = Ledger::default();
    }

    /// The account of a window, both ends included; `open` are the streams that have not ended.
    pub fn report<'a>(
        &'a self,
        window: RangeInclusive<u64>,
        open: impl Iterator<Item = &'a StreamRecord>,
    ) -> Report {
        let mut late = Histogram::default();
        let (mut streams, mut tokens) = (0, 0);
        // (moment, +1 or -1): at the same moment the opening sorts last, so that a stream that begins as
        // another ends does not count as two.
        let mut changes: Vec<(u64, i64)> = Vec::new();
        for record in self.closed.iter().chain(open) {
            if window.contains(&record.began) {
                streams += 1;
                tokens += record.tokens;
                late.merge(&record.late);
            }
            let ended = record.ended.unwrap_or(u64::MAX);
            if record.began <= *window.end() && ended >= *window.start() {
                changes.push((record.began.max(*window.start()), 1));
                changes.push((ended, -1));
            }
        }
        changes.sort_unstable();
        let mut now_open = 0i64;
        let most = changes.iter().map(|&(_, change)| {
            now_open += change;
            now_open
        });
        Report {
            streams,
            tokens,
            streams_open_max: most.max().unwrap_or(0).max(0) as u64,
            late_p50_ns: late.quantile(0.5),
            late_p99_ns: late.quantile(0.99),
            late_max_ns: late.max(),
            streams_forgotten: self.forgotten,
            faults: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(began: u64, ended: Option<u64>, tokens: u64, late: &[u64]) -> StreamRecord {
        let mut record = StreamRecord { ended, tokens, ..StreamRecord::new(began) };
        late.iter().for_each(|&ns| record.late.record(ns));
        record
    }

    #[test]
    fn streams_belong_to_the_window_in_which_they_began() {
        let mut ledger = Ledger::default();
        ledger.close(stream(10, Some(50), 3, &[5, 6, 7]));
        ledger.close(stream(60, Some(90), 4, &[20]));
        let report = ledger.report(0..=59, std::iter::empty());
        assert_eq!((report.streams, report.tokens, report.late_max_ns), (1, 3, Some(7)));
        let report = ledger.report(0..=u64::MAX, std::iter::empty());
        assert_eq!((report.streams, report.tokens, report.late_max_ns), (2, 7, Some(20)));
        assert_eq!(report.streams_open_max, 1);
    }

    #[test]
    fn open_streams_overlap_and_count() {
        let mut ledger = Ledger::default();
        ledger.close(stream(10, Some(50), 1, &[]));
        ledger.close(stream(40, Some(60), 1, &[]));
        let open = stream(45, None, 1, &[]);
        assert_eq!(ledger.report(0..=100, [&open].into_iter()).streams_open_max, 3);
        assert_eq!(ledger.report(0..=44, [&open].into_iter()).streams_open_max, 2);
        assert_eq!(ledger.report(55..=100, [&open].into_iter()).streams_open_max, 2);
        assert_eq!(ledger.report(61..=100, std::iter::empty()).streams_open_max, 0);
    }

    #[test]
    fn nothing_is_null_and_not_zero() {
        let json = Ledger::default().report(0..=9, std::iter::empty()).to_json();
        assert!(
            json.starts_with(r#"{"streams":0,"tokens":0,"streams_open_max":0,"late_p50_ns":null,"#),
            "{json}"
        );
    }
}
