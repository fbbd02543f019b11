//! A server in threads of its own that streams tokens without an end, for facts about streams in flight.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
const TOKEN: &str = "{\"model\":\"m\",\"response\":\"a\",\"done\":false}\n";
/// Between two tokens.
const GAP: Duration = Duration::from_millis(2);

/// Starts it for so many connections; returns its base URL. Its threads end with the connections.
pub(super) fn start(connections: usize) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for socket in listener.incoming().take(connections).flatten() {
            thread::spawn(move || stream(socket));
        }
    });
    Ok(url)
}

/// Answers one request until the client is gone, which the error of a write tells.
fn stream(mut socket: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 4096];
    // However much of the request has come: the answer is the same.
    let _ = socket.read(&mut request)?;
    socket.write_all(HEAD)?;
    loop {
        write!(socket, "{:x}\r\n{TOKEN}\r\n", TOKEN.len())?;
        thread::sleep(GAP);
    }
}
