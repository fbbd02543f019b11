//! The simulator's part of a plan file.

use super::Levels;
use super::file::named;
use serde::Deserialize;
use tandem_records::Capacity;

named! {
    /// The simulator's pacing when no numbers are given.
    SimProfile {
        /// As fast as it can write.
        Instant = "instant",
        /// The study's numbers, ten times faster.
        Fast = "fast",
        /// The study's numbers.
        Tr115 = "tr115",
    }
}

/// A simulator as a set asks for it. What is absent is left to the profile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimFile {
    /// Pacing; `fast` when absent.
    pub profile: Option<SimProfile>,
    /// Time to first token in milliseconds.
    pub ttft_ms: Option<f64>,
    /// Time between two tokens in milliseconds.
    pub itl_ms: Option<f64>,
    /// Share of the gap by which tokens are late at random, 0 to 0.5.
    pub jitter: Option<f64>,
    /// What streams take from each other (factor); `independent` when absent.
    pub capacity: Option<Levels<Capacity>>,
    /// Slow-down of two streams at once under `shared`; the study's 2.6 when absent.
    pub factor: Option<f64>,
    /// Streams that a port serves at once, each in a slot that holds its last prompt; no limit when absent.
    pub slots: Option<u32>,
    /// Milliseconds to read a prompt that no slot holds, before the time to first token; a part of that when absent.
    pub prompt_eval_ms: Option<f64>,
    /// Milliseconds to load a model that is not resident; none when absent.
    pub load_ms: Option<f64>,
    /// Milliseconds that every request waits for its runner without any load; none when absent.
    pub false_load_ms: Option<f64>,
    /// Tokens of every response that are thinking; the models cannot think when absent.
    pub thinking: Option<u32>,
    /// Tokens in one piece; one when absent.
    pub tokens_per_piece: Option<u32>,
    /// Pieces per write (factor).
    pub coalesce: Option<Levels<u32>>,
    /// Bytes of text in a token (factor); natural text of many lengths when absent.
    pub token_bytes: Option<Levels<u32>>,
    /// Share by which free lengths spread around `tokens`, 0 to 0.9; none when absent.
    pub length_spread: Option<f64>,
    /// What goes wrong, each as `ollama-sim --fault` takes it.
    #[serde(default)]
    pub faults: Vec<ollama_sim::Fault>,
}

/// Divisors that make simulated runs short. The gap between tokens is never scaled: under about 5 ms the simulator's own
/// lateness would make trials invalid.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimScale {
    /// Divides the time to first token.
    pub time: f64,
    /// Divides the response length.
    pub tokens: f64,
}

impl SimScale {
    /// As the plan says.
    pub const FULL: SimScale = SimScale { time: 1.0, tokens: 1.0 };

    /// Tokens of thinking under this scale: at least 1.
    pub fn thinking(&self, tokens: u32) -> u32 {
        ((f64::from(tokens) / self.tokens).round() as u32).max(1)
    }

    /// A length under this scale: at least 2 tokens, which the shortest gap needs.
    pub fn length(&self, tokens: u32) -> u32 {
        ((f64::from(tokens) / self.tokens).round() as u32).max(2)
    }
}

impl Default for SimScale {
    fn default() -> Self {
        SimScale::FULL
    }
}
