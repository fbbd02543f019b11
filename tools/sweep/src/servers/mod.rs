//! The servers of a run: simulators that it starts, or real servers that it checks.
//!
//! ```text
//! real:  facts -> model -> check (fit, slots, layers, speed) -> before and after each trial (residency)
//! ```

mod check;
mod facts;
mod fit;
mod fleet;
mod http;
mod layers;
mod model;
mod real;
mod refused;
mod residency;
mod server;
mod sims;
mod simulator;
mod slots;
mod speed;
mod stream;
mod usual_ports;

pub(crate) use facts::{Facts, facts, same_model};
pub(crate) use fit::fitted;
pub use fleet::{Fleet, Seen};
pub(crate) use http::Failure;
pub(crate) use layers::layers;
pub(crate) use model::choose_model;
pub(crate) use residency::LOAD_OPTIONS;
pub(crate) use slots::count as count_slots;
pub(crate) use stream::{Question, Stream};
pub use usual_ports::ollama_answers;
