//! Fixture `joined-agents`: agents polled in one task, as `join!` and `join_all` do it, instead of being spawned. While
//! one of them works, no other can, whatever the number of workers.

use pathologies::{Busy, Fixture, Tokio};
use smol::Executor;
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{Hyper, Receive};
use tandem_core::{Arm, Runtime};

/// The agents' futures. It has no thread: the one future given to `block_on` polls them, beside the conductor.
static AGENTS: Executor<'static> = Executor::new();

struct JoinedAgents;

impl Fixture for JoinedAgents {
    const NAME: &'static str = "joined-agents";
}

impl Runtime for JoinedAgents {
    const NAME: &'static str = <Self as Fixture>::NAME;
    const PACKAGES: &'static [&'static str] = &["tokio", "async-executor"];
    type Stream = <Tokio<Self> as Runtime>::Stream;
    type Watched = <Tokio<Self> as Runtime>::Watched;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Tokio::<Self>::block_on(AGENTS.run(future))
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        AGENTS.spawn(future)
    }

    async fn sleep_until(deadline: Instant) {
        Tokio::<Self>::sleep_until(deadline).await;
    }

    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        Tokio::<Self>::unblock(work).await
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        Tokio::<Self>::connect(address).await
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        Tokio::<Self>::watch(stream)
    }

    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        Tokio::<Self>::poll_receive(socket, cx, receive)
    }
}

fn main() -> ExitCode {
    Arm::<JoinedAgents>::new().client::<Busy<Hyper<JoinedAgents>>>().main()
}
