//! The servers of a run: simulators that it starts, or real servers that it checks.

mod fleet;
mod http;
mod probe;
mod residency;
mod simulator;
mod usual_ports;

pub use fleet::{Fleet, Seen};
pub(crate) use http::Asker;
pub(crate) use probe::{Facts, choose_model, facts, same_model};
pub(crate) use residency::{LOAD_OPTIONS, resident};
pub use usual_ports::ollama_answers;
