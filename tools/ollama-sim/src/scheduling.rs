//! The scheduling class of the pacing thread.
//!
//! Beside busy clients an ordinary thread waits up to a whole slice of theirs (3 ms) after its deadline; a real-time
//! thread does not. A real server runs on another machine or on a GPU and does not compete with the client at all.

use std::fmt;
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// Above ordinary threads, below the kernel's own.
const PRIORITY: u8 = 10;

/// The class this thread runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduling {
    /// SCHED_FIFO: needs CAP_SYS_NICE or a limit on real-time priority (`ulimit -r`).
    Fifo,
    /// The system's default: what remains without the privilege, and what an unpaced server must have, because it
    /// would take a whole core from its clients.
    Normal,
}

impl Scheduling {
    /// Asks for the best class for a thread that writes at deadlines.
    pub fn for_pacing() -> Self {
        let fifo = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
        let priority = ThreadPriorityValue::try_from(PRIORITY).map(ThreadPriority::Crossplatform);
        match priority.map(|priority| set_thread_priority_and_policy(thread_native_id(), priority, fifo)) {
            Ok(Ok(())) => Scheduling::Fifo,
            _ => Scheduling::Normal,
        }
    }
}

impl fmt::Display for Scheduling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scheduling::Fifo => "fifo",
            Scheduling::Normal => "normal",
        })
    }
}
