//! What a phase looks like from inside the runtime, where the runtime counts.

use crate::{Runtime, RuntimeMetrics};
use std::marker::PhantomData;

/// The runtime's own counters over one phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeCost {
    /// Worker threads.
    pub workers: u32,
    /// Time these were busy, summed.
    pub busy_ns: u64,
    /// Times that one of these went to sleep.
    pub parks: u64,
    /// Largest depth of the global queue seen.
    pub queue_depth_max: u64,
}

/// Looks at the runtime while a phase goes on. Only the conductor looks: an agent that did would delay the others.
pub(crate) struct RuntimeWatch<R> {
    before: Option<RuntimeMetrics>,
    queue_depth_max: u64,
    runtime: PhantomData<R>,
}

impl<R: Runtime> RuntimeWatch<R> {
    /// Begins just before the release.
    pub fn begin() -> Self {
        RuntimeWatch { before: R::metrics(), queue_depth_max: 0, runtime: PhantomData }
    }

    /// Keeps the depth of the global queue if it is the largest so far.
    pub fn look(&mut self) {
        if self.before.is_some()
            && let Some(now) = R::metrics()
        {
            self.queue_depth_max = self.queue_depth_max.max(now.global_queue_depth);
        }
    }

    /// What was counted since the beginning. A worker adds to its counters when it goes to sleep, so that the span under
    /// way at either end is not seen.
    pub fn cost(self) -> Option<RuntimeCost> {
        let (before, after) = self.before.zip(R::metrics())?;
        Some(RuntimeCost {
            workers: after.workers,
            busy_ns: after.busy_ns.saturating_sub(before.busy_ns),
            parks: after.parks.saturating_sub(before.parks),
            queue_depth_max: self.queue_depth_max,
        })
    }
}
