//! A runtime without a reactor whose sockets play a script, for tests of everything above the socket.

use crate::Runtime;
use crate::http::Receive;
use futures_lite::future;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;
use std::{io, thread};

thread_local! {
    /// What each connection to come will receive, one element a read.
    static CONNECTIONS: RefCell<VecDeque<VecDeque<Vec<u8>>>> = const { RefCell::new(VecDeque::new()) };
    /// What the connections of this thread were sent.
    static SENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Sets what this thread's next connections receive, one element each; a further one is closed at once. After
/// its last piece a connection is closed.
pub(crate) fn play(connections: impl IntoIterator<Item = Vec<Vec<u8>>>) {
    CONNECTIONS.set(connections.into_iter().map(VecDeque::from).collect());
    SENT.take();
}

/// What has been sent since [`play`].
pub(crate) fn sent() -> String {
    String::from_utf8(SENT.take()).expect("requests are text")
}

/// A piece that stands for silence until the next request.
pub(crate) const SILENCE: &[u8] = b"(silence)";

/// A piece that stands for a moment in which nothing has arrived.
pub(crate) const PAUSE: &[u8] = b"(pause)";

pub(crate) struct Scripted;

pub(crate) struct ScriptedSocket {
    script: VecDeque<Vec<u8>>,
    /// A server answers a request, not a connection.
    asked: bool,
    reader: Option<std::task::Waker>,
}

impl Runtime for Scripted {
    const NAME: &'static str = "scripted";
    const PACKAGES: &'static [&'static str] = &[];
    type Stream = ScriptedSocket;
    type Watched = ScriptedSocket;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(future::block_on(future))
    }
    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        let thread = thread::spawn(|| future::block_on(future));
        async { thread.join().expect("the core catches panics") }
    }
    async fn sleep_until(_deadline: Instant) {
        std::future::pending().await
    }
    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        work()
    }
    async fn connect(_address: SocketAddr) -> io::Result<ScriptedSocket> {
        let script = CONNECTIONS.with_borrow_mut(VecDeque::pop_front).unwrap_or_default();
        Ok(ScriptedSocket { script, asked: false, reader: None })
    }
    fn watch(_stream: ScriptedSocket) -> io::Result<ScriptedSocket> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a script has no packets"))
    }
    fn poll_receive(
        _socket: &mut ScriptedSocket,
        _cx: &mut Context<'_>,
        _receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        unreachable!("no scripted socket is watched")
    }
}

impl Read for ScriptedSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.asked {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if self.script.front().is_some_and(|piece| piece == SILENCE) {
            self.script.pop_front();
            self.asked = false;
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if self.script.front().is_some_and(|piece| piece == PAUSE) {
            self.script.pop_front();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(mut piece) = self.script.pop_front() {
            let taken = piece.len().min(buf.remaining());
            buf.put_slice(&piece[..taken]);
            if taken < piece.len() {
                self.script.push_front(piece.split_off(taken));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for ScriptedSocket {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.asked = true;
        SENT.with_borrow_mut(|sent| sent.extend_from_slice(bytes));
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
