//! The one clock of all programs: CLOCK_MONOTONIC, in nanoseconds, comparable across processes of a machine.

mod wall;

pub use wall::WallOffset;

use nix::time::{ClockId, clock_gettime};

/// CLOCK_MONOTONIC in nanoseconds. About 50 ns a call.
///
/// # Panics
/// Never on Linux: the kernel refuses this clock only where it does not exist.
#[inline]
pub fn now_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_MONOTONIC)
}

/// CPU time of this process, user and system, in nanoseconds. Not tick-sampled, unlike getrusage.
pub(crate) fn process_cpu_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

#[inline]
fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock).expect("Linux has this clock");
    time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
}
