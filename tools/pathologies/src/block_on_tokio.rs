//! A client whose every call blocks the calling thread on a runtime of its own.

use crate::{Fixture, Tokio};
use bytes::Bytes;
use tandem_core::Runtime;
use tandem_core::http::{Answer, Client, Hyper, Method, Reading, RequestError, Target};
use tandem_records::Status;

/// hyper on Tokio sockets inside a task of another executor: it never yields, so the executor's thread serves one
/// agent until that agent has its whole response. Its time limit cannot fire either, for the same reason; the driver's
/// limit for the trial does. Not for tasks of Tokio, which refuses to block on itself.
pub struct BlockOnTokio<F: Fixture> {
    inner: Hyper<Tokio<F>>,
    tokio: tokio::runtime::Runtime,
}

impl<R: Runtime, F: Fixture> Client<R> for BlockOnTokio<F> {
    const KIND: tandem_records::Client = tandem_records::Client::Hyper;
    const BRIDGE: &'static str = tandem_records::VIA_TOKIO_BRIDGE;
    const PACKAGES: &'static [&'static str] = &["hyper", "tokio"];

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let tokio = tokio.map_err(|e| RequestError::new(Status::Aborted, format!("tokio: {e}")))?;
        Ok(BlockOnTokio { inner: Hyper::new(target, reading)?, tokio })
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        self.tokio.block_on(self.inner.connect())
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        self.tokio.block_on(self.inner.send(method, path, body))
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        self.tokio.block_on(self.inner.chunk())
    }

    fn received_ns(&self) -> Option<u64> {
        self.inner.received_ns()
    }
}
