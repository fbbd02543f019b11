//! The folder of a run: its lock, its files, what is in them already.

mod folder;
mod leftover;
mod log;
mod manifest;
mod repair;

pub(crate) use folder::csv_bytes;
pub use folder::{RunFolder, check_id, new_id};
pub use leftover::end_leftover_trials;
pub use log::{Attempt, RunLog};
pub use manifest::{command_line, read_manifest};
pub use repair::{Done, repair};
