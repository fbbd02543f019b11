//! One connection: a request out, a response in, and then perhaps the next.

use super::buffer::Buffer;
use crate::http::framing::{Body, Head, Step};
use crate::http::{Answer, MAX_HEAD_BYTES, Method, RequestError};
use bytes::Bytes;
use hyper::rt::{Read, Write};
use memchr::memchr;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tandem_records::Status;

pub(super) struct Connection<S> {
    socket: S,
    received: Buffer,
    /// How many received bytes of an unfinished head have been looked at.
    looked_at: usize,
    request: Vec<u8>,
    /// How much of the request has been written.
    written: usize,
    method: Method,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between a response and the next request.
    Idle,
    /// From request to head.
    Asked,
    /// From head to the end of the body; then idle if the connection is kept alive.
    Body(Body, bool),
    /// Nothing more can come.
    Over,
}

impl<S: Read + Write + Unpin> Connection<S> {
    pub fn new(socket: S) -> Self {
        Connection {
            socket,
            received: Buffer::new(),
            looked_at: 0,
            request: Vec::new(),
            written: 0,
            method: Method::Head,
            state: State::Idle,
        }
    }

    /// Whether the last response is complete and another request may follow.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// Whether it is idle and silent: a close, an error or a byte that nobody asked for make it useless.
    pub fn is_usable(&mut self, cx: &mut Context<'_>) -> bool {
        self.is_idle()
            && self.received.received().is_empty()
            && self.received.poll_read(&mut self.socket, cx).is_pending()
    }

    /// Lays a request out, with these header lines of its server; [`Connection::poll_answer`] sends it.
    pub fn ask(&mut self, method: Method, path: &str, of_server: &str, body: &[u8]) {
        let (name, of_body) = match method {
            Method::Head => ("HEAD", String::new()),
            Method::Post => {
                ("POST", format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()))
            }
        };
        self.request.clear();
        self.request
            .extend_from_slice(format!("{name} {path} HTTP/1.1\r\n{of_server}{of_body}\r\n").as_bytes());
        self.request.extend_from_slice(body);
        (self.written, self.looked_at) = (0, 0);
        (self.method, self.state) = (method, State::Asked);
    }

    /// Sends what is left of the request and waits for the head of its response. Returns what it says.
    pub fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, RequestError>> {
        let sent = self.poll_send(cx);
        // A server may answer before it has read everything, and close: what it says counts for more than a failed write.
        match (self.poll_head(cx), sent) {
            (Poll::Ready(Err(_)), Poll::Ready(Err(error))) | (Poll::Pending, Poll::Ready(Err(error))) => {
                Poll::Ready(Err(RequestError::from_io("lean: send", &error)))
            }
            (answer, sent) => answer.map_ok(|head| {
                let keep_alive = head.keep_alive && matches!(sent, Poll::Ready(Ok(())));
                self.state = match head.body {
                    Some(body) => State::Body(body, keep_alive),
                    None => after(keep_alive),
                };
                head.answer
            }),
        }
    }

    /// The next piece of the body, `None` at its end. Nothing is lost if it is not polled to the end.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, RequestError>> {
        let State::Body(body, keep_alive) = &mut self.state else { return Poll::Ready(Ok(None)) };
        loop {
            match body.step(self.received.received())? {
                Step::Data { skip, length } => {
                    self.received.skip(skip);
                    return Poll::Ready(Ok(Some(self.received.take(length))));
                }
                Step::End { skip } => {
                    self.received.skip(skip);
                    self.state = after(*keep_alive);
                    return Poll::Ready(Ok(None));
                }
                Step::More { skip } => self.received.skip(skip),
            }
            if ready!(self.received.poll_read(&mut self.socket, cx)).map_err(receiving)? == 0 {
                if !body.ends_with_connection() {
                    return Poll::Ready(Err(closed("body")));
                }
                self.state = State::Over;
                return Poll::Ready(Ok(None));
            }
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.request.len() {
            match ready!(Pin::new(&mut self.socket).poll_write(cx, &self.request[self.written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => self.written += bytes,
            }
        }
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, RequestError>> {
        loop {
            let received = self.received.received();
            // Heads are complete at a line end only. The first look is for bytes that are no HTTP and never have one.
            let looked_at = std::mem::replace(&mut self.looked_at, received.len());
            let worth_a_look = looked_at == 0 && !received.is_empty()
                || memchr(b'\n', &received[looked_at..]).is_some()
                || received.len() >= MAX_HEAD_BYTES;
            if worth_a_look && let Some(head) = Head::read(received, self.method)? {
                self.received.skip(head.length);
                self.looked_at = 0;
                if head.is_interim() {
                    continue;
                }
                return Poll::Ready(Ok(head));
            }
            if ready!(self.received.poll_read(&mut self.socket, cx)).map_err(receiving)? == 0 {
                let bad = Head::read(self.received.received(), self.method).err();
                return Poll::Ready(Err(bad.unwrap_or_else(|| closed("head"))));
            }
        }
    }
}

fn after(keep_alive: bool) -> State {
    if keep_alive { State::Idle } else { State::Over }
}

fn receiving(error: io::Error) -> RequestError {
    RequestError::from_io("lean: receive", &error)
}

fn closed(part: &str) -> RequestError {
    RequestError::new(
        Status::Reset,
        format!("lean: the connection was closed before the response's {part} was complete"),
    )
}
