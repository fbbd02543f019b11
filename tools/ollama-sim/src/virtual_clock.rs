//! The clock that schedules live on.
//!
//! Independent servers: virtual time is real time. Shared servers: one virtual clock behind all
//! ports advances at 1/f(k) of real time while k streams are active, so every schedule, first token included,
//! stretches when others share the GPU and recovers when they end.

use crate::Capacity;

/// Maps virtual time to CLOCK_MONOTONIC and back, both in nanoseconds.
#[derive(Debug)]
pub struct VirtualClock {
    capacity: Capacity,
    /// The moment of the last change of pace, in real and in virtual time.
    real: u64,
    virt: u64,
    /// Real nanoseconds per virtual nanosecond.
    slowdown: f64,
}

impl VirtualClock {
    /// A clock that reads `now` at `now`.
    pub fn new(capacity: Capacity, now: u64) -> VirtualClock {
        VirtualClock { capacity, real: now, virt: now, slowdown: 1.0 }
    }

    /// Tells the clock that `active` streams run from real time `at` on. A moment before the last change counts
    /// as that change: changes are applied in the order of their deadlines, requests when they are read.
    pub fn set_active(&mut self, active: usize, at: u64) {
        let Capacity::Shared { factor } = self.capacity else { return };
        let slowdown = if active < 2 { 1.0 } else { (factor * active as f64 / 2.0).max(1.0) };
        if slowdown != self.slowdown {
            let at = at.max(self.real);
            self.virt = self.virtual_at(at);
            self.real = at;
            self.slowdown = slowdown;
        }
    }

    /// Virtual time at real time `at`.
    pub fn virtual_at(&self, at: u64) -> u64 {
        let elapsed = at as i64 - self.real as i64;
        self.virt.saturating_add_signed(if self.slowdown == 1.0 {
            elapsed
        } else {
            (elapsed as f64 / self.slowdown) as i64
        })
    }

    /// Real time at which virtual time reads `at`, if the pace stays as it is.
    pub fn real_at(&self, at: u64) -> u64 {
        let elapsed = at as i64 - self.virt as i64;
        self.real.saturating_add_signed(if self.slowdown == 1.0 {
            elapsed
        } else {
            (elapsed as f64 * self.slowdown).ceil() as i64
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_streams_slow_each_other_by_the_factor_and_recover() {
        let mut clock = VirtualClock::new(Capacity::Shared { factor: 2.6 }, 1000);
        clock.set_active(1, 1000);
        assert_eq!(clock.real_at(2000), 2000);
        clock.set_active(2, 2000);
        assert_eq!(clock.real_at(3000), 4600);
        clock.set_active(1, 4600);
        assert_eq!(clock.virtual_at(4600), 3000);
        assert_eq!(clock.real_at(3500), 5100);
    }

    #[test]
    fn four_streams_are_twice_as_slow_as_two() {
        let mut clock = VirtualClock::new(Capacity::Shared { factor: 2.6 }, 0);
        clock.set_active(4, 0);
        assert_eq!(clock.real_at(1000), 5200);
    }

    proptest::proptest! {
        #[test]
        fn time_never_runs_backwards_and_deadlines_map_to_themselves(
            factor in 1.0..20.0f64,
            changes in proptest::collection::vec((0usize..50, 0u64..1_000_000_000, 0u64..1_000_000_000), 1..50),
        ) {
            let mut clock = VirtualClock::new(Capacity::Shared { factor }, 1_000);
            let (mut now, mut virt) = (1_000, 1_000);
            for (active, wait, ahead) in changes {
                now += wait;
                let before = clock.virtual_at(now);
                proptest::prop_assert!(before >= virt);
                clock.set_active(active, now);
                virt = clock.virtual_at(now);
                proptest::prop_assert_eq!(virt, before);
                let due = virt + ahead;
                proptest::prop_assert!(clock.virtual_at(clock.real_at(due)).abs_diff(due) <= 1);
                proptest::prop_assert!(clock.real_at(due) >= now + ahead);
            }
        }
    }

    #[test]
    fn independent_servers_keep_real_time() {
        let mut clock = VirtualClock::new(Capacity::Independent, 5);
        clock.set_active(100, 50);
        assert_eq!((clock.real_at(77), clock.virtual_at(77)), (77, 77));
    }
}
