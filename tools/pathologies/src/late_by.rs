//! A client that hands on every chunk a known time late: what the calibration has to read back.

use crate::HeldTime;
use bytes::Bytes;
use std::future::Future;
use std::hint::spin_loop;
use std::marker::PhantomData;
use std::thread;
use std::time::{Duration, Instant};
use tandem_core::Runtime;
use tandem_core::http::{Answer, Client, Method, Reading, RequestError, Target};

/// The end of a wait that is spun through: a sleeping thread wakes up to some hundred microseconds late on a busy machine.
const SPUN: Duration = Duration::from_micros(500);

/// Hands on each chunk [`HeldTime::HELD`] after the inner client had it.
pub struct LateBy<H, C> {
    inner: C,
    held: PhantomData<fn() -> H>,
}

impl<R: Runtime, H: HeldTime, C: Client<R>> Client<R> for LateBy<H, C> {
    const KIND: tandem_records::Client = C::KIND;
    const BRIDGE: &'static str = C::BRIDGE;
    const PACKAGES: &'static [&'static str] = C::PACKAGES;

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        Ok(LateBy { inner: C::new(target, reading)?, held: PhantomData })
    }

    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        C::enter(future)
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        self.inner.connect().await
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        self.inner.send(method, path, body).await
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let chunk = self.inner.chunk().await?;
        if chunk.is_some() {
            hold(H::HELD);
        }
        Ok(chunk)
    }

    fn received_ns(&self) -> Option<u64> {
        self.inner.received_ns()
    }
}

/// Blocks the calling thread for this time, exactly: runtimes' timers are not exact enough to calibrate with.
fn hold(time: Duration) {
    let until = Instant::now() + time;
    if let Some(slept) = time.checked_sub(SPUN).filter(|slept| !slept.is_zero()) {
        thread::sleep(slept);
    }
    while Instant::now() < until {
        spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_never_too_short() {
        for time in [Duration::from_micros(200), Duration::from_millis(2)] {
            let began = Instant::now();
            hold(time);
            assert!(began.elapsed() >= time);
        }
    }
}
