//! What a simulator is told to be: pace, capacity, models, seed.

use crate::fault::Fault;
use clap::ValueEnum;
use std::path::PathBuf;

/// A named pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// No pacing: every token as soon as the socket takes it
    Instant,
    /// The published study's numbers, ten times faster
    Fast,
    /// The published study's numbers
    Tr115,
}

/// When tokens are due. All times in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pacing {
    /// From the parsed request to the earliest moment of a first token.
    pub ttft_ns: u64,
    /// Gap between two tokens.
    pub itl_ns: u64,
    /// Largest random delay of one token as a share of the gap, 0 to 0.5.
    pub jitter: f64,
    /// Length of a response when the request names none.
    pub tokens: u32,
    /// Share by which such lengths spread around `tokens`, 0 to 0.9.
    pub length_spread: f64,
}

/// Median time to first token over the study's 113 calls that had the GPU to themselves and a loaded model
/// (data/reference/tr115/calls.csv: tier results_v2, runtime async-std, whose lock serialised the agents,
/// load_ms under 1000): 654.1 ms.
const TR115_TTFT_NS: u64 = 654_000_000;
/// The study's 9.2 ms per token of a stream that is alone on the GPU; 24.2 ms for two is what
/// `--capacity shared --factor 2.6` makes of it.
const TR115_ITL_NS: u64 = 9_200_000;
/// Median response length of the same 113 calls.
const TR115_TOKENS: u32 = 1084;
/// Breaks the phase lock that strictly periodic streams would keep for their whole length.
const JITTER: f64 = 0.1;

impl Profile {
    /// The profile's pace.
    pub fn pacing(self) -> Pacing {
        let study = Pacing {
            ttft_ns: TR115_TTFT_NS,
            itl_ns: TR115_ITL_NS,
            jitter: JITTER,
            tokens: TR115_TOKENS,
            length_spread: 0.0,
        };
        match self {
            Profile::Instant => Pacing { ttft_ns: 0, itl_ns: 0, jitter: 0.0, ..study },
            Profile::Fast => Pacing { ttft_ns: TR115_TTFT_NS / 10, itl_ns: TR115_ITL_NS / 10, ..study },
            Profile::Tr115 => study,
        }
    }
}

impl Pacing {
    /// True when nothing is ever waited for.
    pub fn is_instant(&self) -> bool {
        self.ttft_ns == 0 && self.itl_ns == 0
    }
}

/// What several streams at once do to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Capacity {
    /// Nothing: every stream has a server of its own.
    Independent,
    /// One GPU behind all ports: with k streams active every schedule advances at 1/f(k) of real time,
    /// f(1) = 1 and f(k) = factor * k / 2 for k >= 2.
    Shared {
        /// Slowdown of two streams.
        factor: f64,
    },
    /// One stream at a time per port; the others wait silently in the order of arrival.
    Serial,
}

/// The log of the streams: a CSV file with one line per stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTo {
    /// The file; one that exists is replaced.
    pub file: PathBuf,
    /// Whether it tells the write of every token.
    pub tokens: bool,
}

/// Everything that a simulator is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// When tokens are due.
    pub pacing: Pacing,
    /// What streams do to each other.
    pub capacity: Capacity,
    /// Model names that exist; `name` and `name:latest` are the same.
    pub models: Vec<String>,
    /// Part of every request's key.
    pub seed: u64,
    /// Tokens per write, at least 1.
    pub coalesce: u32,
    /// Bytes of text in every token, 1 to 4096; natural text when absent.
    pub token_bytes: Option<u32>,
    /// Whether every JSON object ends with `sim_write_ns`.
    pub write_stamp: bool,
    /// Where the log of the streams goes.
    pub log: Option<LogTo>,
    /// What goes wrong; the first that fits a request strikes it.
    pub faults: Vec<Fault>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            pacing: Profile::Fast.pacing(),
            capacity: Capacity::Independent,
            models: vec!["sim".into()],
            seed: 1,
            coalesce: 1,
            token_bytes: None,
            write_stamp: true,
            log: None,
            faults: Vec::new(),
        }
    }
}
