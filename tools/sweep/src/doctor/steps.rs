//! What the doctor asks now, and how much of its time is left.

use crate::terminal::say;
use std::time::{Duration, Instant};

/// A question is given this long although the time is over, so that a server can still say why not.
const LEAST: Duration = Duration::from_secs(1);

/// The doctor's time.
pub(super) struct Steps {
    began: Instant,
    limit: Duration,
}

impl Steps {
    pub fn new(limit: Duration) -> Steps {
        Steps { began: Instant::now(), limit }
    }

    /// Says what is asked now.
    pub fn begin(&self, what: &str) {
        let (elapsed, limit) = (self.began.elapsed().as_secs(), self.limit.as_secs());
        say(&format!("doctor: {what} ({elapsed} s of at most {limit} s)"));
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed()).max(LEAST)
    }
}
