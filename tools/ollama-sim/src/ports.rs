//! The ports: each one a simulated server with its own loaded model, its own slots and its own queue.

use crate::config::Config;
use crate::residency::Residency;
use crate::runner::Runner;
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
    /// Its slots; `None` where it serves all at once.
    pub runner: Option<Runner>,
}

impl Port {
    /// A port with nothing loaded and nobody waiting.
    pub fn new(listener: TcpListener, config: &Config) -> std::io::Result<Port> {
        let addr = listener.local_addr()?;
        let guarded = addr.ip().is_loopback();
        listener.set_nonblocking(true)?;
        Ok(Port {
            listener: Some(listener),
            addr,
            guarded,
            resident: Residency::new(config.size_bytes, config.size_vram_bytes),
            runner: config.slots.map(Runner::new),
        })
    }
}
