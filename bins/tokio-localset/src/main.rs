//! Arm `tokio-localset`: Tokio on one thread, agents started with `spawn_local`.
//!
//! `#[tokio::main]` with a `LocalSet` would not do: connection tasks would still go to the workers.

use client_reqwest::{Direct, Reqwest};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{Hyper, Lean, Receive, ask_for_stamps};
use tandem_core::{Arm, Runtime, RuntimeMetrics};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

struct TokioLocalSet;

impl Runtime for TokioLocalSet {
    const NAME: &'static str = "tokio-localset";
    const PACKAGES: &'static [&'static str] = &["tokio"];
    type Stream = TokioIo<TcpStream>;
    type Watched = Self::Stream;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(LocalSet::new().block_on(&runtime, future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        let task = tokio::task::spawn_local(future);
        async { task.await.expect("the core catches panics") }
    }

    async fn sleep_until(deadline: Instant) {
        tokio::time::sleep_until(deadline.into()).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        tokio::task::spawn_blocking(work).await.expect("blocking work does not panic")
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(TokioIo::new(socket))
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        ask_for_stamps(stream.inner());
        Ok(stream)
    }

    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        let socket = socket.inner();
        loop {
            ready!(socket.poll_read_ready(cx))?;
            let mut short = None;
            let read = socket.try_io(Interest::READABLE, || {
                let bytes = receive.read(socket)?;
                // As Tokio's own read: a short one has emptied the socket, so that the next waits for an event first.
                short = Some(bytes).filter(|bytes| (1..receive.room()).contains(bytes));
                short.map_or(Ok(bytes), |_| Err(io::ErrorKind::WouldBlock.into()))
            });
            match short.map_or(read, Ok) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn metrics() -> Option<RuntimeMetrics> {
        let metrics = tokio::runtime::Handle::try_current().ok()?.metrics();
        let workers = 0..metrics.num_workers();
        Some(RuntimeMetrics {
            workers: workers.len() as u32,
            busy_ns: workers.clone().map(|w| metrics.worker_total_busy_duration(w).as_nanos() as u64).sum(),
            parks: workers.map(|w| metrics.worker_park_count(w)).sum(),
            global_queue_depth: metrics.global_queue_depth() as u64,
        })
    }
}

fn main() -> ExitCode {
    Arm::<TokioLocalSet>::new()
        .client::<Reqwest<Direct>>()
        .client::<Hyper<TokioLocalSet>>()
        .client::<Lean<TokioLocalSet>>()
        .main()
}
