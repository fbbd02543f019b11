//! What is kept of a response while it arrives: two stamps a token, and the text.

use crate::now_ns;
use std::num::NonZeroU64;

/// One non-empty token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// When agent code saw it.
    pub seen_ns: u64,
    /// When the simulator wrote it, where the line says so.
    pub written_ns: Option<NonZeroU64>,
    /// When the kernel received the last byte of the read that completed it, where the client keeps receive stamps.
    pub received_ns: Option<NonZeroU64>,
}

/// What the final record says. Missing figures stay missing: Ollama leaves zeros out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Final {
    /// Why the server stopped.
    pub done_reason: Option<String>,
    /// Prompt tokens.
    pub prompt_tokens: Option<u64>,
    /// Time to load the model.
    pub load_ns: Option<u64>,
    /// Time to read the prompt.
    pub prompt_eval_ns: Option<u64>,
    /// Time to generate.
    pub eval_ns: Option<u64>,
    /// Whole time.
    pub total_ns: Option<u64>,
}

/// Records one response. All its memory is taken before the measured time for the length that is asked for.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Stamps in order of arrival.
    pub tokens: Vec<Token>,
    /// The response's text.
    pub text: String,
    /// When the first body chunk arrived.
    pub first_chunk_ns: Option<u64>,
    /// Body chunks as the client handed them out.
    pub chunks: u64,
    /// The final record, once it has come.
    pub done: Option<Final>,
    /// The kernel's receive stamp of the present chunk.
    received_ns: Option<NonZeroU64>,
}

impl Recorder {
    /// A recorder with room for `tokens` tokens.
    pub fn with_capacity(tokens: usize) -> Self {
        // Eight bytes a token: a usual piece of text is five. Growing once would cost one copy, not correctness.
        Recorder {
            tokens: Vec::with_capacity(tokens + 1),
            text: String::with_capacity(8 * tokens),
            ..Recorder::default()
        }
    }

    /// Notes a body chunk, with the kernel's receive stamp where the client keeps one.
    pub fn on_chunk(&mut self, received_ns: Option<u64>) {
        self.chunks += 1;
        self.received_ns = received_ns.and_then(NonZeroU64::new);
        if self.first_chunk_ns.is_none() {
            self.first_chunk_ns = Some(now_ns());
        }
    }

    /// Notes a token at this moment. An empty piece is no token.
    pub fn on_text(&mut self, text: &str, written_ns: Option<u64>) {
        if !text.is_empty() {
            self.tokens.push(Token {
                seen_ns: now_ns(),
                written_ns: written_ns.and_then(NonZeroU64::new),
                received_ns: self.received_ns,
            });
            self.text.push_str(text);
        }
    }
}
