//! The runtime of the arm `tokio-default`, under a fixture's name.

use crate::Fixture;
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::marker::PhantomData;
use std::{io, net::SocketAddr, time::Instant};
use tandem_core::Runtime;
use tokio::net::TcpStream;

/// Tokio's multi-thread, work-stealing runtime with its defaults.
pub struct Tokio<F>(PhantomData<F>);

impl<F: Fixture> Runtime for Tokio<F> {
    const NAME: &'static str = F::NAME;
    const PACKAGES: &'static [&'static str] = &["tokio"];
    type Stream = TokioIo<TcpStream>;

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
        tokio::time::sleep_until(deadline.into()).await;
    }

    async fn unblock<O: Send + 'static, W: FnOnce() -> O + Send + 'static>(work: W) -> O {
        tokio::task::spawn_blocking(work).await.expect("blocking work does not panic")
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(TokioIo::new(socket))
    }
}
