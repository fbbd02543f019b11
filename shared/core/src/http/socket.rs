//! A connection as clients read and write it: the runtime's own socket, or one whose receive stamps are kept.

use super::read_buffer::ReadBuffer;
use super::receive::{self, Receive};
use crate::Runtime;
use crate::clock::WallOffset;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

/// A connected socket of runtime `R`.
pub enum Socket<R: Runtime> {
    /// As the runtime reads it.
    Plain(R::Stream),
    /// Read through recvmsg.
    Stamped(StampedSocket<R>),
}

/// A socket that keeps the kernel's receive stamp of its latest read.
pub struct StampedSocket<R: Runtime> {
    socket: R::Watched,
    buffer: ReadBuffer,
    control: Vec<u8>,
    latest: LatestRead,
}

/// The receive stamp of a connection's latest read. The connection belongs to whatever drives it; this stays with the client.
#[derive(Debug, Clone)]
pub struct LatestRead {
    /// CLOCK_REALTIME; 0 is none. Reader and writer are polled by the same task: nothing is ordered by it.
    real_ns: Arc<AtomicU64>,
    offset: WallOffset,
}

impl LatestRead {
    /// CLOCK_MONOTONIC when the kernel received the last byte; `None` where it gave no stamp.
    pub fn received_ns(&self) -> Option<u64> {
        self.offset.monotonic_ns(self.real_ns.load(Relaxed))
    }
}

impl<R: Runtime> Socket<R> {
    /// Takes a connection that has received nothing yet. Receive stamps are kept where the offset that turns them into
    /// CLOCK_MONOTONIC is given.
    ///
    /// # Errors
    /// The runtime cannot watch the socket.
    pub fn new(stream: R::Stream, stamps: Option<WallOffset>) -> io::Result<Self> {
        let Some(offset) = stamps else { return Ok(Socket::Plain(stream)) };
        let socket = R::watch(stream)?;
        Ok(Socket::Stamped(StampedSocket {
            socket,
            buffer: ReadBuffer::new(),
            control: receive::control_buffer(),
            latest: LatestRead { real_ns: Arc::default(), offset },
        }))
    }

    /// Where to find the latest read's stamp; `None` where none are kept.
    pub fn latest_read(&self) -> Option<LatestRead> {
        match self {
            Socket::Plain(_) => None,
            Socket::Stamped(stamped) => Some(stamped.latest.clone()),
        }
    }
}

impl<R: Runtime> Read for StampedSocket<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let StampedSocket { socket, buffer, control, latest } = self.get_mut();
        buffer.read(cursor, |bytes| {
            let mut receive = Receive { bytes, control, stamp_ns: None };
            let read = R::poll_receive(socket, cx, &mut receive);
            if let Poll::Ready(Ok(1..)) = read {
                latest.real_ns.store(receive.stamp_ns.unwrap_or(0), Relaxed);
            }
            read
        })
    }
}

impl<R: Runtime> Read for Socket<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_read(cx, cursor),
            Socket::Stamped(stamped) => Pin::new(stamped).poll_read(cx, cursor),
        }
    }
}

impl<R: Runtime> Write for Socket<R> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Socket::Stamped(stamped) => Pin::new(&mut stamped.socket).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Socket::Stamped(stamped) => Pin::new(&mut stamped.socket).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Stamped(stamped) => Pin::new(&mut stamped.socket).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Socket::Plain(stream) => stream.is_write_vectored(),
            Socket::Stamped(stamped) => stamped.socket.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Socket::Stamped(stamped) => Pin::new(&mut stamped.socket).poll_write_vectored(cx, slices),
        }
    }
}

#[cfg(test)]
mod tests;
