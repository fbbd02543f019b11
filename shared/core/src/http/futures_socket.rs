//! hyper's I/O traits over any socket with the neutral `futures-io` traits (async-std, smol).

use super::read_buffer::ReadBuffer;
use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Reads through an initialised buffer of its own, because `futures-io` cannot read into uninitialised memory
/// and clearing hyper's buffer on every read would charge these runtimes for it. A token's copy is 100 bytes.
pub struct FuturesSocket<S> {
    socket: S,
    buffer: ReadBuffer,
}

impl<S> FuturesSocket<S> {
    /// Wraps a connected socket.
    pub fn new(socket: S) -> Self {
        FuturesSocket { socket, buffer: ReadBuffer::new() }
    }

    /// The socket.
    pub fn inner(&self) -> &S {
        &self.socket
    }

    /// The socket without its wrapper.
    pub fn into_inner(self) -> S {
        self.socket
    }
}

impl<S: AsyncRead + Unpin> Read for FuturesSocket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.buffer.read(cursor, |bytes| Pin::new(&mut this.socket).poll_read(cx, bytes))
    }
}

impl<S: AsyncWrite + Unpin> Write for FuturesSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx)
    }
}
