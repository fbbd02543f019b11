//! Plans: the file, its checks, and the cells that it spans.

mod cell;
mod described;
mod file;
mod levels;
mod load;
mod simulator;
mod validate;

pub use cell::{Cell, cells};
pub use described::study_client;
pub use file::{ClientChoice, PlanFile, Scenario, SetFile, SimFile, SimProfile};
pub use levels::Levels;
pub use load::{Plan, parse_plan};
pub use simulator::{Pacing, SimConfig};
