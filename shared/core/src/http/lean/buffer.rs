//! What has been received and not yet been handed out.

use bytes::{Buf, Bytes, BytesMut};
use hyper::rt::{Read, ReadBuf};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Room for reads at the start: forty tokens. Every stream has its own, so a larger one would be cold at hundreds.
const FIRST_ROOM_BYTES: usize = 4 * 1024;
/// Largest room, that of hyper's read buffer.
const LARGEST_ROOM_BYTES: usize = 408 * 1024;

/// Bytes of one connection. Pieces are handed out without a copy; once they are dropped, their memory is read into again.
pub(super) struct Buffer {
    /// Received bytes, then room that is initialised: to read into uninitialised memory would take `unsafe`. Clearing
    /// it again each time round costs one byte written for a byte received.
    bytes: BytesMut,
    received: usize,
    room: usize,
}

impl Buffer {
    pub fn new() -> Self {
        Buffer { bytes: BytesMut::new(), received: 0, room: FIRST_ROOM_BYTES }
    }

    pub fn received(&self) -> &[u8] {
        &self.bytes[..self.received]
    }

    pub fn skip(&mut self, length: usize) {
        self.bytes.advance(length);
        self.received -= length;
    }

    pub fn take(&mut self, length: usize) -> Bytes {
        self.received -= length;
        self.bytes.split_to(length).freeze()
    }

    /// Reads once. 0 is the end of the stream.
    pub fn poll_read<S: Read + Unpin>(
        &mut self,
        socket: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.bytes.len() - self.received < self.room / 4 {
            self.make_room();
        }
        let mut space = ReadBuf::new(&mut self.bytes[self.received..]);
        ready!(Pin::new(socket).poll_read(cx, space.unfilled()))?;
        let read = space.filled().len();
        self.received += read;
        if self.received == self.bytes.len() {
            self.room = (2 * self.room).min(LARGEST_ROOM_BYTES);
        }
        Poll::Ready(Ok(read))
    }

    /// Moves what is left to the front of the memory if nobody holds a piece of it any more, else takes new memory.
    fn make_room(&mut self) {
        self.bytes.truncate(self.received);
        self.bytes.reserve(self.room);
        self.bytes.resize(self.bytes.capacity(), 0);
    }
}
