//! The rules. Each threshold carries its argument; all are far outside what noise reaches at the median of a cell.

use super::{Medians, Sign, SlowCause, UnevenCause, WaitCause};
use crate::analysis::Cell;
use tandem_records::{Capacity, Length, ServerKind};

/// Overlap below which agents waited for each other. 1 - overlap is the start delay of the last agent over the
/// makespan: tens of microseconds of hundreds of milliseconds, so a tenth is over a hundred times what a scheduler costs.
const WAITED: f64 = 0.9;

/// Overlap up to this multiple of 1/n is that of n agents one after the other.
const ONE_BY_ONE: f64 = 1.1;

/// Share of what noise alone leaves (the cell's null efficiency) below which isolation is low: medians of real servers
/// lie within 8 % of 1, and the slightest known cause, two streams on one GPU, costs 60 %.
const SLOWED: f64 = 0.9;

/// Delivered concurrency below which the streams were not open at once; the limit of an invalid trial.
const AT_ONCE: f64 = 0.95;

/// CPU time over makespan of an arm whose one working thread is the bottleneck: that thread waits for first tokens (so it
/// may fall short of 1), and runtime threads beside it cost a little (so it may pass 1); two would come near 2.
const ONE_CORE: std::ops::RangeInclusive<f64> = 0.7..=1.2;

/// Token gaps by which a held-back first token is late. Arms differ by microseconds; 1024 bytes are about 10 tokens.
const HELD_GAPS: f64 = 3.0;

/// Time in ns by which it is late at least. On a busy machine a thread that has work waits for a time slice of 3 to 4 ms
/// (Linux): a fast model has written several tokens by then, and no client held them.
const HELD_NS: f64 = 5e6;

/// How many times the lateness of the baseline under its second label it is late at least: that is what the machine does.
const HELD_OVER_AA: f64 = 3.0;

/// Median gap, as a share of the token gap, at and below which tokens come in bursts.
const BURST_GAP: f64 = 0.25;

/// The same above which they come one by one.
const STEADY_GAP: f64 = 0.5;

/// Share of what noise alone leaves below which the agents' work differs: 2 % are lengths of 49 to 51 tokens.
const UNEVEN: f64 = 0.98;

/// Shortest over longest response below which lengths differ; the same 2 % of balance between two agents are 4 % here.
const LENGTHS_DIFFER: f64 = 0.98;

/// Trials from which an uneven pace is told. Nothing but the durations shows it, and what noise leaves of those cannot be
/// estimated from fewer, as with every verdict.
const LEAST_FOR_PACE: usize = 6;

/// Every sign of an arm; `reference` is the baseline in the same cell, `again` the same under its second label.
pub(super) fn signs(
    cell: &Cell,
    arm: &Medians,
    reference: Option<&Medians>,
    again: Option<&Medians>,
) -> Vec<Sign> {
    // One agent has nobody to wait for, to be slowed by or to differ from.
    let together = cell.facts.agents > 1;
    let found = [
        together.then(|| waiting(cell, arm)).flatten().map(Sign::Waiting),
        together.then(|| slowed(cell, arm)).flatten().map(Sign::Slowed),
        reference.is_some_and(|reference| is_held_back(arm, reference, again)).then_some(Sign::HeldBack),
        together.then(|| uneven(cell, arm)).flatten().map(Sign::Uneven),
    ];
    found.into_iter().flatten().collect()
}

fn waiting(cell: &Cell, arm: &Medians) -> Option<WaitCause> {
    if arm.overlap >= WAITED {
        return None;
    }
    Some(if cell.facts.permits < cell.facts.agents {
        WaitCause::Permits
    } else if arm.overlap <= ONE_BY_ONE / f64::from(cell.facts.agents) {
        WaitCause::OneByOne
    } else {
        WaitCause::Client
    })
}

fn slowed(cell: &Cell, arm: &Medians) -> Option<SlowCause> {
    if arm.isolation >= SLOWED * noise_alone(cell) {
        return None;
    }
    let not_at_once = arm.delivered.is_some_and(|share| share < AT_ONCE);
    Some(match cell.facts.capacity {
        Some(Capacity::Shared) => SlowCause::SharedServers,
        Some(Capacity::Serial) => SlowCause::SerialServers,
        // At the median over trials: one request that waited once is no cause.
        _ if arm.queued.is_some_and(|share| share > 0.0) => match cell.facts.server_kind {
            ServerKind::Sim => SlowCause::SerialServers,
            ServerKind::Ollama | ServerKind::Openai => SlowCause::Queued { slots: cell.slots },
        },
        // Where agents waited, that is why the streams were not open at once.
        _ if not_at_once && arm.overlap >= WAITED => SlowCause::NotAtOnce,
        _ if arm.busy_cores.is_some_and(|cores| ONE_CORE.contains(&cores)) => SlowCause::OneThread,
        _ => SlowCause::Unknown,
    })
}

/// Needs a baseline that gets its tokens one by one. A client that holds tokens back does so in every trial, a busy machine
/// delays now this arm and now that: so the lateness has to be there in three trials of four, and more than the machine
/// gives the baseline's second label.
fn is_held_back(arm: &Medians, reference: &Medians, again: Option<&Medians>) -> bool {
    let Some((late, gaps)) = arm.late.zip(arm.itl_p50_ns) else { return false };
    let Some(steady) = reference.itl_p50_ns else { return false };
    let machine_ns = again.and_then(|again| again.late).map_or(0.0, |late| late.ns.abs());
    late.clear_ns >= (HELD_GAPS * late.gap_ns).max(HELD_NS).max(HELD_OVER_AA * machine_ns)
        && gaps.high <= BURST_GAP * late.gap_ns
        && steady.low > STEADY_GAP * late.gap_ns
}

fn uneven(cell: &Cell, arm: &Medians) -> Option<UnevenCause> {
    if arm.balance >= UNEVEN * noise_alone(cell) {
        return None;
    }
    let lengths_differ = arm.tokens.is_some_and(|(fewest, most)| fewest < LENGTHS_DIFFER * most);
    Some(if cell.facts.plans_unequal_lengths() {
        UnevenCause::Planned
    } else if lengths_differ && cell.facts.length == Some(Length::Free) {
        UnevenCause::FreeLength
    } else if lengths_differ {
        UnevenCause::Lengths
    } else if arm.trials >= LEAST_FOR_PACE {
        UnevenCause::Pace
    } else {
        return None;
    })
}

/// What order statistics leave of 1 in this cell: the slowest of many agents sets every maximum.
fn noise_alone(cell: &Cell) -> f64 {
    cell.null_efficiency.unwrap_or(1.0)
}
