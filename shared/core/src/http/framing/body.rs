//! Which of the bytes received belong to a response's body (RFC 9112, section 6.3).

use super::chunked::Chunked;
use crate::http::RequestError;
use tandem_records::Status;

/// A body that is not framed as HTTP says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("response body: {0}")]
pub struct BadFraming(pub(super) &'static str);

impl From<BadFraming> for RequestError {
    fn from(error: BadFraming) -> Self {
        RequestError::new(Status::Malformed, error.to_string())
    }
}

/// What to do with the bytes at hand. In each case the first `skip` are framing and done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next `length` bytes, at least one, are the body's.
    Data {
        /// Bytes of framing.
        skip: usize,
        /// Bytes of the body behind them.
        length: usize,
    },
    /// More must be received.
    More {
        /// Bytes of framing.
        skip: usize,
    },
    /// The body is complete.
    End {
        /// Bytes of framing.
        skip: usize,
    },
}

/// How the end of a body is told, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body(Framing);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Chunked(Chunked),
    /// Bytes still to come.
    Length(u64),
    UntilClose,
}

impl Body {
    /// A body in chunks.
    pub fn chunked() -> Self {
        Body(Framing::Chunked(Chunked::Size))
    }

    /// A body of so many bytes.
    pub fn of_length(bytes: u64) -> Self {
        Body(Framing::Length(bytes))
    }

    /// A body that ends with the connection.
    pub fn until_close() -> Self {
        Body(Framing::UntilClose)
    }

    /// Whether the connection's end is the body's.
    pub fn ends_with_connection(&self) -> bool {
        self.0 == Framing::UntilClose
    }

    /// What to do with `bytes`, all that is at hand. What a step names must be taken away before the next one.
    ///
    /// # Errors
    /// The framing is broken; the connection is of no further use.
    #[inline]
    pub fn step(&mut self, bytes: &[u8]) -> Result<Step, BadFraming> {
        match &mut self.0 {
            Framing::Chunked(chunked) => chunked.step(bytes),
            Framing::Length(0) => Ok(Step::End { skip: 0 }),
            _ if bytes.is_empty() => Ok(Step::More { skip: 0 }),
            Framing::Length(left) => {
                let length = shorter(bytes, *left);
                *left -= length as u64;
                Ok(Step::Data { skip: 0, length })
            }
            Framing::UntilClose => Ok(Step::Data { skip: 0, length: bytes.len() }),
        }
    }
}

/// How many of the bytes at hand are among the next `left`.
pub(super) fn shorter(bytes: &[u8], left: u64) -> usize {
    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
}
