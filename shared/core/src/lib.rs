//! The logic of every arm: what an agent does, how a trial runs, and the measured path from socket to token.
//!
//! Nothing here names a runtime. An arm hands over a [`Runtime`] (a dozen lines around one executor) and the
//! HTTP clients it links; [`Arm::main`] does the rest and prints one [`tandem_records::ArmReport`].
//!
//! ```text
//! command line -> trial (phases) -> agent (gate, permit) -> workload -> exchange -> client -> socket
//!                    |                                                      |
//!                    +-- counters                                           +-- lines -> dialect -> recorder
//! ```

mod agent;
mod agents;
mod arm;
mod arrivals;
#[doc(hidden)]
pub mod bench;
mod clock;
/// What every arm checks of its own runtime.
pub mod conformance;
mod counters;
/// The seam between a trial and what carries it out, for arms without a runtime.
pub mod crew;
mod delays;
mod exchange;
mod gate;
mod heap;
/// HTTP clients: the trait, the hyper client and the sockets below it.
pub mod http;
mod micro;
mod open_files;
#[cfg(test)]
mod polled;
mod proc_self;
mod quantile;
mod receipt;
mod runtime;
mod runtime_watch;
#[cfg(test)]
mod scripted;
/// Time limit, cancellation, captured panics and scopes on any runtime.
pub mod structured;
mod trial;
/// Wire dialects: lines, Ollama's JSON and OpenAI's events.
pub mod wire;
mod workload;

pub use arm::Arm;
pub use clock::{WallOffset, now_ns};
pub use runtime::{NoExecutor, OwnExecutor, Runtime, RuntimeMetrics, Threads};
