//! How a running simulator is told to stop.

use crate::SimError;
use rustix::event::{EventfdFlags, eventfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// A handle that ends [`crate::run`] from another thread or a signal handler. An eventfd, because the loop
/// sleeps in epoll and has to be woken; it stays readable, so a trigger before the start counts as well.
#[derive(Debug, Clone)]
pub struct Shutdown(Arc<OwnedFd>);

impl Shutdown {
    /// A handle that is not triggered yet.
    ///
    /// # Errors
    /// When the system has no file descriptor left.
    pub fn new() -> Result<Shutdown, SimError> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(SimError::system("create an eventfd"))?;
        Ok(Shutdown(Arc::new(fd)))
    }

    /// Ends the run; more than once is no different from once.
    pub fn trigger(&self) {
        // The write can only fail when the counter is full, and then the loop is awake already.
        let _ = rustix::io::write(&*self.0, &1u64.to_ne_bytes());
    }
}

impl AsFd for Shutdown {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
