//! What is kept of a response while it arrives: two stamps a piece, the text, and what the server tells of it.

use super::ending::{End, Reason, meaning};
use crate::http::RequestError;
use crate::now_ns;
use std::num::NonZeroU64;
use tandem_records::{Status, TokensFrom, server_text};

/// One piece of generated text, as it arrived: usually a token, but a server may put several into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// When agent code saw it.
    pub seen_ns: u64,
    /// When the simulator wrote it, where the line says so.
    pub written_ns: Option<NonZeroU64>,
    /// When the kernel received the last byte of the read that completed it, where the client keeps receive stamps.
    pub received_ns: Option<NonZeroU64>,
}

/// Most pieces of a response whose request asks for no more: twice the longest output of any model today, with its thinking.
const MOST_PIECES: usize = 256 * 1024;
/// Most bytes of its text: 64 a piece.
const MOST_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// Of a longer one, most bytes of text in a token asked for: four times the largest token of the simulator's plans.
const MOST_BYTES_A_TOKEN: usize = 1024;

/// What the server tells of a response. Missing figures stay missing: Ollama leaves zeros out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Why the server stopped.
    pub done_reason: Option<String>,
    /// Tokens generated, thinking included.
    pub output_tokens: Option<u64>,
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
    /// Length asked for in tokens; 0 where nobody knows.
    asked: usize,
    /// Pieces in order of arrival, of thinking and of the answer.
    pub pieces: Vec<Piece>,
    /// How many of them are thinking.
    pub thinking_pieces: u64,
    /// When the first piece of the answer was seen.
    pub first_answer_ns: Option<u64>,
    /// The answer.
    pub answer: String,
    /// What the model thought before it; empty for most.
    pub thinking: String,
    /// When the first body chunk arrived.
    pub first_chunk_ns: Option<u64>,
    /// Body chunks as the client handed them out.
    pub chunks: u64,
    /// What the server tells.
    pub told: Told,
    /// How far the end has come.
    pub end: End,
    /// Whether a reason came and text after it: reasons beside text mean nothing then.
    reasons_are_doubtful: bool,
    /// Whether the server wrote more than one response into the stream: its count is of all of them.
    several_responses: bool,
    /// The kernel's receive stamp of the present chunk.
    received_ns: Option<NonZeroU64>,
}

impl Recorder {
    /// A recorder with room for `pieces` pieces.
    pub fn with_capacity(pieces: usize) -> Self {
        // Eight bytes a piece: a usual piece of text is five. Growing once would cost one copy, not correctness.
        Recorder {
            asked: pieces,
            pieces: Vec::with_capacity(pieces + 1),
            answer: String::with_capacity(8 * pieces),
            ..Recorder::default()
        }
    }

    /// Looks whether the response is far longer than anyone would want: a server that never ends must not fill the memory.
    ///
    /// # Errors
    /// It is.
    #[inline]
    pub(super) fn check_length(&self) -> Result<(), RequestError> {
        let text_bytes = self.answer.len() + self.thinking.len();
        if self.pieces.len() <= MOST_PIECES && text_bytes <= MOST_TEXT_BYTES {
            return Ok(());
        }
        self.check_long()
    }

    #[cold]
    fn check_long(&self) -> Result<(), RequestError> {
        let text_bytes = self.answer.len() + self.thinking.len();
        let (most_pieces, most_bytes) =
            (MOST_PIECES.max(2 * self.asked), MOST_TEXT_BYTES.max(MOST_BYTES_A_TOKEN * self.asked));
        if self.pieces.len() <= most_pieces && text_bytes <= most_bytes {
            return Ok(());
        }
        let what = format!("a response of over {most_pieces} pieces or {most_bytes} bytes of text");
        Err(RequestError::new(Status::TooLarge, what))
    }

    /// Notes a body chunk, with the kernel's receive stamp where the client keeps one.
    pub fn on_chunk(&mut self, received_ns: Option<u64>) {
        self.chunks += 1;
        self.received_ns = received_ns.and_then(NonZeroU64::new);
        if self.first_chunk_ns.is_none() {
            self.first_chunk_ns = Some(now_ns());
        }
    }

