//! The times of an open loop's requests, by name.

use crate::metrics::{OpenLoop, Tail};

/// A quantile over the requests of an open loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// Median.
    P50,
    /// 99th percentile.
    P99,
}

/// A time of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Latency {
    /// Intended start to first token.
    TtftIntended,
    /// Send to first token.
    TtftService,
    /// Intended start to last byte.
    E2eIntended,
    /// Send to last byte.
    E2eService,
    /// Intended start to send.
    StartLate,
}

impl Latency {
    /// The value of one trial, ns.
    pub(super) fn of(self, open: &OpenLoop, at: At) -> f64 {
        let Tail { p50, p99 } = match self {
            Latency::TtftIntended => open.ttft_intended,
            Latency::TtftService => open.ttft_service,
            Latency::E2eIntended => open.e2e_intended,
            Latency::E2eService => open.e2e_service,
            Latency::StartLate => open.start_late,
        };
        match at {
            At::P50 => p50,
            At::P99 => p99,
        }
    }

    pub(super) fn name(self, at: At) -> &'static str {
        match (self, at) {
            (Latency::TtftIntended, At::P50) => "time to first token from the intended start at the median",
            (Latency::TtftIntended, At::P99) => {
                "time to first token from the intended start at the 99th percentile"
            }
            (Latency::TtftService, At::P50) => "time to first token from the send at the median",
            (Latency::TtftService, At::P99) => "time to first token from the send at the 99th percentile",
            (Latency::E2eIntended, At::P50) => "time to last byte from the intended start at the median",
            (Latency::E2eIntended, At::P99) => {
                "time to last byte from the intended start at the 99th percentile"
            }
            (Latency::E2eService, At::P50) => "time to last byte from the send at the median",
            (Latency::E2eService, At::P99) => "time to last byte from the send at the 99th percentile",
            (Latency::StartLate, At::P50) => "start lateness at the median",
            (Latency::StartLate, At::P99) => "start lateness at the 99th percentile",
        }
    }

    pub(super) fn key(self, at: At) -> &'static str {
        match (self, at) {
            (Latency::TtftIntended, At::P50) => "open_ttft_intended_p50_ns",
            (Latency::TtftIntended, At::P99) => "open_ttft_intended_p99_ns",
            (Latency::TtftService, At::P50) => "open_ttft_service_p50_ns",
            (Latency::TtftService, At::P99) => "open_ttft_service_p99_ns",
            (Latency::E2eIntended, At::P50) => "open_e2e_intended_p50_ns",
            (Latency::E2eIntended, At::P99) => "open_e2e_intended_p99_ns",
            (Latency::E2eService, At::P50) => "open_e2e_service_p50_ns",
            (Latency::E2eService, At::P99) => "open_e2e_service_p99_ns",
            (Latency::StartLate, At::P50) => "open_start_late_p50_ns",
            (Latency::StartLate, At::P99) => "open_start_late_p99_ns",
        }
    }
}
