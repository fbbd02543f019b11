//! Arm `smol`: smol's global executor with its default of one worker.

use client_reqwest::{Reqwest, ViaTokio};
use std::future::Future;
use std::task::{Context, Poll};
use std::{io, net::SocketAddr, process::ExitCode, time::Instant};
use tandem_core::http::{Hyper, Lean, Receive};
use tandem_core::{Arm, OwnExecutor, Runtime, Threads};

struct Smol;

impl Runtime for Smol {
    const NAME: &'static str = "smol";
    const PACKAGES: &'static [&'static str] = smol_arm::PACKAGES;
    const ONE_PER_PROCESS: bool = true;
    const WORKERS_VARIABLE: Option<&'static str> = Some(smol_arm::WORKERS_VARIABLE);
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

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        smol_arm::connect(address).await
    }

    fn watch(stream: Self::Stream) -> io::Result<Self::Watched> {
        smol_arm::watch(stream)
    }

    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        smol_arm::poll_receive(socket, cx, receive)
    }

    fn own(threads: Threads) -> Option<io::Result<impl OwnExecutor>> {
        Some(smol_arm::Own::build(threads))
    }
}

fn main() -> ExitCode {
    Arm::<Smol>::new().client::<Reqwest<ViaTokio>>().client::<Hyper<Smol>>().client::<Lean<Smol>>().main()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_stays_with_its_agent() {
        tandem_core::conformance::a_panic_stays_with_its_agent::<super::Smol>();
    }

    #[test]
    fn the_facts_hold() {
        tandem_core::conformance::the_facts_hold::<super::Smol>(true);
    }
}
