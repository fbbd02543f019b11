//! A runtime without a reactor whose sockets are real ones, asked again and again, and a server for them: for tests of what
//! only the kernel can tell.

use crate::http::{Receive, ask_for_stamps};
use crate::{Runtime, now_ns};
use futures_lite::future;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) struct Polled;

pub(crate) struct PolledSocket(TcpStream);

/// Asks again after a while.
fn later<T>(cx: &Context<'_>, done: io::Result<T>) -> Poll<io::Result<T>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            thread::sleep(Duration::from_micros(50));
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        done => Poll::Ready(done),
    }
}

impl Runtime for Polled {
    const NAME: &'static str = "polled";
    const PACKAGES: &'static [&'static str] = &[];
    type Stream = PolledSocket;
    type Watched = PolledSocket;

    fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
        Ok(future::block_on(future))
    }
    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = T> + Send {
        let thread = thread::spawn(|| future::block_on(future));
        async { thread.join().expect("the core catches panics") }
    }
    async fn sleep_until(_deadline: Instant) {
        std::future::pending().await
    }
    async fn unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
        work()
    }
    async fn connect(address: SocketAddr) -> io::Result<PolledSocket> {
        let socket = TcpStream::connect(address)?;
        socket.set_nonblocking(true)?;
        Ok(PolledSocket(socket))
    }
    fn watch(stream: PolledSocket) -> io::Result<PolledSocket> {
        ask_for_stamps(&stream.0);
        Ok(stream)
    }
    fn poll_receive(
        socket: &mut PolledSocket,
        cx: &mut Context<'_>,
        receive: &mut Receive<'_>,
    ) -> Poll<io::Result<usize>> {
        later(cx, receive.read(&socket.0))
    }
}

impl Read for PolledSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = vec![0; cursor.remaining()];
        let read = self.0.read(&mut bytes);
        later(cx, read.map(|read| cursor.put_slice(&bytes[..read])))
    }
}

impl Write for PolledSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.0.write(bytes);
        later(cx, written)
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// One chunk with one line of Ollama's stream, `stamped` with this moment or not.
pub(crate) fn token(stamped: bool) -> String {
    let stamp = if stamped { format!(r#","sim_write_ns":{}"#, now_ns()) } else { String::new() };
    chunk(&format!("{{\"response\":\"word \",\"done\":false{stamp}}}\n"))
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Serves until the process ends: each HEAD at once, each POST by `answer`, which writes the body's tokens. Returns the base URL.
pub(crate) fn serve(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let answer = answer.clone();
            // A client that has gone ends its connection.
            thread::spawn(move || converse(socket, &*answer).ok());
        }
    });
    url
}

fn converse(mut socket: TcpStream, answer: &dyn Fn(&mut TcpStream)) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut requests = BufReader::new(socket.try_clone()?);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            if requests.read_line(&mut head)? == 0 {
                return Ok(());
            }
            let line = head[start..].to_ascii_lowercase();
            length =
                line.strip_prefix("content-length:").map_or(length, |n| n.trim().parse().expect("a number"));
        }
        requests.read_exact(&mut vec![0; length])?;
        if head.starts_with("HEAD") {
            socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        answer(&mut socket);
        let last = chunk("{\"response\":\"\",\"done\":true,\"done_reason\":\"length\"}\n");
        socket.write_all(format!("{last}0\r\n\r\n").as_bytes())?;
    }
}
