//! hyper's I/O traits over any socket with the neutral `futures-io` traits (async-std, smol).

use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// hyper's own read buffer starts and ends with these sizes; this one follows it.
const FIRST_BUFFER_BYTES: usize = 8 * 1024;
const LARGEST_BUFFER_BYTES: usize = 408 * 1024;

/// Reads through an initialised buffer of its own, because `futures-io` cannot read into uninitialised memory
/// and clearing hyper's buffer on every read would charge these runtimes for it. A token's copy is 100 bytes.
pub struct FuturesSocket<S> {
    socket: S,
    buffer: Box<[u8]>,
}

impl<S> FuturesSocket<S> {
    /// Wraps a connected socket.
    pub fn new(socket: S) -> Self {
        FuturesSocket { socket, buffer: vec![0; FIRST_BUFFER_BYTES].into_boxed_slice() }
    }
}

impl<S: AsyncRead + Unpin> Read for FuturesSocket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let wanted = cursor.remaining().min(this.buffer.len());
        let read = ready!(Pin::new(&mut this.socket).poll_read(cx, &mut this.buffer[..wanted]))?;
        cursor.put_slice(&this.buffer[..read]);
        if read == this.buffer.len() && read < LARGEST_BUFFER_BYTES {
            this.buffer = vec![0; (2 * read).min(LARGEST_BUFFER_BYTES)].into_boxed_slice();
        }
        Poll::Ready(Ok(()))
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
