//! Arm `smol-1kb`: smol with every read capped at 1024 bytes, and no Tokio in the binary.

use smol::Async;
use smol::net::TcpStream;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{FuturesSocket, Hyper, Lean, Receive, ask_for_stamps};
use tandem_core::{Arm, Runtime};

struct Smol1Kb;

impl Runtime for Smol1Kb {
    const NAME: &'static str = "smol-1kb";
    const PACKAGES: &'static [&'static str] = &["smol", "async-io", "async-executor"];
    type Stream = FuturesSocket<TcpStream>;
    type Watched = FuturesSocket<Async<std::net::TcpStream>>;

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
        let socket: Arc<Async<_>> = stream.into_inner().into();
        let socket = Arc::into_inner(socket).ok_or(io::ErrorKind::ResourceBusy)?;
        ask_for_stamps(&socket);
        Ok(FuturesSocket::new(socket))
    }

    fn poll_receive(
        socket: &Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        let socket = socket.inner();
        loop {
            match receive.read(socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready!(socket.poll_readable(cx))?,
                done => return Poll::Ready(done),
            }
        }
    }
}

fn main() -> ExitCode {
    Arm::<Smol1Kb>::new().client::<Hyper<Smol1Kb>>().client::<Lean<Smol1Kb>>().read_cap(1024).main()
}
