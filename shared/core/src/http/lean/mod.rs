//! The lean client: httparse for the head and a decoder of Tandem's own for the body, over the runtime's own socket,
//! polled in the agent's task.
//!
//! ```text
//! client (this file) -> connection -> buffer      bytes received
//!                                  -> framing     which of them are the head and the body
//! ```

mod buffer;
mod connection;

use super::{Answer, Client, LatestRead, Method, ReadCap, Reading, RequestError, Socket, Target};
use crate::{Runtime, now_ns};
use bytes::Bytes;
use connection::Connection;
use std::future::poll_fn;
use std::task::Poll;
use tandem_records::Status;

/// HTTP/1 without a library around the socket. It hands out one HTTP chunk at a time or the part of it that has
/// arrived, as hyper does; a body that is not chunked comes in the pieces of its reads.
pub struct Lean<R: Runtime> {
    target: Target,
    reading: Reading,
    open: Option<Connection<ReadCap<Socket<R>>>>,
    /// Receive stamp of the connection's latest read, where stamps are kept.
    latest_read: Option<LatestRead>,
}

impl<R: Runtime> Client<R> for Lean<R> {
    const KIND: tandem_records::Client = tandem_records::Client::Lean;
    const PACKAGES: &'static [&'static str] = &["httparse"];

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        Ok(Lean { target: target.clone(), reading, open: None, latest_read: None })
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        // One poll tells whether the server has closed an idle connection in the meantime.
        if let Some(open) = &mut self.open
            && poll_fn(|cx| Poll::Ready(open.is_usable(cx))).await
        {
            return Ok(None);
        }
        self.open = None;
        let before_ns = now_ns();
        let stream = self.target.connect::<R>().await?;
        let took_ns = now_ns() - before_ns;
        let socket = Socket::new(stream, self.reading.stamps).map_err(|e| self.target.unreachable(&e))?;
        self.latest_read = socket.latest_read();
        self.open = Some(Connection::new(ReadCap::new(socket, self.reading.cap_bytes)));
        Ok(Some(took_ns))
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        let open =
            self.open.as_mut().ok_or_else(|| RequestError::new(Status::Reset, "lean: no connection"))?;
        open.ask(method, path, &self.target.header_lines(), &body);
        let answer = poll_fn(|cx| open.poll_answer(cx)).await;
        self.forget_unless(answer.is_ok());
        answer
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let chunk = poll_fn(|cx| open.poll_chunk(cx)).await;
        if !matches!(chunk, Ok(Some(_))) {
            let usable = chunk.is_ok() && open.is_idle();
            self.forget_unless(usable);
        }
        chunk
    }

    /// The latest read is the one that brought the chunk handed out last, or its end: the socket is read only when nothing of
    /// the body is left to hand out.
    fn received_ns(&self) -> Option<u64> {
        self.latest_read.as_ref()?.received_ns()
    }
}

impl<R: Runtime> Lean<R> {
    /// Closes a connection that is of no further use.
    fn forget_unless(&mut self, usable: bool) {
        if !usable {
            self.open = None;
        }
    }
}

#[cfg(test)]
mod tests;