    /// Notes a piece of the answer at this moment. Without text it is no piece.
    #[inline]
    pub fn on_text(&mut self, answer: &str, written_ns: Option<u64>) {
        if !answer.is_empty() {
            let seen_ns = self.on_piece(written_ns);
            self.first_answer_ns.get_or_insert(seen_ns);
            self.answer.push_str(answer);
        }
    }

    /// Notes a piece of thinking, or of thinking and answer together, which is one of the answer.
    pub(super) fn on_thought(&mut self, thinking: &str, answer: &str, written_ns: Option<u64>) {
        self.thinking.push_str(thinking);
        if !answer.is_empty() {
            self.on_text(answer, written_ns);
        } else if !thinking.is_empty() {
            self.on_piece(written_ns);
            self.thinking_pieces += 1;
        }
    }

    #[inline]
    fn on_piece(&mut self, written_ns: Option<u64>) -> u64 {
        let seen_ns = now_ns();
        self.pieces.push(Piece {
            seen_ns,
            written_ns: written_ns.and_then(NonZeroU64::new),
            received_ns: self.received_ns,
        });
        if self.end == End::Reason {
            (self.end, self.told.done_reason, self.reasons_are_doubtful) = (End::Open, None, true);
        }
        seen_ns
    }

    /// Notes the word in `finish_reason`, beside text or without.
    ///
    /// # Errors
    /// It says that the server gave up.
    pub(super) fn on_reason(&mut self, word: &str, beside_text: bool) -> Result<(), RequestError> {
        match meaning(word) {
            Reason::None => Ok(()),
            Reason::Failed => {
                let what = format!("the server gave up after {} pieces: {word}", self.pieces.len());
                Err(RequestError::new(Status::ServerError, what))
            }
            Reason::Final => {
                self.told.done_reason = Some(server_text(word));
                if !(self.reasons_are_doubtful && beside_text) {
                    self.end = End::Reason;
                }
                Ok(())
            }
        }
    }

    /// Notes the server's count of generated tokens so far; 0 is what servers write that do not count.
    pub(super) fn on_count(&mut self, output_tokens: Option<u64>) {
        self.told.output_tokens = output_tokens.filter(|&tokens| tokens > 0).or(self.told.output_tokens);
    }

    /// Notes that the stream carries further responses, which are not measured.
    pub(super) fn on_further_response(&mut self) {
        self.several_responses = true;
    }

    /// Notes the end marker.
    pub(super) fn on_marker(&mut self) {
        self.end = End::Marker;
    }

    /// Tokens generated and who counted them; nothing of nothing.
    pub fn output_tokens(&self) -> (Option<u64>, Option<TokensFrom>) {
        match (self.told.output_tokens.filter(|_| !self.several_responses), self.pieces.len() as u64) {
            (Some(tokens), _) => (Some(tokens), Some(TokensFrom::Server)),
            (None, 0) => (Some(0), None),
            (None, pieces) => (Some(pieces), Some(TokensFrom::Pieces)),
        }
    }

    /// Whether the stream is whole, as far as it tells by itself: see [`End`].
    pub(super) fn is_whole(&self) -> bool {
        match self.end {
            End::Open => false,
            End::Reason => true,
            End::Marker => !self.pieces.is_empty() || self.told.done_reason.is_some(),
        }
    }

    /// XXH3-64 of the text in hexadecimal: of the answer, or where the model thought, of the thinking, a zero byte and the answer. Empty
    /// without text.
    pub fn digest(&self) -> String {
        let hash = match (self.thinking.as_str(), self.answer.as_str()) {
            ("", "") => return String::new(),
            ("", answer) => xxhash_rust::xxh3::xxh3_64(answer.as_bytes()),
            (thinking, answer) => xxhash_rust::xxh3::xxh3_64(format!("{thinking}\0{answer}").as_bytes()),
        };
        format!("{hash:016x}")
    }
}
