//! Reading HTTP/1 requests from a growing buffer.

use httparse::Status;

/// Largest head, as in Go's server with some room.
const MAX_HEAD: usize = 64 * 1024;
/// Largest body: a prompt of many books.
const MAX_BODY: usize = 32 * 1024 * 1024;
const MAX_HEADERS: usize = 100;
/// Longest request id that is kept; a UUID has 36 characters.
const MAX_ID: usize = 64;

/// A whole request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// Method as sent.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Text after the question mark, empty without one.
    pub query: String,
    /// Host header; `None` only with HTTP/1.0.
    pub host: Option<String>,
    /// HTTP/1.0: the answer is not chunked and ends with the connection.
    pub http10: bool,
    /// The client wants the connection closed after the answer.
    pub close: bool,
    /// The client's own name of the request, from the header X-Request-ID; `None` without a plain one.
    pub id: Option<String>,
    /// Body, decoded when it came in chunks.
    pub body: Vec<u8>,
}

/// Bytes that are no acceptable request; the connection ends after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRequest {
    /// Not HTTP/1.
    Malformed,
    /// HTTP/1.1 without a Host header.
    NoHost,
    /// Head over 64 KiB or more than 100 headers.
    HeadTooLarge,
    /// Body over 32 MiB.
    BodyTooLarge,
    /// A transfer encoding other than chunked.
    UnknownEncoding,
}

/// What the buffer holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not a whole request yet.
    Partial,
    /// The client waits for `100 Continue` before it sends the body; said once per request.
    WantsContinue,
    /// A request; its bytes are gone from the buffer.
    Complete(Request),
}

#[derive(Debug)]
enum Body {
    Length(usize),
    ChunkSize,
    Chunk(usize),
    Trailers,
}

/// Reads one request after the other; keeps what it has understood so far.
#[derive(Debug, Default)]
pub struct RequestReader {
    head: Option<(Request, Body)>,
    wants_continue: bool,
}

impl RequestReader {
    /// Bytes of a body that has not come to its end.
    pub fn held(&self) -> usize {
        self.head.as_ref().map_or(0, |(request, _)| request.body.len())
    }

    /// Consumes bytes from the front of `input`.
    ///
    /// # Errors
    /// When the bytes are no acceptable request.
    pub fn read(&mut self, input: &mut Vec<u8>) -> Result<Progress, BadRequest> {
        if self.head.is_none() {
            match read_head(input)? {
                Some((head, body, wants_continue)) => {
                    self.head = Some((head, body));
                    self.wants_continue = wants_continue;
                }
                None => return Ok(Progress::Partial),
            }
        }
        if std::mem::take(&mut self.wants_continue) {
            return Ok(Progress::WantsContinue);
        }
        let Some((request, body)) = &mut self.head else { return Ok(Progress::Partial) };
        if !read_body(input, body, &mut request.body)? {
            return Ok(Progress::Partial);
        }
        Ok(self.head.take().map_or(Progress::Partial, |(request, _)| Progress::Complete(request)))
    }
}

type Head = (Request, Body, bool);

fn read_head(input: &mut Vec<u8>) -> Result<Option<Head>, BadRequest> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(input) {
        Ok(Status::Complete(length)) if length <= MAX_HEAD => length,
        Ok(Status::Partial) if input.len() <= MAX_HEAD => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(BadRequest::HeadTooLarge),
        Err(_) => return Err(BadRequest::Malformed),
    };
    let head = understand(&parsed)?;
    input.drain(..length);
    Ok(Some(head))
}

fn understand(parsed: &httparse::Request<'_, '_>) -> Result<Head, BadRequest> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let http10 = parsed.version == Some(0);
    let target = parsed.path.unwrap_or_default();
    // A proxy's absolute form names the host as well.
    let target = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        host: None,
        http10,
        close: http10,
        id: None,
        body: Vec::new(),
    };
    let (mut length, mut chunked, mut wants_continue) = (None, false, false);
    for header in parsed.headers.iter() {
        let value = text(header.value);
        match header.name.to_ascii_lowercase().as_str() {
            "host" => request.host = Some(value),
            "connection" => {
                request.close |= value.split(',').any(|token| token.trim().eq_ignore_ascii_case("close"));
            }
            "content-length" => {
                // Digits only: parse alone would take a plus sign.
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                let value: usize = value.parse().map_err(|_| BadRequest::Malformed)?;
                if !digits || length.is_some_and(|other| other != value) {
                    return Err(BadRequest::Malformed);
                }
                length = Some(value);
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => chunked = true,
            "transfer-encoding" => return Err(BadRequest::UnknownEncoding),
            "x-request-id" => request.id = Some(value).filter(|id| is_plain(id)),
            "expect" => wants_continue = value.eq_ignore_ascii_case("100-continue") && !http10,
            _ => {}
        }
    }
    if request.host.is_none() && !http10 {
        return Err(BadRequest::NoHost);
    }
    if length.is_some_and(|length| length > MAX_BODY) {
        return Err(BadRequest::BodyTooLarge);
    }
    let body = if chunked { Body::ChunkSize } else { Body::Length(length.unwrap_or(0)) };
    let has_body = !matches!(body, Body::Length(0));
    Ok((request, body, wants_continue && has_body))
}

