//! One HTTP/1 response: its head, then the body as its head frames it.

use crate::chunked::{Chunked, Piece};
use tandem_core::http::{MAX_HEAD_BYTES, RequestError};
use tandem_records::Status;

/// Header fields read of one response; hyper's own limit.
const MAX_FIELDS: usize = 100;

/// A response under way.
pub struct Response {
    /// Whether it answers a HEAD request, which has no body whatever the head says.
    bodiless: bool,
    /// The beginning of a head that arrived in pieces.
    partial: Vec<u8>,
    head: Option<Head>,
}

/// What a head says, and how much of the body is still to come.
struct Head {
    status: u16,
    reusable: bool,
    body: Body,
}

/// How the end of a body is told: RFC 9112, section 6.3.
enum Body {
    Chunked(Chunked),
    Length(u64),
    UntilClose,
}

impl Response {
    /// The response to the request that is about to be sent.
    pub fn expected(bodiless: bool) -> Self {
        Response { bodiless, partial: Vec::new(), head: None }
    }

    /// HTTP status, once the head has come.
    pub fn status(&self) -> Option<u16> {
        self.head.as_ref().map(|head| head.status)
    }

    /// Whether the connection may carry another request afterwards.
    pub fn leaves_connection_open(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.reusable)
    }

    /// Takes bytes from the front of `bytes`.
    ///
    /// # Errors
    /// Bytes that are no HTTP/1 response.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Piece<'a>, RequestError> {
        loop {
            match &mut self.head {
                Some(head) => return head.body.next(bytes),
                None if bytes.is_empty() => return Ok(Piece::More),
                None => self.head = self.read_head(bytes)?,
            }
        }
    }

    /// Whether a connection that the server closes now ends the body in good order.
    pub fn ends_by_close(&self) -> bool {
        matches!(&self.head, Some(Head { body: Body::UntilClose, .. }))
    }

    /// Reads a head; `None` if it is not complete, or only announces another.
    fn read_head(&mut self, bytes: &mut &[u8]) -> Result<Option<Head>, RequestError> {
        let before = self.partial.len();
        let parsed = if before == 0 {
            parse(bytes, self.bodiless)?
        } else {
            self.partial.extend_from_slice(bytes);
            parse(&self.partial, self.bodiless)?
        };
        let Some((length, head)) = parsed else {
            if before == 0 {
                self.partial.extend_from_slice(bytes);
            }
            *bytes = &[];
            let complete = self.partial.len() < MAX_HEAD_BYTES;
            return if complete { Ok(None) } else { Err(too_large()) };
        };
        self.partial.clear();
        *bytes = &bytes[length - before..];
        Ok(Some(head).filter(|head| head.status >= 200))
    }
}

impl Body {
    fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Piece<'a>, RequestError> {
        let left = match self {
            Body::Chunked(decoder) => return decoder.next(bytes),
            Body::Length(0) => return Ok(Piece::End),
            Body::Length(left) => usize::try_from(*left).unwrap_or(usize::MAX),
            Body::UntilClose => usize::MAX,
        };
        let (data, rest) = bytes.split_at(left.min(bytes.len()));
        *bytes = rest;
        if let Body::Length(left) = self {
            *left -= data.len() as u64;
        }
        Ok(if data.is_empty() { Piece::More } else { Piece::Data(data) })
    }
}

fn too_large() -> RequestError {
    RequestError::new(
        Status::TooLarge,
        format!("a response head of over {MAX_HEAD_BYTES} bytes or {MAX_FIELDS} fields"),
    )
}

fn malformed(what: &str) -> RequestError {
    RequestError::new(Status::Malformed, format!("response head: {what}"))
}

/// A head and its length in bytes; `None` if there is more to come.
fn parse(bytes: &[u8], bodiless: bool) -> Result<Option<(usize, Head)>, RequestError> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD_BYTES => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(too_large()),
        Err(error) => return Err(malformed(&error.to_string())),
    };
    let status = response.code.ok_or_else(|| malformed("no status"))?;
    let field = |name: &str| {
        let found = response.headers.iter().rfind(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| String::from_utf8_lossy(field.value).trim().to_ascii_lowercase())
    };
    let body = match (field("transfer-encoding"), field("content-length")) {
        _ if bodiless || status < 200 || matches!(status, 204 | 304) => Body::Length(0),
        (Some(coding), _) if coding.ends_with("chunked") => Body::Chunked(Chunked::Start),
        (Some(_), _) | (None, None) => Body::UntilClose,
        (None, Some(length)) => {
            Body::Length(length.parse().map_err(|_| malformed("a content-length that is no number"))?)
        }
    };
    let connection = field("connection").unwrap_or_default();
    let reusable = match response.version {
        Some(1) => !connection.contains("close"),
        _ => connection.contains("keep-alive"),
    };
    let reusable = reusable && !matches!(body, Body::UntilClose);
    Ok(Some((length, Head { status, reusable, body })))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Read {
        status: u16,
        body: Vec<u8>,
        ended: bool,
        reusable: bool,
        left: usize,
    }

    fn read(text: &str, bodiless: bool, step: usize) -> Result<Read, RequestError> {
        let mut response = Response::expected(bodiless);
        let (mut body, mut ended, mut left) = (Vec::new(), false, 0);
        for mut bytes in text.as_bytes().chunks(step) {
            while !ended {
                match response.next(&mut bytes)? {
                    Piece::Data(data) => body.extend_from_slice(data),
                    Piece::More => break,
                    Piece::End => ended = true,
                }
            }
            left += bytes.len();
        }
        let status = response.status().unwrap_or_default();
        Ok(Read { status, body, ended, reusable: response.leaves_connection_open(), left })
    }

    #[test]
    fn every_framing_is_read_wherever_it_is_cut() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        let announced = format!("HTTP/1.1 100 Continue\r\n\r\n{chunked}");
        let length = "HTTP/1.1 503 Busy\r\nconnection: Close\r\nContent-Length: 2\r\n\r\nok";
        let close = "HTTP/1.0 200 OK\r\n\r\nok";
        for (text, status, ended, reusable) in [
            (chunked, 200, true, true),
            (&announced, 200, true, true),
            (length, 503, true, false),
            (close, 200, false, false),
        ] {
            for step in 1..=text.len() {
                let read = read(text, false, step).unwrap();
                assert_eq!((read.status, read.body.as_slice()), (status, &b"ok"[..]), "{text:?} by {step}");
                assert_eq!(
                    (read.ended, read.reusable, read.left),
                    (ended, reusable, 0),
                    "{text:?} by {step}"
                );
            }
        }
    }

    #[test]
    fn an_answer_to_head_ends_with_its_head() {
        let read = read("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", true, 7).unwrap();
        assert!(read.ended && read.reusable && read.body.is_empty());
    }

    #[test]
    fn what_is_no_response_is_told_apart_from_what_is_too_much() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(MAX_HEAD_BYTES));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: 1\r\n".repeat(MAX_FIELDS + 1));
        for (text, status) in [
            ("SSH-2.0-OpenSSH\r\n\r\n", Status::Malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n", Status::Malformed),
            (&long, Status::TooLarge),
            (&many, Status::TooLarge),
        ] {
            for step in [text.len(), 1000] {
                assert_eq!(read(text, false, step).err().map(|e| e.status), Some(status), "{:.40}", text);
            }
        }
    }
}
