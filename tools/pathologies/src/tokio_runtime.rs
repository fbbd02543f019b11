//! The runtime of the arm `tokio-default`, under a fixture's name.

use crate::Fixture;
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, time::Instant};
use tandem_core::Runtime;
use tandem_core::http::{Receive, ask_for_stamps};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Tokio's multi-thread, work-stealing runtime with its defaults.
pub struct Tokio<F>(PhantomData<F>);

impl<F: Fixture> Runtime for Tokio<F> {
    const NAME: &'static str = F::NAME;
    const PACKAGES: &'static [&'static str] = &["tokio"];
    type Stream = TokioIo<TcpStream>;
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
}