/// Whether an id can stand in a CSV cell as it is: it comes from outside.
fn is_plain(id: &str) -> bool {
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Moves body bytes from `input` to `out`; true when the body is complete.
fn read_body(input: &mut Vec<u8>, body: &mut Body, out: &mut Vec<u8>) -> Result<bool, BadRequest> {
    loop {
        match body {
            Body::Length(left) => {
                let take = (*left).min(input.len());
                out.extend(input.drain(..take));
                *left -= take;
                return Ok(*left == 0);
            }
            Body::ChunkSize => match httparse::parse_chunk_size(input) {
                Ok(Status::Complete((line, size))) => {
                    input.drain(..line);
                    let size = usize::try_from(size).unwrap_or(usize::MAX);
                    if size > MAX_BODY - out.len() {
                        return Err(BadRequest::BodyTooLarge);
                    }
                    *body = if size == 0 { Body::Trailers } else { Body::Chunk(size) };
                }
                Ok(Status::Partial) if input.len() <= 1024 => return Ok(false),
                _ => return Err(BadRequest::Malformed),
            },
            Body::Chunk(left) => {
                let take = (*left).min(input.len());
                out.extend(input.drain(..take));
                *left -= take;
                if *left > 0 || input.len() < 2 {
                    return Ok(false);
                }
                if !input.starts_with(b"\r\n") {
                    return Err(BadRequest::Malformed);
                }
                input.drain(..2);
                *body = Body::ChunkSize;
            }
            Body::Trailers => match input.windows(2).position(|pair| pair == b"\r\n") {
                Some(end) => {
                    input.drain(..end + 2);
                    if end == 0 {
                        return Ok(true);
                    }
                }
                None if input.len() <= MAX_HEAD => return Ok(false),
                None => return Err(BadRequest::HeadTooLarge),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(mut input: Vec<u8>) -> Result<Vec<Progress>, BadRequest> {
        let mut reader = RequestReader::default();
        let mut seen = Vec::new();
        loop {
            match reader.read(&mut input)? {
                Progress::Partial => return Ok(seen),
                progress => seen.push(progress),
            }
        }
    }

    fn post(extra: &str, body: &str) -> String {
        format!("POST /api/chat?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n{extra}\r\n{body}")
    }

    #[test]
    fn pipelined_requests_come_one_by_one() {
        let twice = post("Content-Length: 2\r\n", "{}").repeat(2);
        let seen = read_all(twice.into_bytes()).unwrap();
        assert_eq!(seen.len(), 2);
        let Progress::Complete(request) = &seen[1] else { panic!("{seen:?}") };
        assert_eq!(
            (request.path.as_str(), request.query.as_str(), request.body.as_slice()),
            ("/api/chat", "x=1", &b"{}"[..])
        );
    }

    #[test]
    fn an_expecting_client_is_told_to_continue_once() {
        let seen =
            read_all(post("Content-Length: 2\r\nExpect: 100-continue\r\n", "{}").into_bytes()).unwrap();
        assert!(matches!(seen[..], [Progress::WantsContinue, Progress::Complete(_)]), "{seen:?}");
    }

    #[test]
    fn bad_requests_are_told_apart() {
        for (bytes, error) in [
            ("\x00\x01 nonsense\r\n\r\n".to_owned(), BadRequest::Malformed),
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), BadRequest::NoHost),
            (format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000)), BadRequest::HeadTooLarge),
            (format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(70_000)), BadRequest::HeadTooLarge),
            (post("Content-Length: 99999999999\r\n", ""), BadRequest::BodyTooLarge),
            (post("Content-Length: +2\r\n", "{}"), BadRequest::Malformed),
            (post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), BadRequest::Malformed),
            (post("Transfer-Encoding: gzip\r\n", ""), BadRequest::UnknownEncoding),
            (post("Transfer-Encoding: chunked\r\n", "zz\r\n"), BadRequest::Malformed),
            (post("Transfer-Encoding: chunked\r\n", "2\r\n{}xx"), BadRequest::Malformed),
        ] {
            assert_eq!(read_all(bytes.clone().into_bytes()), Err(error), "{bytes:.60}");
        }
    }

    #[test]
    fn http10_closes() {
        let seen = read_all(b"GET / HTTP/1.0\r\n\r\n".to_vec()).unwrap();
        assert!(
            matches!(&seen[..], [Progress::Complete(Request { http10: true, close: true, .. })]),
            "{seen:?}"
        );
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_does_not_matter(body in "[a-z{}\"]{1,200}", cuts in prop::collection::vec(1usize..60, 0..40), chunked: bool) {
            let bytes = if chunked {
                let (a, b) = body.split_at(body.len() / 2);
                let chunk = |s: &str| if s.is_empty() { String::new() } else { format!("{:x};ext=1\r\n{s}\r\n", s.len()) };
                post("Transfer-Encoding: chunked\r\n", &format!("{}{}0\r\nTrailer: x\r\n\r\n", chunk(a), chunk(b)))
            } else {
                post(&format!("Content-Length: {}\r\n", body.len()), &body)
            };
            let mut reader = RequestReader::default();
            let (mut input, mut rest) = (Vec::new(), bytes.as_bytes());
            let mut cuts = cuts.into_iter();
            let request = loop {
                let take = cuts.next().unwrap_or(rest.len()).min(rest.len());
                input.extend_from_slice(&rest[..take]);
                rest = &rest[take..];
                match reader.read(&mut input).unwrap() {
                    Progress::Complete(request) => break request,
                    _ => prop_assert!(!rest.is_empty(), "all bytes given, no request"),
                }
            };
            prop_assert!(rest.is_empty());
            prop_assert_eq!(request.body, body.into_bytes());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read_all(bytes);
        }
    }
}
