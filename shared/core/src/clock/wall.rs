//! Between the clock of the kernel's receive stamps (CLOCK_REALTIME) and ours (CLOCK_MONOTONIC).

use super::{nanoseconds, now_ns};
use nix::time::ClockId;

/// Pairs taken for one offset; the tightest counts. One of so many is not interrupted even on a busy machine.
const PAIRS: usize = 32;

/// How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC.
///
/// The kernel derives both from one counter with one rate: NTP slews both alike, and their difference stays as it is, to the
/// nanosecond, until somebody sets the clock (clock_settime, a step of NTP, a leap second). So a change of more than
/// the error of the two readings is a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallOffset {
    ahead_ns: i64,
    /// The true offset lies within this of `ahead_ns`.
    error_ns: u64,
}

impl WallOffset {
    /// Reads both clocks. About 5 µs.
    pub(crate) fn read() -> Self {
        Self::tightest(|| (now_ns(), nanoseconds(ClockId::CLOCK_REALTIME), now_ns()))
    }

    /// The offset from readings (monotonic, real, monotonic): the real one was taken somewhere between the others.
    fn tightest(mut reading: impl FnMut() -> (u64, u64, u64)) -> Self {
        let offset = |(before, real, after): (u64, u64, u64)| {
            let half = (after - before) / 2;
            // The odd nanosecond of an odd width.
            WallOffset { ahead_ns: real as i64 - (before + half) as i64, error_ns: half + 1 }
        };
        let first = offset(reading());
        (1..PAIRS)
            .map(|_| offset(reading()))
            .fold(first, |best, next| if next.error_ns < best.error_ns { next } else { best })
    }

    /// How far the offset may be off.
    pub(crate) fn error_ns(self) -> u64 {
        self.error_ns
    }

    /// A moment of CLOCK_REALTIME on CLOCK_MONOTONIC; 0 is no moment, and neither is one before the start of the machine.
    #[inline]
    pub(crate) fn monotonic_ns(self, real_ns: u64) -> Option<u64> {
        let known = Some(real_ns).filter(|&ns| ns > 0)?;
        known.checked_add_signed(self.ahead_ns.checked_neg()?)
    }

    /// Whether the wall clock was stepped between this reading and a later one.
    pub(crate) fn stepped(self, later: Self) -> bool {
        self.ahead_ns.abs_diff(later.ahead_ns) > self.error_ns + later.error_ns
    }

    /// The reading that this one would have been, had the wall clock been set forward by `ns` before it.
    #[cfg(test)]
    pub(crate) fn set_forward(self, ns: i64) -> Self {
        WallOffset { ahead_ns: self.ahead_ns + ns, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings of a machine whose real clock is `ahead` of its monotonic one, each as wide as told.
    fn readings(ahead: u64, widths: &[u64]) -> WallOffset {
        let mut widths = widths.iter().cycle();
        let mut now = 5_000_000;
        WallOffset::tightest(|| {
            let width = *widths.next().expect("a cycle");
            now += 1_000;
            // The real clock is read at once, the second monotonic reading late.
            (now, now + ahead, now + width)
        })
    }

    #[test]
    fn the_tightest_pair_counts_and_its_error_is_half_its_width() {
        let offset = readings(1_700_000_000_000_000_000, &[9_000, 61, 70_000]);
        assert_eq!(offset.error_ns, 31);
        assert!(offset.ahead_ns.abs_diff(1_700_000_000_000_000_000) <= offset.error_ns, "{offset:?}");
        let moment = offset.monotonic_ns(1_700_000_000_000_000_500).expect("a moment");
        assert!(moment.abs_diff(500) <= offset.error_ns, "{moment}");
    }

    #[test]
    fn no_stamp_and_one_from_before_the_machine_started_are_no_moments() {
        let offset = readings(1_700_000_000_000_000_000, &[60]);
        assert_eq!(offset.monotonic_ns(0), None);
        assert_eq!(offset.monotonic_ns(1_699_999_999_000_000_000), None);
    }

    #[test]
    fn a_step_is_a_change_beyond_the_error_of_both_readings() {
        let (calm, busy) = (readings(1_000_000_000_000, &[60]), readings(1_000_000_000_000, &[80_000]));
        assert!(!calm.stepped(busy), "a wide reading is no step: {calm:?} {busy:?}");
        for step in [1_000, -1_000, 3_000_000, -3_600_000_000_000] {
            assert!(calm.stepped(calm.set_forward(step)), "{step} ns");
        }
        assert!(!busy.stepped(busy.set_forward(1_000)), "within the error nothing can be told");
    }

    #[test]
    fn on_this_machine_the_offset_stays_while_nobody_sets_the_clock() {
        let first = WallOffset::read();
        let real_ns = nanoseconds(ClockId::CLOCK_REALTIME);
        let now = now_ns();
        assert!(!first.stepped(WallOffset::read()));
        let converted = first.monotonic_ns(real_ns).expect("a moment");
        assert!(converted <= now + first.error_ns, "{converted} {now}");
    }
}
