//! In what pieces the responses of a cell came, and who counted their tokens.

use super::group::Group;
use super::measured;
use crate::load::Run;
use std::collections::BTreeMap;
use tandem_records::TokensFrom;

/// Tokens in a piece from which they come several at a time, where there are more than one a response beyond its pieces:
/// the end of a text counts as a token and has no piece, and half of a character waits for the other.
const SEVERAL: f64 = 1.05;

/// The responses of a cell's measured phases that ended well, as far as their rows tell pieces (schema version 4).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pieces {
    /// Responses.
    pub responses: usize,
    /// Pieces of text in which they came.
    pub pieces: u64,
    /// Pieces among these that are thinking.
    pub thinking: u64,
    /// Responses without any piece of an answer.
    pub without_answer: usize,
    /// Responses whose server does not tell its tokens, so that pieces were counted.
    pub counted_by_pieces: usize,
    /// Tokens and pieces of the responses whose server told its tokens.
    pub told: Option<Told>,
}

/// Tokens as the servers count them, and the pieces in which they came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Tokens.
    pub tokens: u64,
    /// Pieces.
    pub pieces: u64,
    /// Tokens in a piece, at the server where it is least and at the one where it is most.
    pub per_piece: (f64, f64),
    /// Whether they come several at a time from one server at least.
    pub several: bool,
}

impl Told {
    /// Tokens in a piece, over all servers.
    pub fn mean(self) -> f64 {
        self.tokens as f64 / self.pieces as f64
    }
}

/// Sums over the responses of one server.
#[derive(Default)]
struct Sums {
    responses: u64,
    tokens: u64,
    pieces: u64,
}

impl Sums {
    fn per_piece(&self) -> f64 {
        self.tokens as f64 / self.pieces as f64
    }

    fn several(&self) -> bool {
        self.tokens > self.pieces + self.responses && self.per_piece() >= SEVERAL
    }
}

/// What the rows of a cell tell.
pub(super) fn count(run: &Run, group: &Group) -> Pieces {
    let mut found = Pieces::default();
    let mut servers = BTreeMap::<&str, Sums>::new();
    for row in group.places().flat_map(|place| measured(&run.trials[place])) {
        let Some(pieces) = row.pieces.filter(|pieces| *pieces > 0) else { continue };
        found.responses += 1;
        found.pieces += pieces;
        found.thinking += row.thinking_pieces.unwrap_or(0);
        found.without_answer += usize::from(row.first_answer_ns.is_none());
        match (row.tokens_from, row.output_tokens) {
            (Some(TokensFrom::Server), Some(tokens)) => {
                let sums = servers.entry(&row.server).or_default();
                sums.responses += 1;
                sums.tokens += tokens;
                sums.pieces += pieces;
            }
            (Some(TokensFrom::Pieces), _) => found.counted_by_pieces += 1,
            _ => {}
        }
    }
    found.told = told(&servers.into_values().collect::<Vec<_>>());
    found
}

fn told(servers: &[Sums]) -> Option<Told> {
    let per_piece = || servers.iter().map(Sums::per_piece);
    Some(Told {
        tokens: servers.iter().map(|sums| sums.tokens).sum(),
        pieces: servers.iter().map(|sums| sums.pieces).sum(),
        per_piece: (per_piece().reduce(f64::min)?, per_piece().reduce(f64::max)?),
        several: servers.iter().any(Sums::several),
    })
}
