//! Why the simulator could not run.

use std::io;
use std::net::SocketAddr;

/// A failure of the simulator itself; a client's mistake is answered over HTTP instead.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}; name a free port, or port 0 for any")]
    Bind {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The system's answer.
        source: io::Error,
    },
    /// The kernel refused something that the event loop needs.
    #[error("cannot {what}: {source}")]
    System {
        /// What was attempted.
        what: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

impl SimError {
    /// For `map_err`: names what was attempted.
    pub(crate) fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> SimError {
        move |source| SimError::System { what, source: source.into() }
    }
}
