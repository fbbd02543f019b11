//! Fixture `joined-agents`: agents polled in one task, as `join!` and `join_all` do it, instead of being spawned. While
//! one of them works, no other can, whatever the number of workers.

use pathologies::{Busy, Fixture, Tokio};
use smol::Executor;
use std::future::Future;
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::{Arm, Runtime, http::Hyper};

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
}

fn main() -> ExitCode {
    Arm::<JoinedAgents>::new().client::<Busy<Hyper<JoinedAgents>>>().main()
}
