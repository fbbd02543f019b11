//! In how many sittings a run was made.

use crate::load::Run;
use jiff::Timestamp;

/// A pause between two trials that starts a new sitting: far longer than anything the driver does between them,
/// far shorter than a machine takes to change its mood.
pub const LONG_PAUSE_S: u64 = 300;

/// How often the run was taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sittings {
    /// Sittings, from 1.
    pub number: usize,
}

/// Counts the pauses between the end of one trial and the start of the next, all attempts taken together.
/// None where no trial tells when it started. A wall clock that was set forward reads as a pause, one that was set back as
/// none: nothing else looks at it.
pub(super) fn count(run: &Run) -> Option<Sittings> {
    let rows = run.trials.iter().map(|trial| &trial.row).chain(&run.replaced);
    let mut spans: Vec<(i128, i128)> = rows
        .filter_map(|row| {
            let start = row.started_utc.parse::<Timestamp>().ok()?.as_nanosecond();
            Some((start, start + i128::from(row.wall_ns)))
        })
        .collect();
    spans.sort_unstable();
    let mut ended = spans.first()?.1;
    let mut number = 1;
    for (start, end) in spans {
        number += usize::from(start - ended > i128::from(LONG_PAUSE_S) * 1_000_000_000);
        ended = ended.max(end);
    }
    Some(Sittings { number })
}
