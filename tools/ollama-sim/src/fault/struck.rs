//! A fault that has found its request: what it does to the answer.

use super::kind::Place;
use super::{Fault, Kind};

/// A fault on one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Struck {
    /// What goes wrong.
    pub kind: Kind,
    /// The kind's number; 0 where it has none.
    pub value: u64,
    /// Tokens that are written before.
    pub at: u32,
    /// Whether it has begun to strike, of one that never ends.
    pub begun: bool,
    in_place_of_answer: bool,
    /// Bytes of the answer that may still be written, of a close after so many.
    bytes_left: Option<usize>,
}

/// What happens after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The stream goes on.
    More,
    /// That was the last write; a chunked answer still lacks its terminator.
    Last,
    /// Nothing was written: the stream goes on so many nanoseconds later.
    Later(u64),
    /// Nothing more is ever written.
    Hang,
    /// The connection is closed without the rest.
    Close,
    /// The connection is reset.
    Reset,
}

impl Struck {
    pub(super) fn new(fault: &Fault, tokens: u32) -> Struck {
        let place = fault.kind.place();
        let at = match place {
            Place::Door | Place::Answer | Place::Start => 0,
            Place::Half => tokens / 2,
            Place::End => tokens,
        };
        Struck {
            kind: fault.kind,
            value: fault.value.unwrap_or(0),
            at: fault.when.token.unwrap_or(at).min(tokens),
            begun: false,
            in_place_of_answer: place == Place::Answer,
            bytes_left: fault.value.filter(|_| fault.kind == Kind::Close).map(|bytes| bytes as usize),
        }
    }

    /// True when there is no stream at all but another answer.
    pub fn is_in_place_of_answer(&self) -> bool {
        self.in_place_of_answer
    }

    /// The place in a sound write at which it is torn in two: the rest waits for the next write.
    pub fn tear(&self, write: &[u8]) -> Option<usize> {
        match self.kind {
            // After the first byte of a character of several.
            Kind::SplitUtf8 => write.iter().position(|byte| *byte >= 0xc2).map(|at| at + 1),
            Kind::SplitEscape => write.iter().position(|byte| *byte == b'\\').map(|at| at + 1),
            // A chunk of 16 bytes and more has a size of two digits.
            Kind::SplitChunkSize => (write.len() > 16).then_some(1),
            _ => None,
        }
    }

    /// Cuts a write of a close after so many bytes; true when the end is reached.
    pub fn cut(&mut self, write: &mut Vec<u8>) -> bool {
        let Some(left) = &mut self.bytes_left else { return false };
        if write.len() >= *left {
            write.truncate(*left);
            return true;
        }
        *left -= write.len();
        false
    }

    /// True of a close after so many bytes.
    pub fn counts_bytes(&self) -> bool {
        self.bytes_left.is_some()
    }
}
