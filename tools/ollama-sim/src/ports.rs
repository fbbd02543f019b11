//! The ports: each one a simulated server with its own loaded model and its own queue.

use crate::models::Residency;
use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};

/// One simulated server.
#[derive(Debug)]
pub struct Port {
    /// Where its clients come in; `None` while a fault refuses them.
    pub listener: Option<TcpListener>,
    /// Address of the listener.
    pub addr: SocketAddr,
    /// On loopback: foreign Host headers are refused.
    pub guarded: bool,
    /// Its loaded model.
    pub resident: Residency,
    /// Serial capacity: the stream whose turn it is.
    pub running: Option<u64>,
    /// Serial capacity: connection and stream of those that wait, in the order of arrival. A stream that is
    /// cancelled stays here and is skipped.
    pub queue: VecDeque<(usize, u64)>,
}

impl Port {
    /// A port with nothing loaded and nobody waiting.
    pub fn new(listener: TcpListener) -> std::io::Result<Port> {
        let addr = listener.local_addr()?;
        let guarded = addr.ip().is_loopback();
        listener.set_nonblocking(true)?;
        Ok(Port {
            listener: Some(listener),
            addr,
            guarded,
            resident: Residency::default(),
            running: None,
            queue: VecDeque::new(),
        })
    }
}
