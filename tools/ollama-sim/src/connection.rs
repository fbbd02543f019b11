//! One client connection: its socket, what has been read and not understood, what could not be sent yet.

use crate::http::RequestReader;
use crate::stream::Stream;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Requests that a client may send ahead while one is answered, in bytes; more stays in the kernel.
const READ_AHEAD: usize = 64 * 1024;
/// Empty buffers above this are given back.
const SPARE_OUTPUT: usize = 64 * 1024;

/// What reading brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Bytes; there may be more.
    Some,
    /// Nothing more for now.
    Drained,
    /// The client has closed its side or the connection broke.
    Ended,
}

/// A connection whose epoll registration is edge-triggered, for reading and writing, for its whole life.
#[derive(Debug)]
pub struct Connection {
    socket: OwnedFd,
    /// Number of the listener it came through.
    pub port: usize,
    /// Never used twice in a process: tells it from a successor in its slot.
    pub serial: u64,
    /// Bytes read and not yet understood.
    pub input: Vec<u8>,
    /// Reads requests from `input`.
    pub reader: RequestReader,
    /// The answer on its way.
    pub stream: Option<Box<Stream>>,
    /// No further request is read: close when the output is gone.
    pub closing: bool,
    /// Closed by us; only waiting for the client to notice.
    pub lingering: bool,
    /// The client has closed its side.
    pub ended: bool,
    /// Bytes of it in [`crate::held::Held`].
    pub counted: usize,
    /// Reading stopped with bytes left in the kernel, for which epoll will not wake us again.
    pub unread: bool,
    output: Vec<u8>,
    sent: usize,
}

impl Connection {
    /// A fresh connection.
    pub fn new(socket: OwnedFd, port: usize, serial: u64) -> Connection {
        Connection {
            socket,
            port,
            serial,
            input: Vec::new(),
            reader: RequestReader::default(),
            stream: None,
            closing: false,
            lingering: false,
            ended: false,
            counted: 0,
            unread: false,
            output: Vec::new(),
            sent: 0,
        }
    }

    /// Bytes of requests that are not complete.
    pub fn held(&self) -> usize {
        self.input.len() + self.reader.held()
    }

    /// Forgets them, with their memory.
    pub fn forget_input(&mut self) {
        (self.input, self.reader) = (Vec::new(), RequestReader::default());
    }

    /// Reads once into `scratch` and keeps the bytes, or throws them away where no further request is read.
    pub fn receive(&mut self, scratch: &mut [u8]) -> Received {
        self.unread = self.stream.is_some() && self.input.len() >= READ_AHEAD;
        if self.unread {
            return Received::Drained;
        }
        loop {
            return match recv(&self.socket, &mut *scratch, RecvFlags::empty()) {
                Ok((0, _)) => Received::Ended,
                Ok((length, _)) => {
                    if !self.lingering && !self.closing {
                        self.input.extend_from_slice(&scratch[..length]);
                    }
                    Received::Some
                }
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => Received::Drained,
                Err(_) => Received::Ended,
            };
        }
    }

    /// Sends `bytes` after what is still waiting; what the socket does not take is kept.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        let taken = if self.is_drained() { self.write(bytes)? } else { 0 };
        self.output.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    /// Sends what is waiting; true when nothing is left.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn flush(&mut self) -> Result<bool, Errno> {
        if !self.is_drained() {
            let output = std::mem::take(&mut self.output);
            let taken = self.write(&output[self.sent..]);
            self.output = output;
            self.sent += taken?;
            if self.sent == self.output.len() {
                self.sent = 0;
                self.output.clear();
                self.output.shrink_to(SPARE_OUTPUT);
            }
        }
        Ok(self.is_drained())
    }

    fn write(&self, mut bytes: &[u8]) -> Result<usize, Errno> {
        let whole = bytes.len();
        while !bytes.is_empty() {
            match send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(broken) => return Err(broken),
            }
        }
        Ok(whole - bytes.len())
    }

    /// True when every byte is with the kernel.
    pub fn is_drained(&self) -> bool {
        self.output.is_empty()
    }

    /// Bytes that wait for the socket.
    pub fn waiting(&self) -> usize {
        self.output.len() - self.sent
    }

    /// Says to the client that nothing more comes, and keeps reading, because closing a socket with unread
    /// bytes would reset the connection and take the answer with it.
    pub fn linger(&mut self) {
        self.lingering = true;
        // An error means that the client is gone already, which the next read tells.
        let _ = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Write);
    }

    /// Closing it will reset the connection; what waits in the kernel is lost.
    pub fn reset_on_close(&self) {
        // An error means that the connection is broken already.
        let _ = rustix::net::sockopt::set_socket_linger(&self.socket, Some(Duration::ZERO));
    }
}
