//! The head of a response: status, framing of the body, fate of the connection.

use super::body::Body;
use crate::http::{Answer, MAX_HEAD_BYTES, Method, RequestError};
use httparse::Header;
use tandem_records::Status;

/// Most header fields accepted; hyper's limit.
const MAX_HEADERS: usize = 100;

/// One response head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the head with its empty line.
    pub length: usize,
    /// What it says; its status is at least 100.
    pub answer: Answer,
    /// `None` where there can be none.
    pub body: Option<Body>,
    /// Whether the connection may be used again after the body.
    pub keep_alive: bool,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` while it is not complete.
    pub fn read(bytes: &[u8], method: Method) -> Result<Option<Self>, RequestError> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut fields);
        // No more than the limit is looked at, so that it does not matter how much has arrived.
        let bytes = &bytes[..bytes.len().min(MAX_HEAD_BYTES)];
        let length = match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Ok(None),
            Ok(httparse::Status::Partial) => return Err(too_large("64 KiB")),
            Err(httparse::Error::TooManyHeaders) => return Err(too_large("100 fields")),
            Err(error) => return Err(malformed(&error.to_string())),
        };
        let status = response.code.filter(|code| *code >= 100).ok_or_else(|| malformed("no status code"))?;
        let fields = &*response.headers;
        let http_1_1 = response.version == Some(1);
        let keep_alive = if http_1_1 { !lists(fields, "connection", "close") } else { keeps_alive(fields) };
        let bodiless = method == Method::Head || matches!(status, 100..200 | 204 | 304);
        let body = if bodiless { None } else { Some(framing(fields, http_1_1)?) };
        let keep_alive = keep_alive && !body.is_some_and(|body| body.ends_with_connection());
        let location = fields.iter().find(|field| field.name.eq_ignore_ascii_case("location"));
        let answer = Answer::new(status, location.map(|field| field.value));
        Ok(Some(Head { length, answer, body, keep_alive }))
    }

    /// Whether another head follows: this one only says that the server is at work.
    pub fn is_interim(&self) -> bool {
        matches!(self.answer.status, 100..200) && self.answer.status != 101
    }
}

fn keeps_alive(fields: &[Header<'_>]) -> bool {
    lists(fields, "connection", "keep-alive") && !lists(fields, "connection", "close")
}

/// RFC 9112, section 6.3, for a response that may have a body.
fn framing(fields: &[Header<'_>], http_1_1: bool) -> Result<Body, RequestError> {
    match values(fields, "transfer-encoding").last() {
        Some(_) if !http_1_1 => Err(malformed("transfer-encoding in HTTP/1.0")),
        Some(last) if last.eq_ignore_ascii_case(b"chunked") => Ok(Body::chunked()),
        Some(_) => Ok(Body::until_close()),
        None => match content_length(fields)? {
            Some(bytes) => Ok(Body::of_length(bytes)),
            None => Ok(Body::until_close()),
        },
    }
}

/// The length that all fields of the name agree on.
fn content_length(fields: &[Header<'_>]) -> Result<Option<u64>, RequestError> {
    let number = |value: &[u8]| -> Option<u64> {
        // Rust would read a sign, too.
        let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok())
    };
    let mut length = None;
    for value in values(fields, "content-length") {
        let bytes = number(value).filter(|bytes| length.is_none_or(|length| length == *bytes));
        length = Some(bytes.ok_or_else(|| malformed("invalid content-length"))?);
    }
    Ok(length)
}

fn lists(fields: &[Header<'_>], name: &str, word: &str) -> bool {
    values(fields, name).any(|value| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// The comma-separated values of all fields of this name.
fn values<'a>(fields: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let named = fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    named.flat_map(|field| field.value.split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
}

fn too_large(limit: &str) -> RequestError {
    RequestError::new(Status::TooLarge, format!("a response head of over {limit}"))
}

fn malformed(what: &str) -> RequestError {
    RequestError::new(Status::Malformed, format!("response head: {what}"))
}
