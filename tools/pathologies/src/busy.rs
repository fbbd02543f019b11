//! An agent that does work of its own on every chunk, on the thread that polls it.

use bytes::Bytes;
use std::future::Future;
use std::hint::spin_loop;
use std::time::{Duration, Instant};
use tandem_core::Runtime;
use tandem_core::http::{Answer, Client, Method, Reading, RequestError, Target};

/// Work per chunk: four fifths of the 20 ms between two tokens that its plan and tests ask for. One agent keeps pace
/// with its server; two on one thread need 32 ms for what arrives every 20 ms.
///
/// It is spun by the monotonic clock, not by CPU time: a thread that loses its processor would take the longer for
/// its CPU time the busier the machine is, and not by the same factor in both phases. So two agents lengthen each
/// other's work only by waiting for one thread, which is the fault to be seen; a lack of processors is not.
pub const WORK: Duration = Duration::from_millis(16);

/// Works on each chunk after it was seen and before the next is waited for.
pub struct Busy<C> {
    inner: C,
    /// A chunk was handed out and is not worked on yet.
    owes_work: bool,
}

impl<R: Runtime, C: Client<R>> Client<R> for Busy<C> {
    const KIND: tandem_records::Client = C::KIND;
    const BRIDGE: &'static str = C::BRIDGE;
    const PACKAGES: &'static [&'static str] = C::PACKAGES;

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        Ok(Busy { inner: C::new(target, reading)?, owes_work: false })
    }

    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        C::enter(future)
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        self.inner.connect().await
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        self.owes_work = false;
        self.inner.send(method, path, body).await
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        if self.owes_work {
            spin(WORK);
        }
        // Set before the wait: a chunk that is waited for again is not worked on twice.
        self.owes_work = false;
        let chunk = self.inner.chunk().await?;
        self.owes_work = chunk.is_some();
        Ok(chunk)
    }

    fn received_ns(&self) -> Option<u64> {
        self.inner.received_ns()
    }
}

/// Keeps this thread's processor busy.
fn spin(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        spin_loop();
    }
}
