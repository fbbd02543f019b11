//! Which stream writes next: deadlines on the virtual clock, or turns where nothing is paced.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A stream's place: connection number and stream id.
pub type Place = (usize, u64);

/// Streams that want to write.
#[derive(Debug, Default)]
pub struct Pacer {
    /// One entry per paced running stream: virtual deadline of its next write. Entries of cancelled streams
    /// stay until they come up and are skipped by their id.
    deadlines: BinaryHeap<Reverse<(u64, Place)>>,
    /// Unpaced streams in turn.
    ready: VecDeque<Place>,
}

impl Pacer {
    /// The stream wants to write at this virtual time.
    pub fn at(&mut self, virtual_due: u64, place: Place) {
        self.deadlines.push(Reverse((virtual_due, place)));
    }

    /// The stream wants to write as soon as it is its turn.
    pub fn soon(&mut self, place: Place) {
        self.ready.push_back(place);
    }

    /// The earliest deadline.
    pub fn first(&self) -> Option<(u64, Place)> {
        self.deadlines.peek().map(|&Reverse(entry)| entry)
    }

    /// Takes the earliest deadline out.
    pub fn pop_first(&mut self) {
        self.deadlines.pop();
    }

    /// The next unpaced stream.
    pub fn pop_ready(&mut self) -> Option<Place> {
        self.ready.pop_front()
    }

    /// True when an unpaced stream waits for its turn.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }
}
