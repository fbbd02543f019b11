//! The limit of open files, which is the limit of streams at once.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files the simulator itself has open: standard streams, epoll, eventfd, listeners, and some to spare.
const OWN_FILES: u64 = 32;

/// Raises the soft limit of open files to the hard one and returns the number of connections that fit.
/// `None` means no limit.
pub fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    limit.map(|files| files.saturating_sub(OWN_FILES))
}
