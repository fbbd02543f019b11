//! Arm `async-std`: async-std's global executor with its defaults.

use async_io::Async;
use async_std::net::TcpStream;
use client_reqwest::{Reqwest, ViaTokio};
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{FuturesSocket, Hyper, Lean, Receive, ask_for_stamps};
use tandem_core::{Arm, Runtime};

struct AsyncStd;

impl Runtime for AsyncStd {
    const NAME: &'static str = "async-std";
    const PACKAGES: &'static [&'static str] = &["async-std", "async-io"];
    const ONE_PER_PROCESS: bool = true;
    const WORKERS_VARIABLE: Option<&'static str> = Some("ASYNC_STD_THREAD_COUNT");
    type Stream = FuturesSocket<TcpStream>;
    /// async-std's own socket does not tell when it is readable. This is what it wraps, on the same reactor.
    type Watched = FuturesSocket<Async<std::net::TcpStream>>;

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

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        let socket = Async::new(std::net::TcpStream::try_from(stream.into_inner())?)?;
        ask_for_stamps(&socket);
        Ok(FuturesSocket::new(socket))
    }

    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        let socket = socket.inner();
        receive.read_or_wait(socket, || socket.poll_readable(cx))
    }
}

fn main() -> ExitCode {
    Arm::<AsyncStd>::new()
        .client::<Reqwest<ViaTokio>>()
        .client::<Hyper<AsyncStd>>()
        .client::<Lean<AsyncStd>>()
        .main()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_stays_with_its_agent() {
        tandem_core::conformance::a_panic_stays_with_its_agent::<super::AsyncStd>();
    }

    #[test]
    fn the_facts_hold() {
        tandem_core::conformance::the_facts_hold::<super::AsyncStd>(false);
    }
}
