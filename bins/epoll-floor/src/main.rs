//! Arm `epoll-floor`: no runtime, one thread, one epoll loop over all agents' sockets.
//!
//! It does what a client has to do and nothing else, under the same trial protocol as every other arm: what they cost is
//! shown as a ratio to it.

mod agent;
mod call;
mod connection;
mod floor;
mod response;
mod task;

use floor::Floor;
use std::process::ExitCode;
use tandem_core::Arm;

fn main() -> ExitCode {
    Arm::bare("epoll-floor", &["rustix"]).crew::<Floor>().main()
}
