//! One error for all clients, with the status its row gets.

use crate::wire::error_text;
use std::error::Error;
use std::io;
use std::time::Duration;
use tandem_records::Status;

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
    /// An error with its status.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        RequestError { status, message: message.into() }
    }

    /// A request that took longer than it may.
    pub fn timeout(limit: Duration) -> Self {
        RequestError::new(Status::Timeout, format!("no end within {} ms", limit.as_millis()))
    }

    /// A stream that ended in good order, but too early.
    pub fn no_done(tokens: usize) -> Self {
        let message = format!("the stream ended after {tokens} tokens without a final record");
        RequestError::new(Status::NoDone, message)
    }

    /// A response that is no stream, told by its HTTP status and the start of its body.
    pub fn refusal(http_status: u16, body: &[u8]) -> Self {
        let text = error_text(body);
        let status = match http_status {
            404 if text.contains("model") => Status::ModelMissing,
            503 => Status::Busy,
            _ => Status::HttpError,
        };
        RequestError::new(status, format!("http {http_status}: {text}"))
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
