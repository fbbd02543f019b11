//! Listening sockets.

use crate::SimError;
use rustix::net::sockopt::{set_tcp_congestion, set_tcp_nodelay};
use std::net::{SocketAddr, TcpListener};

/// Connections that may wait to be accepted; the kernel lowers it to net.core.somaxconn. std asks for 128, and
/// a burst beyond that is answered with a retransmission a whole second later.
const BACKLOG: i32 = 65_535;

/// A non-blocking listener whose connections send without Nagle's delay and without pacing by the kernel (Linux
/// lets them inherit both options).
///
/// # Errors
/// When the address cannot be listened on.
pub fn bind(addr: SocketAddr) -> Result<TcpListener, SimError> {
    let failed = |source: std::io::Error| SimError::Bind { addr, source };
    let listener = TcpListener::bind(addr).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    rustix::net::listen(&listener, BACKLOG).map_err(|e| failed(e.into()))?;
    set_tcp_nodelay(&listener, true).map_err(|e| failed(e.into()))?;
    // A congestion control that paces, such as BBR, holds bytes back on a timer of its own after the write
    // stamp was taken. Every kernel has reno; where even that is refused the system's choice has to do.
    let _ = set_tcp_congestion(&listener, "reno");
    Ok(listener)
}

/// Base URLs of listeners, in their order.
///
/// # Errors
/// When a listener does not know its own address.
pub fn base_urls(listeners: &[TcpListener]) -> Result<Vec<String>, SimError> {
    let url = |listener: &TcpListener| {
        let addr = listener.local_addr().map_err(SimError::system("read a listener's address"))?;
        Ok(format!("http://{addr}"))
    };
    listeners.iter().map(url).collect()
}
