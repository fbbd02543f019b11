//! Arm `tokio-localset`: Tokio on one thread, agents started with `spawn_local`.
//!
//! `#[tokio::main]` with a `LocalSet` would not do: connection tasks would still go to the workers.

use client_reqwest::{Direct, Reqwest};
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{Hyper, Lean, Receive};
use tandem_core::{Arm, OwnExecutor, Runtime, RuntimeMetrics, Threads};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

struct TokioLocalSet;

impl Runtime for TokioLocalSet {
    const NAME: &'static str = "tokio-localset";
    const PACKAGES: &'static [&'static str] = &["tokio"];
    type Stream = tokio_arm::Stream;
    type Watched = Self::Stream;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(LocalSet::new().block_on(&runtime, future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        let task = tokio::task::spawn_local(future);
        async { task.await.expect("the core catches panics") }
    }

    async fn sleep_until(deadline: Instant) {
        tokio_arm::sleep_until(deadline).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        tokio_arm::unblock(work).await
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        tokio_arm::connect(address).await
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        tokio_arm::watch(stream)
    }

    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        tokio_arm::poll_receive(socket, cx, receive)
    }

    fn own(_: Threads) -> Option<io::Result<impl OwnExecutor>> {
        Some(tokio_arm::Own::build(Builder::new_current_thread()).map(OwnLocalSet))
    }

    fn metrics() -> Option<RuntimeMetrics> {
        tokio_arm::metrics()
    }
}

/// A runtime of one's own, whose every use has a set of local tasks.
struct OwnLocalSet(tokio_arm::Own);

impl OwnExecutor for OwnLocalSet {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        LocalSet::new().block_on(self.0.runtime(), future)
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = T> + Send {
        TokioLocalSet::spawn(future)
    }
}

fn main() -> ExitCode {
    Arm::<TokioLocalSet>::new()
        .client::<Reqwest<Direct>>()
        .client::<Hyper<TokioLocalSet>>()
        .client::<Lean<TokioLocalSet>>()
        .main()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_stays_with_its_agent() {
        tandem_core::conformance::a_panic_stays_with_its_agent::<super::TokioLocalSet>();
    }

    #[test]
    fn the_facts_hold() {
        tandem_core::conformance::the_facts_hold::<super::TokioLocalSet>(false);
    }
}
