//! Plans: the file, its checks, and the cells that it spans.

mod cell;
mod described;
mod dialect;
mod expand;
mod file;
mod levels;
mod load;
mod sim_file;
mod simulator;
mod validate;

pub use cell::Cell;
pub use described::study_client;
pub(crate) use dialect::instead_of;
pub use expand::{Overrides, cells, only_other_simulators};
pub use file::{ClientChoice, Configuration, MicroFile, PlanFile, Scenario, SetFile};
pub use levels::Levels;
pub use load::{Plan, parse_plan};
pub use sim_file::{SimFile, SimProfile, SimScale};
pub use simulator::{Pacing, SimConfig, SimLevels};
