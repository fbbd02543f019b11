//! The folder of a run: its lock, its files, what is in them already.

mod folder;
mod held;
mod leftover;
mod log;
mod manifest;
mod repair;
mod whole;

pub(crate) use folder::csv_bytes;
pub use folder::{RunFolder, check_id, new_id};
pub(crate) use held::Held;
pub use leftover::{RUN_VARIABLE, end_leftover_trials, mark_of};
pub use log::{Attempt, CommitError, RunLog};
pub use manifest::{command_line, read_manifest, unfinished};
pub use repair::{Done, repair};
pub(crate) use whole::Tally;
