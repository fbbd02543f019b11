//! A socket and what its next read waits for.

use hyper::rt::Write;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A socket with the future that its next read waits for, where waiting is not the socket's own affair.
pub struct Waiting<S, W> {
    /// The socket.
    pub socket: S,
    /// Resolves when it is readable; `None` until a read had to wait.
    pub wait: Option<W>,
}

impl<S: Write + Unpin, W: Unpin> Write for Waiting<S, W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
