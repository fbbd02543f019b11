//! In what pieces the responses of a cell came, and who counted their tokens.

use super::group::Group;
use super::measured;
use crate::load::Run;
use std::collections::BTreeMap;
use tandem_records::{RequestRow, TokensFrom};

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
}

impl Told {
    /// Tokens in a piece, over all servers.
    pub fn mean(self) -> f64 {
        self.tokens as f64 / self.pieces as f64
    }
}

/// What the rows of a cell tell.
pub(super) fn count(run: &Run, group: &Group) -> Pieces {
    let mut found = Pieces::default();
    let mut servers = BTreeMap::<&str, (u64, u64)>::new();
    for row in group.places().flat_map(|place| measured(&run.trials[place])) {
        let Some(pieces) = row.pieces.filter(|pieces| *pieces > 0) else { continue };
        found.responses += 1;
        found.pieces += pieces;
        found.thinking += row.thinking_pieces.unwrap_or(0);
        found.without_answer += usize::from(row.first_answer_ns.is_none());
        match (row.tokens_from, row.output_tokens) {
            (Some(TokensFrom::Server), Some(tokens)) => {
                let sums = servers.entry(&row.server).or_default();
                *sums = (sums.0 + tokens, sums.1 + pieces);
            }
            _ => found.counted_by_pieces += usize::from(is_counted_by_pieces(row)),
        }
    }
    found.told = told(servers.values());
    found
}

fn is_counted_by_pieces(row: &RequestRow) -> bool {
    row.tokens_from == Some(TokensFrom::Pieces)
}

fn told<'a>(servers: impl Iterator<Item = &'a (u64, u64)> + Clone) -> Option<Told> {
    let (tokens, pieces) = servers.clone().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let ratios = servers.map(|(tokens, pieces)| *tokens as f64 / *pieces as f64);
    let per_piece = ratios.fold(None, |found: Option<(f64, f64)>, ratio| {
        Some(found.map_or((ratio, ratio), |(least, most)| (least.min(ratio), most.max(ratio))))
    });
    Some(Told { tokens, pieces, per_piece: per_piece? })
}
