//! Arm `tokio-default`: Tokio's multi-thread, work-stealing runtime with its defaults.

use client_reqwest::{Direct, Reqwest};
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{Hyper, Lean, Receive};
use tandem_core::{Arm, OwnExecutor, Runtime, RuntimeMetrics, Threads};
use tokio::runtime::Builder;

struct TokioDefault;

impl Runtime for TokioDefault {
    const NAME: &'static str = "tokio-default";
    const PACKAGES: &'static [&'static str] = &["tokio"];
    const WORKERS_VARIABLE: Option<&'static str> = Some(tokio_arm::WORKERS_VARIABLE);
    type Stream = tokio_arm::Stream;
    type Watched = Self::Stream;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(Builder::new_multi_thread().enable_all().build()?.block_on(future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        let task = tokio::spawn(future);
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

    fn own(threads: Threads) -> Option<io::Result<impl OwnExecutor>> {
        Some(tokio_arm::Own::build(match threads {
            Threads::Usual => Builder::new_multi_thread(),
            Threads::Current => Builder::new_current_thread(),
        }))
    }

    fn metrics() -> Option<RuntimeMetrics> {
        tokio_arm::metrics()
    }
}

fn main() -> ExitCode {
    Arm::<TokioDefault>::new()
        .client::<Reqwest<Direct>>()
        .client::<Hyper<TokioDefault>>()
        .client::<Lean<TokioDefault>>()
        .main()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_stays_with_its_agent() {
        tandem_core::conformance::a_panic_stays_with_its_agent::<super::TokioDefault>();
    }

    #[test]
    fn the_facts_hold() {
        tandem_core::conformance::the_facts_hold::<super::TokioDefault>(false);
    }
}
