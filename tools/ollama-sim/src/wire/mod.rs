//! The bytes of an answer's JSON objects, in the field order of the real servers (data/reference/wire).
//!
//! Written by hand into a buffer: these lines are the product, and they are written once per token.

pub mod ollama;
pub mod openai;

use crate::Ollama;
use crate::pieces::Part;
use crate::response::{Answer, JSON, PLAIN_JSON};
use std::io::Write as _;

/// Which endpoint a request came to, and so how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `/api/generate`
    Generate,
    /// `/api/chat`
    Chat,
    /// `/v1/chat/completions`
    OpenAiChat,
    /// `/v1/completions`
    OpenAiCompletion,
}

impl Dialect {
    /// True for the `/v1` endpoints.
    pub fn is_openai(self) -> bool {
        matches!(self, Dialect::OpenAiChat | Dialect::OpenAiCompletion)
    }

    /// Content type of a stream.
    pub fn stream_type(self) -> &'static str {
        if self.is_openai() { "text/event-stream" } else { "application/x-ndjson" }
    }

    /// Content type of an answer in one object.
    pub fn whole_type(self) -> &'static str {
        if self.is_openai() { PLAIN_JSON } else { JSON }
    }
}

/// What stays the same in all objects of one answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Endpoint.
    pub dialect: Dialect,
    /// Model name as sent, quoted for JSON.
    pub model: String,
    /// Number in an OpenAI id: the real servers draw it below 999.
    pub id: u64,
    /// Unix seconds of the request.
    pub created: i64,
    /// Version whose bytes these are.
    pub version: Ollama,
    /// OpenAI: the client asked for `usage`.
    pub include_usage: bool,
    /// Whether objects end with `sim_write_ns`.
    pub stamp: bool,
}

/// The moment of a write.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// `created_at`.
    pub created_at: &'a str,
    /// CLOCK_MONOTONIC in nanoseconds.
    pub monotonic_ns: u64,
}

/// What the final record says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary<'a> {
    /// `stop` or `length`.
    pub done_reason: &'a str,
    /// Token ids of prompt and answer; only `/api/generate` without `raw` has them.
    pub context: Option<&'a [u32]>,
    /// Nanoseconds from request to final record, waiting included.
    pub total_duration: u64,
    /// Nanoseconds until the model was ready.
    pub load_duration: u64,
    /// Tokens of the prompt.
    pub prompt_eval_count: u32,
    /// Nanoseconds on the prompt.
    pub prompt_eval_duration: u64,
    /// Tokens of the answer.
    pub eval_count: u32,
    /// Nanoseconds on the answer.
    pub eval_duration: u64,
}

impl Reply {
    /// Appends the object (or event) of one piece; `text` is escaped already.
    pub fn push_piece(&self, out: &mut Vec<u8>, part: Part, text: &str, first: bool, at: Moment<'_>) {
        if self.dialect.is_openai() {
            openai::push_piece(self, out, part, text, first, at);
        } else {
            ollama::push_piece(self, out, part, text, at);
        }
    }

    /// Appends the end of a stream: one object, or the last events.
    pub fn push_last(&self, out: &mut Vec<u8>, summary: &Summary<'_>, at: Moment<'_>) {
        if self.dialect.is_openai() {
            openai::push_last(self, out, summary, at);
        } else {
            ollama::push_final(self, out, ("", ""), summary, at);
            out.push(b'\n');
        }
    }

    /// Appends the whole answer as one object; the texts, thinking and answer, are escaped already.
    pub fn push_whole(&self, out: &mut Vec<u8>, text: (&str, &str), summary: &Summary<'_>, at: Moment<'_>) {
        if self.dialect.is_openai() {
            openai::push_whole(self, out, text, summary, at);
        } else {
            ollama::push_final(self, out, text, summary, at);
        }
    }

    /// The answer to a request that only loads or unloads the model.
    pub fn load_answer(&self, done_reason: &str, at: Moment<'_>) -> Answer {
        let mut body = Vec::new();
        ollama::push_load(self, &mut body, done_reason, at);
        Answer::ok(JSON, body)
    }

    /// Ends an object, with the write stamp as its last field where stamps are wanted.
    fn close(&self, out: &mut Vec<u8>, at: Moment<'_>) {
        if self.stamp {
            put(out, format_args!(",\"sim_write_ns\":{}", at.monotonic_ns));
        }
        out.push(b'}');
    }
}

/// Formats into a buffer, which cannot fail.
fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}
