//! The runtime of the arm `tokio-default`, under a fixture's name.

use crate::Fixture;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, time::Instant};
use tandem_core::Runtime;
use tandem_core::http::Receive;

/// Tokio's multi-thread, work-stealing runtime with its defaults.
pub struct Tokio<F>(PhantomData<F>);

impl<F: Fixture> Runtime for Tokio<F> {
    const NAME: &'static str = F::NAME;
    const PACKAGES: &'static [&'static str] = &["tokio"];
    type Stream = tokio_arm::Stream;
    type Watched = Self::Stream;

    fn block_on<T: Future>(future: T) -> io::Result<T::Output> {
        Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future))
    }

    fn spawn<O: Send + 'static, T: Future<Output = O> + Send + 'static>(
        future: T,
    ) -> impl Future<Output = O> + Send {
        let task = tokio::spawn(future);
        async { task.await.expect("the core catches panics") }
    }

    async fn sleep_until(deadline: Instant) {
        tokio_arm::sleep_until(deadline).await;
    }

    async fn unblock<O: Send + 'static, W: FnOnce() -> O + Send + 'static>(work: W) -> O {
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
}
