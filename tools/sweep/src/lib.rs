//! The driver: a plan becomes a run.
//!
//! ```text
//! plan file -> cells -> schedule (plan.csv) -> per trial: servers before, arm process, servers after -> rows
//! ```
//!
//! Everything up to the schedule is a pure function of plan and seed. The rest is bookkeeping that survives
//! `kill -9`: a trial counts when its own row is on the disk.

mod address;
mod announce;
mod arms;
mod begin;
mod builds;
mod calibration;
mod cli;
/// `doctor`: machine and servers looked at before a sweep.
pub mod doctor;
mod drive;
mod enough_blocks;
mod error;
mod estimate;
mod footprint;
mod interrupt;
mod machine;
mod outcome;
mod overlap;
mod placement;
/// Plans: the file, its checks, and the cells that it spans.
pub mod plan;
mod process;
mod progress;
mod prompt_cache;
mod provenance;
mod run;
mod schedule;
mod servers;
mod settings;
mod target;
mod terminal;
mod warnings;

pub use cli::Args;
pub use drive::sweep;
pub use enough_blocks::{Family, families, primary_cell};
pub use error::SweepError;
pub use estimate::{in_words, trial_time};
pub use schedule::{AA_SUFFIX, PlannedTrial, schedule};
pub use target::{OLLAMA_URLS, Target};
pub use terminal::say;
