//! One HTTP/1 response as its bytes arrive.

use std::ops::ControlFlow;
use tandem_core::http::framing::{Head, Step};
use tandem_core::http::{Answer, Method, RequestError};

/// A response under way.
pub struct Response {
    method: Method,
    head: Option<Head>,
    /// Bytes of an unfinished head or of framing, which wait for the next ones.
    waiting: Vec<u8>,
}

/// How far a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More must be received.
    More,
    /// More has been received, and is left for the next turn.
    Unread,
    /// The reader of the body wants no more of it.
    Enough,
    /// The response is complete; whether bytes that nobody asked for stand behind it.
    End {
        /// There are some.
        leftover: bool,
    },
}

impl Response {
    /// The response to a request that is about to be sent.
    pub fn expected(method: Method) -> Self {
        Response { method, head: None, waiting: Vec::new() }
    }

    /// What its head says, once that has come.
    pub fn answer(&self) -> Option<&Answer> {
        self.head.as_ref().map(|head| &head.answer)
    }

    /// Whether the connection may carry another request afterwards.
    pub fn leaves_connection_open(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.keep_alive)
    }

    /// Whether a connection that the server closes now ends the body in good order.
    pub fn ends_by_close(&self) -> bool {
        let body = self.head.as_ref().and_then(|head| head.body.as_ref());
        body.is_some_and(|body| body.ends_with_connection())
    }

    /// Takes what has been received and hands the body on in pieces: at most one chunk, and at most what has come of it. Where `each` wants
    /// no more, the rest is kept.
    ///
    /// # Errors
    /// Bytes that are no HTTP/1 response, or the error of `each`.
    pub fn read(
        &mut self,
        received: &[u8],
        mut each: impl FnMut(&Answer, &[u8]) -> Result<ControlFlow<()>, RequestError>,
    ) -> Result<Progress, RequestError> {
        let joined;
        let mut bytes = received;
        if !self.waiting.is_empty() {
            self.waiting.extend_from_slice(received);
            joined = std::mem::take(&mut self.waiting);
            bytes = &joined;
        }
        loop {
            let Some(Head { answer, body, .. }) = &mut self.head else {
                let Some(head) = Head::read(bytes, self.method)? else {
                    self.waiting.extend_from_slice(bytes);
                    return Ok(Progress::More);
                };
                bytes = &bytes[head.length..];
                if !head.is_interim() {
                    self.head = Some(head);
                }
                continue;
            };
            let step = body.as_mut().map_or(Ok(Step::End { skip: 0 }), |body| body.step(bytes))?;
            match step {
                Step::Data { skip, length } => {
                    let (data, rest) = bytes[skip..].split_at(length);
                    bytes = rest;
                    if each(answer, data)?.is_break() {
                        self.waiting.extend_from_slice(bytes);
                        return Ok(Progress::Enough);
                    }
                }
                Step::More { skip } => {
                    self.waiting.extend_from_slice(&bytes[skip..]);
                    return Ok(Progress::More);
                }
                Step::End { skip } => return Ok(Progress::End { leftover: bytes.len() > skip }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_core::http::MAX_HEAD_BYTES;
    use tandem_records::Status;

    struct Read {
        status: u16,
        body: Vec<u8>,
        progress: Progress,
        reusable: bool,
    }

    fn read(text: &str, method: Method, step: usize) -> Result<Read, RequestError> {
        let mut response = Response::expected(method);
        let (mut body, mut progress) = (Vec::new(), Progress::More);
        for bytes in text.as_bytes().chunks(step) {
            progress = response.read(bytes, |_, data| {
                body.extend_from_slice(data);
                Ok(ControlFlow::Continue(()))
            })?;
        }
        let status = response.answer().map_or(0, |answer| answer.status);
        Ok(Read { status, body, progress, reusable: response.leaves_connection_open() })
    }

    #[test]
    fn every_framing_is_read_wherever_it_is_cut() {
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\"\r\nok\r\n0\r\nTrailer: 1\r\n\r\n";
        let announced = format!("HTTP/1.1 100 Continue\r\n\r\n{chunked}");
        let length = "HTTP/1.1 503 Busy\r\nconnection: Close\r\nContent-Length: 2\r\n\r\nok";
        let close = "HTTP/1.0 200 OK\r\n\r\nok";
        let end = Progress::End { leftover: false };
        for (text, status, progress, reusable) in [
            (chunked, 200, end, true),
            (&announced, 200, end, true),
            (length, 503, end, false),
            (close, 200, Progress::More, false),
        ] {
            for step in 1..=text.len() {
                let read = read(text, Method::Post, step).unwrap();
                assert_eq!((read.status, read.body.as_slice()), (status, &b"ok"[..]), "{text:?} by {step}");
                assert_eq!((read.progress, read.reusable), (progress, reusable), "{text:?} by {step}");
            }
        }
    }

    #[test]
    fn a_reader_that_has_enough_finds_the_rest_later() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for cut in 0..text.len() {
            let mut response = Response::expected(Method::Post);
            let enough = |_: &Answer, _: &[u8]| Ok(ControlFlow::Break(()));
            let first = response.read(&text.as_bytes()[..cut], enough).unwrap();
            let mut rest = Vec::new();
            let mut progress = response.read(b"", |_, data| {
                rest.extend_from_slice(data);
                Ok(ControlFlow::Continue(()))
            });
            if progress == Ok(Progress::More) {
                progress = response.read(&text.as_bytes()[cut..], |_, data| {
                    rest.extend_from_slice(data);
                    Ok(ControlFlow::Continue(()))
                });
            }
            assert_eq!(progress, Ok(Progress::End { leftover: false }), "{cut}");
            let whole = String::from_utf8(rest).unwrap();
            assert!(
                "abcde".ends_with(&whole) && (first == Progress::Enough) == (whole != "abcde"),
                "{cut} {whole}"
            );
        }
    }

    #[test]
    fn an_answer_to_head_ends_with_its_head() {
        let read = read("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", Method::Head, 7).unwrap();
        assert!(read.progress == Progress::End { leftover: false } && read.reusable && read.body.is_empty());
    }

    #[test]
    fn what_is_no_response_is_told_apart_from_what_is_too_much() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(MAX_HEAD_BYTES));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: 1\r\n".repeat(101));
        for (text, status) in [
            ("SSH-2.0-OpenSSH\r\n\r\n", Status::Malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n", Status::Malformed),
            (&long, Status::TooLarge),
            (&many, Status::TooLarge),
        ] {
            for step in [text.len(), 1000] {
                let found = read(text, Method::Post, step).err().map(|e| e.status);
                assert_eq!(found, Some(status), "{text:.40}");
            }
        }
    }
}
