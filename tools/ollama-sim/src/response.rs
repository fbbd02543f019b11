//! Response heads and chunks, in the order and spelling of Go's HTTP server.

use crate::clock::WallClock;
use crate::http::{BadRequest, Request};
use std::io::Write as _;

/// `Content-Type` of answers that are not streams.
pub const JSON: &str = "application/json; charset=utf-8";
/// The same as written by Ollama's OpenAI layer.
pub const PLAIN_JSON: &str = "application/json";
/// Go's server buffers this much of a body; a longer one leaves in chunks, without Content-Length.
const GO_BUFFER: usize = 2048;
/// Ends a chunked body.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// An answer whose body is known.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Content-Type`, or `None` for an answer without a body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Status 200 with this body.
    pub fn ok(content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: 200, content_type: Some(content_type), body: body.into() }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Answer {
        Answer { status, content_type: None, body: Vec::new() }
    }
}

/// What the head of an answer has to know of its request.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// HTTP/1.0.
    pub http10: bool,
    /// The connection closes after the answer.
    pub close: bool,
    /// HEAD: the head only.
    pub head_only: bool,
}

impl Manner {
    /// The manner that the request asks for.
    pub fn of(request: &Request) -> Manner {
        Manner { http10: request.http10, close: request.close, head_only: request.method == "HEAD" }
    }
}

/// Text of a status code.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Request Entity Too Large",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

enum Length {
    None,
    Bytes(usize),
    Unknown,
}

fn push_head(
    out: &mut Vec<u8>,
    manner: Manner,
    status: u16,
    content_type: Option<&str>,
    date: &str,
    length: Length,
) {
    let version = if manner.http10 { "1.0" } else { "1.1" };
    // Writing to a Vec cannot fail.
    let _ = write!(out, "HTTP/{version} {status} {}\r\n", reason(status));
    if let Some(content_type) = content_type {
        let _ = write!(out, "Content-Type: {content_type}\r\n");
    }
    let _ = write!(out, "Date: {date}\r\n");
    if let Length::Bytes(length) = length {
        let _ = write!(out, "Content-Length: {length}\r\n");
    }
    if manner.close && !manner.http10 {
        out.extend_from_slice(b"Connection: close\r\n");
    }
    if matches!(length, Length::Unknown) && !manner.http10 {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Head of a stream.
pub fn push_stream_head(out: &mut Vec<u8>, manner: Manner, content_type: &str, date: &str) {
    push_head(out, manner, 200, Some(content_type), date, Length::Unknown);
}

/// A whole answer.
pub fn push_answer(out: &mut Vec<u8>, manner: Manner, answer: &Answer, wall: &mut WallClock, now: u64) {
    let length = match answer.body.len() {
        _ if answer.status == 204 => Length::None,
        long if long > GO_BUFFER && !manner.head_only => Length::Unknown,
        bytes => Length::Bytes(bytes),
    };
    let chunked = matches!(length, Length::Unknown) && !manner.http10;
    push_head(out, manner, answer.status, answer.content_type, wall.http_date(now), length);
    match (manner.head_only, chunked) {
        (true, _) => {}
        (false, true) => {
            push_chunk(out, &answer.body);
            out.extend_from_slice(LAST_CHUNK);
        }
        (false, false) => out.extend_from_slice(&answer.body),
    }
}

/// One HTTP chunk.
pub fn push_chunk(out: &mut Vec<u8>, payload: &[u8]) {
    let _ = write!(out, "{:x}\r\n", payload.len());
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

/// What Go answers to bytes that are no request; always the end of the connection.
pub fn push_bad_request(out: &mut Vec<u8>, bad: BadRequest) {
    let (status, detail) = match bad {
        BadRequest::Malformed => (400, ""),
        BadRequest::NoHost => (400, ": missing required Host header"),
        BadRequest::HeadTooLarge => (431, ""),
        BadRequest::BodyTooLarge => (413, ": the simulator reads bodies up to 32 MiB"),
        BadRequest::UnknownEncoding => (501, ": unsupported transfer encoding"),
    };
    let reason = reason(status);
    let _ = write!(
        out,
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{status} {reason}{detail}"
    );
}
