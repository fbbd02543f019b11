//! The like-for-like client: hyper's HTTP/1 over the runtime's own socket, polled in the agent's task.

use super::{
    Answer, Client, LatestRead, MAX_HEAD_BYTES, Method, ReadCap, Reading, RequestError, Socket, Target,
};
use crate::{Runtime, now_ns};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, header};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use tandem_records::Status;

type Connection<R> = http1::Connection<ReadCap<Socket<R>>, Full<Bytes>>;

/// hyper without a pool, a connector or a background task.
pub struct Hyper<R: Runtime> {
    target: Target,
    reading: Reading,
    open: Option<Open<R>>,
    body: Option<Incoming>,
}

struct Open<R: Runtime> {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Drives the socket. `None` when it has ended: it must not be polled again.
    connection: Option<Connection<R>>,
    /// Receive stamp of the connection's latest read, where stamps are kept.
    latest_read: Option<LatestRead>,
}

impl<R: Runtime> Open<R> {
    /// Runs the connection inside the calling task until it has nothing to do, and forgets it when it ends.
    /// What ended it reaches the caller through the response or the body.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            self.connection = None;
        }
    }
}

impl<R: Runtime> Client<R> for Hyper<R> {
    const KIND: tandem_records::Client = tandem_records::Client::Hyper;
    const PACKAGES: &'static [&'static str] = &["hyper"];

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        Ok(Hyper { target: target.clone(), reading, open: None, body: None })
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        // One poll tells whether the server has closed an idle connection in the meantime.
        if let Some(open) = &mut self.open {
            poll_fn(|cx| {
                open.drive(cx);
                Poll::Ready(())
            })
            .await;
            if open.connection.is_some() && open.sender.is_ready() && self.body.is_none() {
                return Ok(None);
            }
        }
        self.body = None;
        let before_ns = now_ns();
        let stream = self.target.connect::<R>().await?;
        let took_ns = now_ns() - before_ns;
        let socket = Socket::new(stream, self.reading.stamps).map_err(|e| self.target.unreachable(&e))?;
        let latest_read = socket.latest_read();
        let (sender, connection) = http1::Builder::new()
            .max_header_size(MAX_HEAD_BYTES)
            .handshake(ReadCap::new(socket, self.reading.cap_bytes))
            .await
            .map_err(|e| RequestError::from(&e))?;
        self.open = Some(Open { sender, connection: Some(connection), latest_read });
        Ok(Some(took_ns))
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        let open =
            self.open.as_mut().ok_or_else(|| RequestError::new(Status::Reset, "hyper: no connection"))?;
        let request = match method {
            Method::Head => Request::head(path),
            Method::Post => Request::post(path).header(header::CONTENT_TYPE, "application/json"),
        };
        let request = request.header(header::HOST, &self.target.host);
        let request = match &self.target.key {
            Some(key) => request.header(header::AUTHORIZATION, key.authorization()),
            None => request,
        };
        let request = request
            .body(Full::new(body))
            .map_err(|e| RequestError::new(Status::Malformed, format!("request: {e}")))?;
        let mut response = pin!(open.sender.send_request(request));
        // Split borrow: the sender is lent to the pending response, the connection is driven beside it.
        let connection = &mut open.connection;
        let response = poll_fn(|cx| {
            if let Poll::Ready(done) = response.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            if let Some(running) = connection.as_mut()
                && Pin::new(running).poll(cx).is_ready()
            {
                *connection = None;
            }
            response.as_mut().poll(cx)
        })
        .await
        .map_err(|e| RequestError::from(&e))?;
        let location = response.headers().get(header::LOCATION).map(header::HeaderValue::as_bytes);
        let answer = Answer::new(response.status().as_u16(), location);
        // A HEAD response has no body; keeping it would make the connection look busy.
        self.body = (method == Method::Post).then(|| response.into_body());
        Ok(answer)
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let (Some(open), Some(body)) = (self.open.as_mut(), self.body.as_mut()) else { return Ok(None) };
        // Inside hyper, the connection wakes the body when it hands a chunk over. That is this task, which is awake: it would
        // only be polled once more for nothing. So the body wakes nobody. The connection has to keep the task's own waker: a
        // reactor that is given another one wakes the task at once (async-io), and it would never sleep again.
        let frame = poll_fn(|cx| {
            let mut quiet = Context::from_waker(Waker::noop());
            // The body first: it asks the connection for more; then the connection reads; then the body has it.
            if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(&mut quiet) {
                return Poll::Ready(frame);
            }
            open.drive(cx);
            Pin::new(&mut *body).poll_frame(&mut quiet)
        })
        .await;
        match frame {
            Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_else(|_trailers| Bytes::new()))),
            Some(Err(error)) => {
                self.body = None;
                Err(RequestError::from(&error))
            }
            None => {
                self.body = None;
                Ok(None)
            }
        }
    }

    /// The latest read is the one that brought the chunk handed out last, or its end: hyper's body channel has one slot
    /// (hyper 1.12, body/chan.rs: `poll_ready` wants the slot empty and the reader waiting), the connection reads for a body only when that
    /// slot is free (proto/h1/dispatch.rs, `poll_read`), and `chunk` takes a waiting frame before it drives the connection. Of
    /// several chunks that came in one read, all have the stamp of its last byte.
    fn received_ns(&self) -> Option<u64> {
        self.open.as_ref()?.latest_read.as_ref()?.received_ns()
    }
}
