//! What clients have sent of requests that are not complete: together no more than a machine has to spare.

use crate::connection::Connection;

/// Most bytes of all connections together: two of the largest bodies.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What one may hold in any case: an ordinary prompt is no reason to refuse a client.
const ORDINARY_BYTES: usize = 64 * 1024;

/// Bytes of incomplete requests, over all connections.
#[derive(Debug, Default)]
pub(crate) struct Held {
    bytes: usize,
}

impl Held {
    /// Counts a connection anew. False where it holds too much beside the others: half a request is cheap to send.
    pub fn count(&mut self, connection: &mut Connection) -> bool {
        let now = connection.held();
        self.bytes = self.bytes - connection.counted + now;
        connection.counted = now;
        self.bytes <= MOST_BYTES || now <= ORDINARY_BYTES
    }

    /// A connection is gone.
    pub fn forget(&mut self, connection: &Connection) {
        self.bytes -= connection.counted;
    }
}
