mod error;
/// Where a response begins and ends.
pub mod framing;
mod futures_socket;
mod hyper_client;
mod lean;
mod read_buffer;
mod read_cap;
mod receive;
mod socket;
mod target;
mod turn;
mod waiting;

pub use error::{RequestError, io_status};
pub use futures_socket::FuturesSocket;
pub use hyper_client::Hyper;
pub use lean::Lean;
pub use read_cap::ReadCap;
pub(crate) use receive::keep_stamping;
pub use receive::{Receive, ask_for_stamps};
pub use socket::{LatestRead, Socket, StampedSocket};
pub use target::{InvalidUrl, Target};
pub use turn::Turn;
pub use waiting::Waiting;

use crate::{Runtime, WallOffset};
use bytes::Bytes;
use std::future::Future;

/// Largest response head accepted, in bytes.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Largest body read of an error response, in bytes.
pub const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// Most bytes that are read behind the end of a stream so that its connection can be used again. Servers write none, or `[DONE]`.
pub const MAX_REST_BYTES: usize = 64 * 1024;

/// How a client reads: the same for every agent of a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Cap of one read in bytes; 0 is uncapped.
    pub cap_bytes: u32,
    /// Where receive stamps are kept, what turns them into CLOCK_MONOTONIC.
    pub stamps: Option<WallOffset>,
}

/// Method of a request; the agents need no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks for the head alone; opens and proves a connection.
    Head,
    /// Sends a JSON body.
    Post,
}

/// The head of a response, as far as anyone needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where a redirect points to, at most [`MAX_LOCATION_CHARS`] characters of it.
    pub location: Option<String>,
}

/// Longest target of a redirect that is told.
const MAX_LOCATION_CHARS: usize = 200;

impl Answer {
    /// An answer with this status and, where it is a redirect, this `Location`.
    pub fn new(status: u16, location: Option<&[u8]>) -> Self {
        let text = |place: &[u8]| String::from_utf8_lossy(place).chars().take(MAX_LOCATION_CHARS).collect();
        Answer { status, location: location.filter(|_| matches!(status, 300..400)).map(text) }
    }

    /// Whether a stream follows.
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }
}

/// One agent's HTTP/1 client: at most one connection, one response at a time.
pub trait Client<R: Runtime>: Send + Sized + 'static {
    /// Value of the column `client`.
    const KIND: tandem_records::Client;
    /// [`tandem_records::VIA_TOKIO_BRIDGE`] where the client's I/O runs on Tokio inside another runtime, else empty.
    const BRIDGE: &'static str = "";
    /// Packages of the lock file that make up this client, for `--version`.
    const PACKAGES: &'static [&'static str];

    /// Makes a client without a connection.
    ///
    /// # Errors
    /// The client cannot be built.
    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError>;

    /// Wraps an agent's whole future in the context that this client needs; nothing for most.
    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        future
    }

    /// Opens a connection if none is usable. Returns the time to open it in ns where one was opened and the
    /// client can tell.
    fn connect(&mut self) -> impl Future<Output = Result<Option<u64>, RequestError>> + Send;

    /// Sends a request and waits for the response's head.
    fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> impl Future<Output = Result<Answer, RequestError>> + Send;

    /// The next chunk of the response's body, `None` at its end. Cancel safe.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, RequestError>> + Send;

    /// CLOCK_MONOTONIC when the kernel received the last byte of the read that brought the latest chunk; `None` where the
    /// client does not know.
    fn received_ns(&self) -> Option<u64> {
        None
    }
}
