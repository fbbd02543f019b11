//! Arm `async-std`: async-std's global executor with its defaults.

use async_std::net::TcpStream;
use client_reqwest::{Reqwest, ViaTokio};
use std::future::Future;
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{FuturesSocket, Hyper, Lean};
use tandem_core::{Arm, Runtime};

struct AsyncStd;

impl Runtime for AsyncStd {
    const NAME: &'static str = "async-std";
    const PACKAGES: &'static [&'static str] = &["async-std", "async-io"];
    type Stream = FuturesSocket<TcpStream>;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(async_std::task::block_on(future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        async_std::task::spawn(future)
    }

    async fn sleep_until(deadline: Instant) {
        async_std::task::sleep(deadline.saturating_duration_since(Instant::now())).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        async_std::task::spawn_blocking(work).await
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(FuturesSocket::new(socket))
    }
}

fn main() -> ExitCode {
    Arm::<AsyncStd>::new()
        .client::<Reqwest<ViaTokio>>()
        .client::<Hyper<AsyncStd>>()
        .client::<Lean<AsyncStd>>()
        .main()
}
