//! One nonblocking TCP connection, known to the epoll set for as long as it is open.

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{BorrowedFd, OwnedFd};

/// A socket with the request that is being written to it.
pub struct Connection {
    socket: TcpStream,
    unsent: Vec<u8>,
    /// Whether it has carried an answer.
    pub answered: bool,
}

impl Connection {
    /// Begins to open a connection; its events will carry `agent`. The first one that says writable tells the result.
    ///
    /// # Errors
    /// The system refuses at once.
    pub fn open(address: SocketAddr, epoll: BorrowedFd<'_>, agent: u32) -> io::Result<Self> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket: OwnedFd = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &address) {
            Err(error) if error != rustix::io::Errno::INPROGRESS => return Err(error.into()),
            _ => {}
        }
        // Edge triggered: one call for the whole life of a connection, and no call to silence what was not read yet.
        // Registered after connect, because a socket that is not connected reports a hang-up.
        let wanted = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(epoll, &socket, EventData::new_u64(agent.into()), wanted)?;
        Ok(Connection { socket: TcpStream::from(socket), unsent: Vec::new(), answered: false })
    }

    /// Finishes the opening after the first event.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn opened(&mut self) -> io::Result<()> {
        match self.socket.take_error()? {
            Some(error) => Err(error),
            None => self.socket.set_nodelay(true),
        }
    }

    /// Whether the server has neither closed a connection that is at rest nor sent what nobody asked for.
    pub fn is_at_rest(&self) -> bool {
        let peeked = self.socket.peek(&mut [0]);
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends a request, as much of it as the socket takes now.
    ///
    /// # Errors
    /// The socket's.
    pub fn send(&mut self, request: Vec<u8>) -> io::Result<()> {
        self.unsent = request;
        self.flush()
    }

    /// Sends more of a request that did not fit at once.
    ///
    /// # Errors
    /// The socket's.
    pub fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there, into `buffer`. `None` if nothing is, `Some(0)` if the server has closed.
    ///
    /// # Errors
    /// The socket's.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.socket.read(buffer) {
                Ok(read) => return Ok(Some(read)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
