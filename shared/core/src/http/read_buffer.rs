//! An initialised buffer between a socket and hyper's.

use hyper::rt::ReadBufCursor;
use std::io;
use std::task::{Poll, ready};

/// hyper's own read buffer starts and ends with these sizes; this one follows it.
const FIRST_BYTES: usize = 8 * 1024;
const LARGEST_BYTES: usize = 408 * 1024;

/// For reads that cannot go into uninitialised memory: clearing hyper's buffer on every read would cost more than copying
/// a token's 100 bytes.
pub(super) struct ReadBuffer(Box<[u8]>);

impl ReadBuffer {
    pub fn new() -> Self {
        ReadBuffer(vec![0; FIRST_BYTES].into_boxed_slice())
    }

    /// Reads once with `read`, at most as much as there is room for, and hands it on.
    pub fn read(
        &mut self,
        mut cursor: ReadBufCursor<'_>,
        read: impl FnOnce(&mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        let wanted = cursor.remaining().min(self.0.len());
        let bytes = ready!(read(&mut self.0[..wanted]))?;
        cursor.put_slice(&self.0[..bytes]);
        if bytes == self.0.len() && bytes < LARGEST_BYTES {
            self.0 = vec![0; (2 * bytes).min(LARGEST_BYTES)].into_boxed_slice();
        }
        Poll::Ready(Ok(()))
    }
}
