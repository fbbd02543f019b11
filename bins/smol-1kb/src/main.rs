//! Arm `smol-1kb`: smol with every read capped at 1024 bytes, and no Tokio in the binary.

use async_io::{Async, ReadableOwned};
use smol::net::TcpStream;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{FuturesSocket, Hyper, Lean, Receive, Waiting, ask_for_stamps};
use tandem_core::{Arm, Runtime};

struct Smol1Kb;

impl Runtime for Smol1Kb {
    const NAME: &'static str = "smol-1kb";
    const PACKAGES: &'static [&'static str] = &["smol", "async-io", "async-executor"];
    type Stream = FuturesSocket<TcpStream>;
    type Watched = Waiting<Self::Stream, ReadableOwned<std::net::TcpStream>>;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(smol::block_on(future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        smol::spawn(future)
    }

    async fn sleep_until(deadline: Instant) {
        smol::Timer::at(deadline).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        smol::unblock(work).await
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(FuturesSocket::new(socket))
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        ask_for_stamps(stream.inner());
        Ok(Waiting { socket: stream, wait: None })
    }

    fn poll_receive(
        watched: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        let Waiting { socket, wait } = watched;
        let socket = socket.inner();
        let read = receive.read_or_wait(socket, || {
            // As smol's own read: it waits by a future that it keeps until a read succeeds.
            let readable = wait.get_or_insert_with(|| Arc::<Async<_>>::from(socket.clone()).readable_owned());
            let ready = ready!(Pin::new(readable).poll(cx));
            *wait = None;
            Poll::Ready(ready)
        });
        if read.is_ready() {
            *wait = None;
        }
        read
    }
}

fn main() -> ExitCode {
    Arm::<Smol1Kb>::new().client::<Hyper<Smol1Kb>>().client::<Lean<Smol1Kb>>().read_cap(1024).main()
}
