//! Where a response begins and ends (RFC 9112), for those that read it themselves: the lean client and the arm epoll-floor.
//!
//! ```text
//! head    status, framing, keep-alive
//! body    which of the bytes received are the body's: chunked, of a length, until the close
//! ```

mod body;
mod chunked;
mod head;

pub use body::{BadFraming, Body, Step};
pub use head::Head;
