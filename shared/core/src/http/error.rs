//! One error for all clients, with the status its row gets.

use super::Answer;
use crate::wire::error_text;
use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;
use tandem_records::{Status, server_text};

/// Why a request failed, in the terms of the status column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestError {
    /// The row's status.
    pub status: Status,
    /// One line for the column `error`.
    pub message: String,
}

impl RequestError {
    /// An error with its status. Its message may hold a server's words, which come in here: without the key, and not long.
    pub fn new(status: Status, message: impl AsRef<str>) -> Self {
        RequestError { status, message: server_text(message.as_ref()) }
    }

    /// A request that took longer than it may.
    pub fn timeout(limit: Duration) -> Self {
        RequestError::new(Status::Timeout, format!("no end within {} ms", limit.as_millis()))
    }

    /// A stream that ended in good order, but too early.
    pub fn no_done(pieces: usize, last_words: Option<&str>) -> Self {
        let said = last_words.map_or(String::new(), |words| format!("; the server's last words: {words}"));
        let message = format!("the stream ended after {pieces} pieces without a final record{said}");
        RequestError::new(Status::NoDone, message)
    }

    /// A response that is no stream, told by its head and the start of its body.
    pub fn refusal(answer: &Answer, body: &[u8]) -> Self {
        let text = error_text(body);
        let status = match answer.status {
            404 if text.contains("model") => Status::ModelMissing,
            429 | 503 => Status::Busy,
            _ => Status::HttpError,
        };
        let mut message = format!("http {}", answer.status);
        if let Some(place) = &answer.location {
            let _ = write!(message, ": moved to {place}; name the server by that address");
        }
        if !text.is_empty() {
            let _ = write!(message, ": {text}");
        }
        RequestError::new(status, message)
    }

    /// Classifies a socket error.
    pub fn from_io(doing: &str, error: &io::Error) -> Self {
        RequestError::new(io_status(error), format!("{doing}: {error}"))
    }

    /// The innermost I/O error of a chain, classified; `None` if there is none.
    pub fn from_io_in_chain(doing: &str, error: &(dyn Error + 'static)) -> Option<Self> {
        let mut found = None;
        let mut next = Some(error);
        while let Some(current) = next {
            found = current.downcast_ref::<io::Error>().or(found);
            next = current.source();
        }
        found.map(|io| RequestError::from_io(doing, io))
    }
}

/// The status of a socket error. Bytes that are no HTTP arrive as `InvalidData` or `InvalidInput`.
pub fn io_status(error: &io::Error) -> Status {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Status::Refused,
        io::ErrorKind::TimedOut => Status::Timeout,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Status::Malformed,
        _ => Status::Reset,
    }
}

impl From<&hyper::Error> for RequestError {
    fn from(error: &hyper::Error) -> Self {
        let doing = "hyper";
        // hyper has no predicate for this one; its text is the only sign.
        let status = if error.to_string().contains("head is too large") {
            Status::TooLarge
        } else if error.is_parse() || error.is_parse_status() {
            Status::Malformed
        } else if let Some(io) = RequestError::from_io_in_chain(doing, error) {
            io.status
        } else {
            Status::Reset
        };
        let message = match error.source() {
            Some(cause) => format!("{doing}: {error}: {cause}"),
            None => format!("{doing}: {error}"),
        };
        RequestError::new(status, message)
    }
}
