//! Clocks: the monotonic one that deadlines live on, and the wall clock that dates come from.

use jiff::Timestamp;
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::fmt::Write as _;

/// CLOCK_MONOTONIC in nanoseconds: one clock for every process of the machine.
pub fn monotonic_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Monotonic))
}

fn nanoseconds(time: Timespec) -> u64 {
    // Both clocks read here count up from zero, so the sign bit is never set.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Text of dates, formatted once per second; between two seconds only the fraction changes.
pub struct WallClock {
    /// Monotonic time at which the cached second began and at which it ends.
    second_began: u64,
    second_ends: u64,
    unix: i64,
    /// `2026-11-21T07:27:08`
    prefix: String,
    /// `Sat, 21 Nov 2026 07:27:08 GMT`
    http_date: String,
    created_at: String,
}

impl WallClock {
    pub fn new() -> WallClock {
        WallClock {
            second_began: 0,
            second_ends: 0,
            unix: 0,
            prefix: String::new(),
            http_date: String::new(),
            created_at: String::new(),
        }
    }

    fn refresh(&mut self, now: u64) {
        if (self.second_began..self.second_ends).contains(&now) {
            return;
        }
        let real = nanoseconds(clock_gettime(ClockId::Realtime));
        let fraction = real % 1_000_000_000;
        self.second_began = now.saturating_sub(fraction);
        self.second_ends = self.second_began + 1_000_000_000;
        self.unix = (real / 1_000_000_000) as i64;
        let second = Timestamp::from_second(self.unix).unwrap_or(Timestamp::UNIX_EPOCH);
        self.prefix = second.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        self.http_date = second.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    }

    /// Value of the Date header at monotonic time `now`.
    pub fn http_date(&mut self, now: u64) -> &str {
        self.refresh(now);
        &self.http_date
    }

    /// Unix seconds at monotonic time `now`.
    pub fn unix(&mut self, now: u64) -> i64 {
        self.refresh(now);
        self.unix
    }

    /// Unix nanoseconds at monotonic time `now`.
    pub fn unix_ns(&mut self, now: u64) -> i64 {
        self.refresh(now);
        self.unix * 1_000_000_000 + (now - self.second_began) as i64
    }

    /// Go's RFC3339Nano in UTC at monotonic time `now`: trailing zeros of the fraction are cut.
    pub fn created_at(&mut self, now: u64) -> &str {
        self.refresh(now);
        self.created_at.clear();
        self.created_at.push_str(&self.prefix);
        push_fraction(&mut self.created_at, now - self.second_began);
        &self.created_at
    }
}

/// Any moment in Go's RFC3339Nano, UTC.
pub fn rfc3339_nano(unix_ns: i64) -> String {
    let second = unix_ns.div_euclid(1_000_000_000);
    let mut text = Timestamp::from_second(second)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    push_fraction(&mut text, unix_ns.rem_euclid(1_000_000_000) as u64);
    text
}

fn push_fraction(text: &mut String, nanoseconds: u64) {
    if nanoseconds > 0 {
        let _ = write!(text, ".{nanoseconds:09}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text.push('Z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_spelled_as_go_spells_them() {
        assert_eq!(rfc3339_nano(1_795_246_028_535_671_630), "2026-11-21T07:27:08.53567163Z");
        assert_eq!(rfc3339_nano(1_795_246_028_000_000_000), "2026-11-21T07:27:08Z");
        let mut wall = WallClock::new();
        let date = wall.http_date(monotonic_ns()).to_owned();
        assert_eq!((date.len(), &date[25..]), (29, " GMT"));
    }

    #[test]
    fn the_cached_second_follows_the_real_clock() {
        let mut wall = WallClock::new();
        let start = monotonic_ns();
        let first: Timestamp = wall.created_at(start).parse().unwrap();
        let later: Timestamp = wall.created_at(start + 700).parse().unwrap();
        assert!((later.as_nanosecond() - first.as_nanosecond() - 700).abs() < 1_000_000);
        assert!((Timestamp::now().as_nanosecond() - first.as_nanosecond()).abs() < 1_000_000_000);
    }
}
