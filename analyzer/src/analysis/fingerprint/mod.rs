//! Fingerprints: what a known fault of a client, of servers or of a plan leaves in the factors and in the times to the
//! first token.
//!
//! A fingerprint explains, it does not judge: no verdict rests on one. The rules work per cell and arm on medians over
//! the trials that count, and over those that are invalid for no other reason than that their streams were not open at
//! once, because that is how a client looks that makes its agents wait for each other. Trials with a late simulator tell
//! nothing of the client and are left out.

mod medians;
mod rules;

pub use medians::{Late, Medians, Quartiles};

use super::group::repeated;
use super::{Arm, Cell};
use crate::metrics::Outcome;
use tandem_records::Workload;

/// One fingerprint of one arm in one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// Cell.
    pub cell: String,
    /// Arm label.
    pub arm: String,
    /// What was seen.
    pub sign: Sign,
    /// The numbers in which it was seen.
    pub medians: Medians,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Low overlap: agents began late because others were still at work.
    Waiting(WaitCause),
    /// Low isolation: agents took longer together than alone.
    Slowed(SlowCause),
    /// Late first tokens and bursts after them: the client collects tokens before it hands them on.
    HeldBack,
    /// Low balance: the agents' work alone differs.
    Uneven(UnevenCause),
}

/// Why agents waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitCause {
    /// The plan gives fewer permits than agents.
    Permits,
    /// Overlap is what n agents one after the other have, 1/n.
    OneByOne,
    /// Something in the client.
    Client,
}

/// Why agents were slower together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlowCause {
    /// The plan puts all servers on one GPU.
    SharedServers,
    /// The plan gives its simulators few slots: one, or fewer than streams.
    SerialServers,
    /// Requests were queued at their server; `slots` are the streams that each server generates at once, where that is
    /// known.
    Queued {
        /// Streams.
        slots: Option<u32>,
    },
    /// The streams were not open at once, so the client did not send them at once.
    NotAtOnce,
    /// The arm kept about one core busy.
    OneThread,
    /// Nothing that this run knows of.
    Unknown,
}

/// Why the agents' work differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnevenCause {
    /// The plan asks the roles for different lengths.
    Planned,
    /// The plan leaves the lengths to the model.
    FreeLength,
    /// The plan asks for one length, and the responses differ.
    Lengths,
    /// Responses of equal length take different times alone.
    Pace,
}

impl Sign {
    /// True where the plan itself is the cause: worth saying, no caveat.
    pub fn is_planned(self) -> bool {
        matches!(
            self,
            Sign::Waiting(WaitCause::Permits)
                | Sign::Slowed(SlowCause::SharedServers | SlowCause::SerialServers)
                | Sign::Uneven(UnevenCause::Planned)
        )
    }
}

/// The fingerprints of all cells that are paced by their servers, in the order of cells and arms.
pub(super) fn find(outcomes: &[Outcome], cells: &[Cell], baseline: &str) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    for cell in cells.iter().filter(|cell| cell.facts.workload != Workload::Flood) {
        let reference = cell.arm(baseline).and_then(|arm| Medians::gather(outcomes, arm));
        let gather = |arm: &Arm| {
            let mut medians = Medians::gather(outcomes, arm)?;
            medians.late = reference.as_ref().and_then(|reference| medians.later_than(reference, cell));
            Some(medians)
        };
        let again = cell.arms.iter().find(|arm| repeated(&arm.label) == Some(baseline)).and_then(gather);
        for arm in &cell.arms {
            let Some(medians) = gather(arm) else { continue };
            // The baseline under another name is no other client: what it shows is the machine.
            let compared = reference.as_ref().filter(|_| repeated(&arm.label) != Some(baseline));
            for sign in rules::signs(cell, &medians, compared, again.as_ref()) {
                let (cell, arm) = (cell.name.clone(), arm.label.clone());
                found.push(Fingerprint { cell, arm, sign, medians: medians.clone() });
            }
        }
    }
    found
}
