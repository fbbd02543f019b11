//! The simulator over real sockets: its bytes against captures of real servers, its pace, its capacity modes,
//! its connections and its report.

// Clippy takes only the functions marked #[test] for tests, not their helpers.
#![allow(clippy::unwrap_used)]

mod capacity;
mod capture;
mod client;
mod connections;
mod faults;
mod golden;
mod log;
mod normal;
mod pacing;
mod process;
mod sim;
mod slots;
mod thinking;
