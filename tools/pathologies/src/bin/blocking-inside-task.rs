//! Fixture `blocking-inside-task`: agents are tasks of smol's one worker, and their client blocks it on a Tokio runtime.

use pathologies::{BlockOnTokio, Fixture};
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::Receive;
use tandem_core::{Arm, Runtime};

struct BlockingInsideTask;

impl Fixture for BlockingInsideTask {
    const NAME: &'static str = "blocking-inside-task";
}

impl Runtime for BlockingInsideTask {
    const NAME: &'static str = <Self as Fixture>::NAME;
    const PACKAGES: &'static [&'static str] = smol_arm::PACKAGES;
    type Stream = smol_arm::Stream;
    type Watched = smol_arm::Watched;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(smol::block_on(future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        smol::spawn(future)
    }

    async fn sleep_until(deadline: Instant) {
        smol_arm::sleep_until(deadline).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        smol::unblock(work).await
    }

    /// smol's own socket. The client does not use it: that is the fault.
    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        smol_arm::connect(address).await
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        smol_arm::watch(stream)
    }

    fn poll_receive(
        watched: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        smol_arm::poll_receive(watched, cx, receive)
    }
}

fn main() -> ExitCode {
    Arm::<BlockingInsideTask>::new().client::<BlockOnTokio<BlockingInsideTask>>().main()
}
