//! What every arm on Tokio does alike. How the runtime is built and how agents are spawned is the arm's own.

use hyper_util::rt::TokioIo;
use std::future::Future;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, time::Instant};
use tandem_core::http::{Receive, ask_for_stamps};
use tandem_core::{OwnExecutor, RuntimeMetrics};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};

/// A connection, for hyper and for reads of our own.
pub type Stream = TokioIo<TcpStream>;

/// Waits on Tokio's timer.
pub async fn sleep_until(deadline: Instant) {
    tokio::time::sleep_until(deadline.into()).await;
}

/// Runs blocking work on Tokio's threads for it.
pub async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
    tokio::task::spawn_blocking(work).await.expect("blocking work does not panic")
}

/// Opens a connection that sends small writes at once.
///
/// # Errors
/// The system's.
pub async fn connect(address: SocketAddr) -> io::Result<Stream> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    Ok(TokioIo::new(socket))
}

/// Asks for receive stamps on a connection.
///
/// # Errors
/// None; the signature is that of `Runtime::watch`.
pub fn watch(stream: Stream) -> io::Result<Stream> {
    ask_for_stamps(stream.inner());
    Ok(stream)
}

/// Reads as Tokio reads, with a system call of our own that keeps the receive stamp.
pub fn poll_receive(
    stream: &mut Stream,
    cx: &mut Context<'_>,
    receive: &mut Receive<'_>,
) -> Poll<io::Result<usize>> {
    let socket = stream.inner();
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

/// The variable that Tokio reads its number of workers from.
pub const WORKERS_VARIABLE: &str = "TOKIO_WORKER_THREADS";

/// A Tokio runtime that a program made for itself.
pub struct Own(Runtime);

impl Own {
    /// Builds one of this kind.
    ///
    /// # Errors
    /// The system's.
    pub fn build(mut kind: Builder) -> io::Result<Own> {
        Ok(Own(kind.enable_all().build()?))
    }

    /// The runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.0
    }
}

impl OwnExecutor for Own {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = T> + Send {
        let task = self.0.spawn(future);
        async { task.await.expect("the core catches panics") }
    }
}

/// The stable counters of the runtime that this is called on.
pub fn metrics() -> Option<RuntimeMetrics> {
    let metrics = Handle::try_current().ok()?.metrics();
    let workers = 0..metrics.num_workers();
    Some(RuntimeMetrics {
        workers: workers.len() as u32,
        busy_ns: workers.clone().map(|w| metrics.worker_total_busy_duration(w).as_nanos() as u64).sum(),
        parks: workers.map(|w| metrics.worker_park_count(w)).sum(),
        global_queue_depth: metrics.global_queue_depth() as u64,
    })
}
