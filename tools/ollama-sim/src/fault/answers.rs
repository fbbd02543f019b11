//! Answers that come in the place of a stream.

use super::{Kind, Struck};
use crate::api_error::ApiError;
use crate::response::{Answer, LAST_CHUNK, push_chunk};
use crate::wire::Dialect;

/// Another answer than the client asked for.
pub(crate) enum Instead {
    /// One that a sound server gives, too.
    Answer(Answer),
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
}

/// Ollama's answer with a full queue; the two spaces are its own.
const BUSY: &str = "server busy, please try again.  maximum pending requests exceeded";
/// Ollama's answer when its engine is gone.
const ENGINE_DEAD: &str = "llama runner process has terminated: signal: killed";
/// `{"model":"sim","response":"zipped","done":false}` and a line end, as gzip writes it.
const ZIPPED: &[u8] = include_bytes!("zipped.gz");

impl Struck {
    /// The answer in place of a stream whose lines would be `lines`.
    pub fn instead(&self, dialect: Dialect, model: &str, path: &str, lines: &[u8]) -> Instead {
        let error = |error: ApiError| Instead::Answer(error.answer(Some(dialect)));
        let head = |headers: &str| {
            format!("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{headers}\r\n", dialect.stream_type())
                .into_bytes()
        };
        let chunked = |headers: &str, body: &[u8]| {
            let mut bytes = head(&format!("{headers}Transfer-Encoding: chunked\r\n"));
            push_chunk(&mut bytes, body);
            bytes.extend_from_slice(LAST_CHUNK);
            bytes
        };
        let with_length =
            |length: usize| [head(&format!("Content-Length: {length}\r\n")), lines.to_vec()].concat();
        Instead::Bytes(match self.kind {
            Kind::Busy => return error(ApiError::handling(503, BUSY)),
            Kind::Http500 => return error(ApiError::handling(500, ENGINE_DEAD)),
            Kind::Http404 => return error(ApiError::no_model(model)),
            Kind::Redirect => {
                format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n")
                    .into_bytes()
            }
            Kind::BigHeaders => chunked(&filling(self.value as usize), lines),
            Kind::LengthTooLong => with_length(lines.len() + 1000),
            Kind::LengthTooShort => with_length(lines.len() / 2),
            Kind::Compressed => chunked("Content-Encoding: gzip\r\n", ZIPPED),
            _ => (0..64u8).map(|n| n.wrapping_mul(37) | 0x80).collect(),
        })
    }
}

/// Headers of that size together.
fn filling(bytes: usize) -> String {
    const LINE: usize = 1000;
    let header = |n: usize| {
        let name = format!("X-Fill-{n}: ");
        format!("{name}{}\r\n", "x".repeat(LINE.saturating_sub(name.len() + 2)))
    };
    (0..bytes.div_ceil(LINE)).map(header).collect()
}
