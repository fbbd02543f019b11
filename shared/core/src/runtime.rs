//! What an arm tells the core about its runtime.

use crate::http::Receive;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Instant;

/// What a runtime counts of itself, from its start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeMetrics {
    /// Worker threads.
    pub workers: u32,
    /// Time these have been busy, summed.
    pub busy_ns: u64,
    /// Times that one of these went to sleep.
    pub parks: u64,
    /// Tasks that wait in the queue common to all workers.
    pub global_queue_depth: u64,
}

/// Which threads drive an executor that a program makes for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// Those that the arm has as well.
    Usual,
    /// The calling thread alone.
    Current,
}

/// An executor that a program makes, uses from synchronous code and drops, beside or in place of the one that
/// [`Runtime::block_on`] uses.
pub trait OwnExecutor: Sync {
    /// Runs a future to its end from synchronous code, from several threads at once if need be.
    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Starts a task on it, called inside [`OwnExecutor::block_on`]. The future given never panics.
    fn spawn<T, F>(&self, future: F) -> impl Future<Output = T> + Send
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static;
}

/// The executor that a runtime does not have.
pub enum NoExecutor {}

impl OwnExecutor for NoExecutor {
    fn block_on<F: Future>(&self, _: F) -> F::Output {
        match *self {}
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        _: F,
    ) -> impl Future<Output = T> + Send {
        self.never::<T>()
    }
}

impl NoExecutor {
    /// A future of the right type, for a call that cannot be made.
    fn never<T>(&self) -> std::future::Pending<T> {
        match *self {}
    }
}

/// One async runtime. The functions are free of state: the runtime is entered by [`Runtime::block_on`] and
/// found again through its own thread-locals or globals, as every program on it does.
pub trait Runtime: 'static {
    /// The arm's name: folder in bins/, binary, and value of the column `runtime`.
    const NAME: &'static str;
    /// Packages of the lock file that make up this runtime, for `--version`.
    const PACKAGES: &'static [&'static str];
    /// Whether [`Runtime::block_on`] uses an executor that a process makes at its first use and keeps for good.
    const ONE_PER_PROCESS: bool = false;
    /// The environment variable that sets the number of its worker threads; `None` where it has one thread by nature.
    const WORKERS_VARIABLE: Option<&'static str> = None;
    /// The runtime's own TCP socket, as hyper reads and writes it.
    type Stream: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static;
    /// The same socket as one that tells when it is readable, for connections whose kernel receive stamps are kept.
    type Watched: hyper::rt::Write + Send + Unpin + 'static;

    /// Builds the runtime and runs `future` on it. The time until the first poll is the start-up time.
    ///
    /// # Errors
    /// The runtime could not be built.
    fn block_on<F: Future>(future: F) -> io::Result<F::Output>;

    /// Starts a task on the executor, at once and not at the first poll of the future returned, which joins it.
    /// The future given never panics: the core catches that inside it.
    fn spawn<T, F>(future: F) -> impl Future<Output = T> + Send
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static;

    /// Waits on the runtime's own timer.
    fn sleep_until(deadline: Instant) -> impl Future<Output = ()> + Send;

    /// Runs blocking work off the executor.
    fn unblock<T, F>(work: F) -> impl Future<Output = T> + Send
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static;

    /// Opens a TCP connection with Nagle's algorithm off.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Turns a connection into one that is read by [`Runtime::poll_receive`], having asked for receive stamps with
    /// [`crate::http::ask_for_stamps`].
    ///
    /// # Errors
    /// The reactor does not take the socket.
    fn watch(stream: Self::Stream) -> io::Result<Self::Watched>;

    /// Reads by `receive` as the runtime's own read would: reading and waiting for the reactor in the same order, so that
    /// keeping stamps changes the system call and nothing else.
    fn poll_receive(
        socket: &mut Self::Watched,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>>;

    /// Makes an executor apart from the one of [`Runtime::block_on`]; `None` where a process has one executor for good.
    fn own(_: Threads) -> Option<io::Result<impl OwnExecutor>> {
        None::<io::Result<NoExecutor>>
    }

    /// What the runtime counts of itself, in well under a microsecond; `None` where it does not count.
    fn metrics() -> Option<RuntimeMetrics> {
        None
    }
}
