//! A socket whose every read returns at most so many bytes, and whose reads end their task's turn in time.

use super::Turn;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Caps the size of each read. Capping hyper's own buffer instead would make a response head over the cap fail. And it ends the task's
/// [`Turn`] where reads are always ready: here, because loops inside an HTTP library may hand nothing out for as long as they read.
pub struct ReadCap<S> {
    socket: S,
    turn: Turn,
    /// Empty when uncapped: reads then go straight to hyper's buffer.
    buffer: Box<[u8]>,
}

impl<S> ReadCap<S> {
    /// Caps reads of `socket` at `bytes`; 0 leaves them as they are.
    pub fn new(socket: S, bytes: u32) -> Self {
        ReadCap { socket, turn: Turn::default(), buffer: vec![0; bytes as usize].into_boxed_slice() }
    }
}

impl<S: Read + Unpin> ReadCap<S> {
    fn poll_capped(&mut self, cx: &mut Context<'_>, mut cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() {
            return Pin::new(&mut self.socket).poll_read(cx, cursor);
        }
        let wanted = cursor.remaining().min(self.buffer.len());
        let mut capped = ReadBuf::new(&mut self.buffer[..wanted]);
        ready!(Pin::new(&mut self.socket).poll_read(cx, capped.unfilled()))?;
        cursor.put_slice(capped.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: Read + Unpin> Read for ReadCap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let most = if this.buffer.is_empty() { usize::MAX } else { this.buffer.len() };
        ready!(this.turn.poll_take(cx, cursor.remaining().min(most)));
        let read = this.poll_capped(cx, cursor);
        if read.is_pending() {
            this.turn.end();
        }
        read
    }
}

impl<S: Write + Unpin> Write for ReadCap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, slices)
    }
}
