//! What the summary says of the streams of a cell. Absent where the run does not tell, as before schema version 4.

use super::number::{Number, number};
use crate::analysis::{Cell, Cut, Pieces, Queue, Reread};
use serde::Serialize;

/// Responses of the measured phases that ended well.
#[derive(Debug, Serialize)]
pub(super) struct PiecesSummary {
    responses: usize,
    pieces: u64,
    thinking_pieces: u64,
    without_answer: usize,
    /// Responses whose server does not tell its tokens, so that pieces were counted.
    tokens_from_pieces: usize,
    /// Of the responses whose server told its tokens; null where none did.
    tokens_per_piece: Option<Number>,
    /// The same at the server where it is least, and where it is most.
    tokens_per_piece_of_servers: Option<[Number; 2]>,
}

impl PiecesSummary {
    pub(super) fn new(pieces: &Pieces) -> Option<Self> {
        (pieces.responses > 0).then(|| Self {
            responses: pieces.responses,
            pieces: pieces.pieces,
            thinking_pieces: pieces.thinking,
            without_answer: pieces.without_answer,
            tokens_from_pieces: pieces.counted_by_pieces,
            tokens_per_piece: pieces.told.map(|told| number(told.mean())),
            tokens_per_piece_of_servers: pieces
                .told
                .map(|told| [number(told.per_piece.0), number(told.per_piece.1)]),
        })
    }
}

/// Requests of the concurrent phase that waited in the queue of their server.
#[derive(Debug, Serialize)]
pub(super) struct QueueSummary {
    requests: usize,
    queued: usize,
    generated_at_once_per_server: u32,
    /// Null where it is not known or the servers differ.
    slots: Option<u32>,
}

impl QueueSummary {
    pub(super) fn new(cell: &Cell) -> Option<Self> {
        cell.queue.map(|queue: Queue| Self {
            requests: queue.requests,
            queued: queue.queued,
            generated_at_once_per_server: queue.at_once_per_server,
            slots: cell.slots,
        })
    }
}

/// Times of prompts that came from the cache in one phase only, ns.
#[derive(Debug, Serialize)]
pub(super) struct PromptsReread {
    alone_ns: Number,
    together_ns: Number,
}

impl From<Reread> for PromptsReread {
    fn from(reread: Reread) -> Self {
        Self { alone_ns: number(reread.alone_ns), together_ns: number(reread.together_ns) }
    }
}

/// Prompts that fill the context.
#[derive(Debug, Serialize)]
pub(super) struct PromptsCut {
    requests: usize,
    of: usize,
    prompt_tokens: u64,
    context_length: u64,
}

impl From<Cut> for PromptsCut {
    fn from(cut: Cut) -> Self {
        let Cut { requests, of, prompt_tokens, context_length } = cut;
        Self { requests, of, prompt_tokens, context_length }
    }
}
