//! Requests that waited at their server for the end of another stream.

use super::pieces;
use crate::load::Trial;
use std::collections::BTreeMap;
use tandem_records::{Capacity, Manifest, Phase, RequestRow, ServerKind, ServerRecord, TrialRow, Workload};

/// What a trial's requests tell of the queues at its servers, all of the concurrent phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queueing {
    /// Requests that ended well.
    pub requests: usize,
    /// Requests among these that were queued: another stream of the same server ended while they waited for their first
    /// piece, and alone that piece would have come before.
    pub queued: usize,
    /// Most streams at once between their first piece and their end, over all servers.
    pub at_once: u32,
    /// The same at the server that had the most.
    pub at_once_per_server: u32,
}

/// Streams as the client saw them, CLOCK_MONOTONIC in ns.
struct Stream {
    /// When its first piece would have come, had it been alone.
    due: u64,
    first: u64,
    end: u64,
}

/// Whether the servers of a trial let streams wait: simulators do so only where the plan gives them slots. Not in a flood,
/// whose streams end in whatever order the machine takes them.
pub fn may_queue(manifest: &Manifest, row: &TrialRow) -> bool {
    let is_theirs = |server: &&ServerRecord| server.set.is_empty() || server.set == row.set;
    let has_slots = || manifest.servers.iter().filter(is_theirs).any(|server| server.slots.is_some());
    let waits = row.server_kind != ServerKind::Sim || row.capacity == Some(Capacity::Serial) || has_slots();
    waits && row.workload != Workload::Flood
}

/// The queues of a trial; none where no request tells its times.
pub(super) fn of_trial(trial: &Trial) -> Option<Queueing> {
    let mut servers = BTreeMap::<&str, Vec<Stream>>::new();
    for row in of(trial, Phase::Concurrent) {
        servers.entry(&row.server).or_default().extend(stream(trial, row));
    }
    let all = || servers.values().flatten();
    let requests = all().count();
    (requests > 0).then(|| Queueing {
        requests,
        queued: servers.values().map(|streams| queued(streams)).sum(),
        at_once: at_once(all()),
        at_once_per_server: servers.values().map(|streams| at_once(streams.iter())).max().unwrap_or(0),
    })
}

fn of(trial: &Trial, phase: Phase) -> impl Iterator<Item = &RequestRow> {
    trial.requests.iter().filter(move |row| row.phase == phase && row.status.is_ok())
}

fn stream(trial: &Trial, row: &RequestRow) -> Option<Stream> {
    pieces(row).filter(|pieces| *pieces > 0)?;
    // The longest wait alone on this server: a request may have a longer prompt than another.
    let alone = of(trial, Phase::Solo).filter(|solo| (&solo.server, solo.call) == (&row.server, row.call));
    let alone = alone.filter_map(|solo| solo.ttft_ns).max()?;
    let after = |ns: u64| row.start_ns.saturating_add(ns);
    Some(Stream { due: after(alone), first: after(row.ttft_ns?), end: after(row.e2e_ns?) })
}

fn queued(streams: &[Stream]) -> usize {
    let mut ends: Vec<u64> = streams.iter().map(|stream| stream.end).collect();
    ends.sort_unstable();
    let waited = |stream: &&Stream| {
        let next = ends.partition_point(|end| *end <= stream.due);
        // A stream's own end is not before its first piece.
        ends.get(next).is_some_and(|end| *end < stream.first)
    };
    streams.iter().filter(waited).count()
}

/// Most intervals from first piece to end that have a moment in common.
fn at_once<'a>(streams: impl Iterator<Item = &'a Stream>) -> u32 {
    // Of equal times ends come first: a stream that begins where another ends is not beside it.
    let mut changes: Vec<(u64, i32)> = streams.flat_map(|s| [(s.first, 1), (s.end, -1)]).collect();
    changes.sort_unstable();
    let (mut open, mut most) = (0i32, 0);
    for (_, change) in changes {
        open += change;
        most = most.max(open);
    }
    most.unsigned_abs()
}
