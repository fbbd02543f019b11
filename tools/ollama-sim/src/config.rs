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
    /// From the parsed request, or from the read prompt where reading takes a time of its own, to the earliest
    /// moment of a first token.
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

/// Which Ollama's bytes are written, where the versions differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ollama {
    /// On /v1/chat/completions every delta names the role
    #[value(name = "0.24.0")]
    V0_24_0,
    /// On /v1/chat/completions the first delta names the role, and the last one is empty
    #[value(name = "0.32.15")]
    V0_32_15,
}

impl Ollama {
    /// What `/api/version` answers: the version, with the simulator named in the build part, so that no run can
    /// mistake it for the real server.
    pub fn api_version(self) -> &'static str {
        match self {
            Ollama::V0_24_0 => concat!("0.24.0+ollama-sim.", env!("CARGO_PKG_VERSION")),
            Ollama::V0_32_15 => concat!("0.32.15+ollama-sim.", env!("CARGO_PKG_VERSION")),
        }
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
}

/// The log of the streams: a CSV file with one line per stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTo {
    /// The file; one that exists is replaced.
    pub file: PathBuf,
    /// Whether it tells the write of every token.
    pub tokens: bool,
}

/// Ollama's default keep-alive: five minutes.
const DEFAULT_KEEP_ALIVE_NS: i64 = 300 * 1_000_000_000;

/// Everything that a simulator is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// When tokens are due.
    pub pacing: Pacing,
    /// What streams do to each other.
    pub capacity: Capacity,
    /// Streams that a port serves at once, at least 1; the others wait silently in the order of arrival. All are
    /// served when absent.
    pub slots: Option<u32>,
    /// Nanoseconds to read a prompt that its slot does not hold; one that it holds, as its last one, takes a
    /// hundredth. The time to first token begins when the prompt is read. When absent, reading is a part of it.
    pub prompt_eval_ns: Option<u64>,
    /// Nanoseconds to load a model that is not resident: the first request, and the first after an unload, wait.
    pub load_ns: u64,
    /// Nanoseconds that every request waits for its runner though nothing is loaded, as on a busy machine: they
    /// are in `load_duration` as well.
    pub false_load_ns: u64,
    /// How long a model stays resident after a request that does not say it; negative is for ever.
    pub keep_alive_ns: i64,
    /// Bytes that a resident model takes, as `/api/ps` tells them.
    pub size_bytes: u64,
    /// Bytes of these on a GPU.
    pub size_vram_bytes: u64,
    /// Tokens of every response that are thinking, from its first one on; the models cannot think when absent.
    pub thinking: Option<u32>,
    /// Whose bytes are written.
    pub ollama: Ollama,
    /// Model names that exist; `name` and `name:latest` are the same.
    pub models: Vec<String>,
    /// Part of every request's key.
    pub seed: u64,
    /// Tokens in one JSON object or event, at least 1.
    pub tokens_per_piece: u32,
    /// Objects per write, at least 1.
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
            slots: None,
            prompt_eval_ns: None,
            load_ns: 0,
            false_load_ns: 0,
            keep_alive_ns: DEFAULT_KEEP_ALIVE_NS,
            size_bytes: 0,
            size_vram_bytes: 0,
            thinking: None,
            ollama: Ollama::V0_32_15,
            models: vec!["sim".into()],
            seed: 1,
            tokens_per_piece: 1,
            coalesce: 1,
            token_bytes: None,
            write_stamp: true,
            log: None,
            faults: Vec::new(),
        }
    }
}
