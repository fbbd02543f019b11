//! What every arm on smol does alike; clients and read size are the arm's own.

use async_io::{Async, ReadableOwned};
use smol::net::TcpStream;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{io, net::SocketAddr, time::Instant};
use tandem_core::http::{FuturesSocket, Receive, Waiting, ask_for_stamps};

mod own;

pub use own::Own;

/// The variable that smol reads its number of workers from.
pub const WORKERS_VARIABLE: &str = "SMOL_THREADS";

/// Packages of the lock file that make up the runtime.
pub const PACKAGES: &[&str] = &["smol", "async-io", "async-executor"];

/// A connection, for hyper.
pub type Stream = FuturesSocket<TcpStream>;
/// The same, for reads of our own.
pub type Watched = Waiting<Stream, ReadableOwned<std::net::TcpStream>>;

/// Waits on smol's timer.
pub async fn sleep_until(deadline: Instant) {
    smol::Timer::at(deadline).await;
}

/// Opens a connection that sends small writes at once.
///
/// # Errors
/// The system's.
pub async fn connect(address: SocketAddr) -> io::Result<Stream> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    Ok(FuturesSocket::new(socket))
}

/// Asks for receive stamps on a connection.
///
/// # Errors
/// None; the signature is that of `Runtime::watch`.
pub fn watch(stream: Stream) -> io::Result<Watched> {
    ask_for_stamps(stream.inner());
    Ok(Waiting { socket: stream, wait: None })
}

/// Reads as smol reads, with a system call of our own that keeps the receive stamp.
pub fn poll_receive(
    watched: &mut Watched,
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
