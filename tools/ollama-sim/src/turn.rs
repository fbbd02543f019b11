//! A stream's turn: when it came, what precedes its first token, and one write of it.

use crate::clock::WallClock;

/// When a stream's turn came.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// On the virtual clock, with what precedes the schedule added: the zero of the schedule.
    pub virt: u64,
    /// On CLOCK_MONOTONIC.
    pub real: u64,
}

/// What comes between a stream's turn and its time to first token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lead {
    /// Nanoseconds that are left until its runner is there.
    pub runner_ns: u64,
    /// Nanoseconds to read its prompt, where that takes a time of its own.
    pub prompt_ns: Option<u64>,
}

impl Lead {
    /// Nanoseconds of both.
    pub fn ns(&self) -> u64 {
        self.runner_ns + self.prompt_ns.unwrap_or(0)
    }
}

/// A stream's turn to write.
pub struct Turn<'a> {
    /// Pieces of the write at most.
    pub coalesce: u32,
    /// Number of the first token that does not belong to it, whatever a piece would hold.
    pub until: u32,
    /// Its deadline in real time.
    pub due: u64,
    /// The write stamp.
    pub now: u64,
    /// What tells dates.
    pub wall: &'a mut WallClock,
}
