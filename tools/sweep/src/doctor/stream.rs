//! One stream, timed as closely as a plain client can: good for factors of two, not for microseconds.

use crate::servers::Asker;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tandem_records::Api;

/// Tokens of one stream.
pub(super) const TOKENS: u32 = 48;
/// Loading a large model may take minutes.
const LIMIT: Duration = Duration::from_secs(300);

/// When a stream's first and last token came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream {
    pub first: Instant,
    pub last: Instant,
    pub tokens: u32,
}

impl Stream {
    /// Time between two tokens in seconds; `None` with fewer than three tokens.
    pub fn gap_s(&self) -> Option<f64> {
        (self.tokens > 2).then(|| (self.last - self.first).as_secs_f64() / f64::from(self.tokens - 1))
    }

    /// Share of the shorter of two streams in which both were written.
    pub fn overlap(&self, other: &Stream) -> f64 {
        let both =
            self.last.min(other.last).saturating_duration_since(self.first.max(other.first)).as_secs_f64();
        let shorter = (self.last - self.first).min(other.last - other.first).as_secs_f64();
        if shorter > 0.0 { (both / shorter).min(1.0) } else { 0.0 }
    }
}

/// Streams [`TOKENS`] tokens of a model.
///
/// # Errors
/// Why not, in a few words.
pub(super) fn stream(url: &str, api: Api, model: &str) -> Result<Stream, String> {
    let prompt = "Write a long story about a lighthouse.";
    let (path, body) = match api {
        Api::Ollama => (
            "/api/generate",
            json!({"model": model, "prompt": prompt, "stream": true, "options": {"num_predict": TOKENS, "seed": 1}}),
        ),
        Api::Openai => (
            "/v1/chat/completions",
            json!({"model": model, "messages": [{"role": "user", "content": prompt}], "stream": true, "max_tokens": TOKENS, "seed": 1}),
        ),
    };
    let asker = Asker::for_api(api, LIMIT).map_err(|error| error.to_string())?;
    let mut stamps: Vec<Instant> = Vec::with_capacity(TOKENS as usize);
    let mut error = None;
    let lines = asker.post_lines(&format!("{url}{path}"), &body, |line| {
        let now = Instant::now();
        let Ok(object) = serde_json::from_str::<Value>(line.trim_start_matches("data:")) else { return };
        if !object["error"].is_null() {
            error = Some(object["error"].as_str().unwrap_or("an error").to_owned());
        }
        let text = object["response"].as_str().or_else(|| object["choices"][0]["delta"]["content"].as_str());
        if text.is_some_and(|text| !text.is_empty()) {
            stamps.push(now);
        }
    });
    lines.map_err(|failure| failure.to_string())?;
    match (error, stamps.first(), stamps.last()) {
        (Some(error), ..) => Err(error),
        (None, Some(&first), Some(&last)) => Ok(Stream { first, last, tokens: stamps.len() as u32 }),
        _ => Err("no token came".to_owned()),
    }
}
