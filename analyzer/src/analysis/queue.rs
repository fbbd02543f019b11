//! How many requests of a cell waited in the queue of their server.

use super::group::{Facts, Group};
use crate::load::Run;
use crate::metrics::{Outcome, Queueing};

/// The concurrent requests of a cell's complete trials, where a server lets streams wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Requests.
    pub requests: usize,
    /// Requests among these that were queued.
    pub queued: usize,
    /// Most streams that one server generated at once.
    pub at_once_per_server: u32,
}

/// What the trials of a cell tell; none where no request was queued.
pub(super) fn count(outcomes: &[Outcome], group: &Group) -> Option<Queue> {
    let trials = group.places().filter_map(|place| outcomes[place].complete()?.queueing);
    let found = trials.fold(Queue::default(), |sum, one: Queueing| Queue {
        requests: sum.requests + one.requests,
        queued: sum.queued + one.queued,
        at_once_per_server: sum.at_once_per_server.max(one.at_once_per_server),
    });
    (found.queued > 0).then_some(found)
}

/// Streams that each server of a cell generates at once; none where one does not tell or they differ.
pub(super) fn slots(run: &Run, facts: &Facts) -> Option<u32> {
    let servers = run.manifest.servers.iter().filter(|server| facts.has_server(server));
    let mut slots = servers.map(|server| server.slots);
    let first = slots.next()??;
    slots.all(|other| other == Some(first)).then_some(first)
}
