//! Ctrl-C and SIGTERM as something that a blocking wait can wait for.

use crate::error::EXIT_INTERRUPTED;
use anyhow::Context;
use rustix::event::{EventfdFlags, eventfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set once, never reset: the event stays readable, so that every later wait ends at once.
#[derive(Clone)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    event: Arc<OwnedFd>,
}

impl Interrupt {
    /// One that nothing raises yet.
    ///
    /// # Errors
    /// The system has no file descriptor left.
    pub fn new() -> anyhow::Result<Interrupt> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).context("eventfd")?;
        Ok(Interrupt { raised: Arc::default(), event: Arc::new(event) })
    }

    /// Raises it on SIGINT, SIGTERM and SIGHUP from now on; the second signal ends the process. Once per process.
    ///
    /// # Errors
    /// A handler is installed already.
    pub fn on_signals(&self) -> anyhow::Result<()> {
        let interrupt = self.clone();
        let handler = move || {
            if interrupt.is_raised() {
                // The second one means at once, also while a server loads its model for minutes. Committed rows
                // are whole, simulators end with this process, and `--run` ends an arm left behind.
                std::process::exit(i32::from(EXIT_INTERRUPTED));
            }
            interrupt.raise();
        };
        ctrlc::set_handler(handler).context("signal handler")
    }

    /// Raises it.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        // Cannot fail but by overflow, and then it is readable already.
        let _ = rustix::io::write(&*self.event, &1u64.to_ne_bytes());
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Readable from the moment it is raised.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
