//! A server that speaks Ollama's and OpenAI's HTTP API and writes seeded tokens on absolute deadlines.
//!
//! It is the instrument that the arms are measured with, so it has to be more exact than they are, and to
//! say how exact it was. One thread, one epoll loop with nanosecond timeouts, no timer wheel: every write has
//! a deadline that follows from the request alone ([`schedule`]), a late write never shifts a later one, and
//! the lateness of every paced write is kept ([`report`]).
//!
//! ```no_run
//! let listener = ollama_sim::bind("127.0.0.1:0".parse().unwrap()).unwrap();
//! let shutdown = ollama_sim::Shutdown::new().unwrap();
//! let server = ollama_sim::Server::open(vec![listener], ollama_sim::Config::default(), &shutdown).unwrap();
//! let report = server.serve().unwrap();
//! println!("{}", report.to_json());
//! ```

mod accepting;
mod api_error;
pub mod args;
mod clock;
mod config;
mod connection;
mod error;
pub mod fault;
mod fields;
mod go_json;
mod held;
mod histogram;
mod http;
mod key;
mod length;
mod limits;
mod listener;
mod log;
mod models;
mod options;
mod pacer;
mod pieces;
mod ports;
pub mod program;
pub mod report;
mod request;
mod residency;
mod response;
mod routes;
mod runner;
pub mod schedule;
mod scheduling;
mod server;
mod serving;
mod shutdown;
mod slots;
mod stream;
mod summary;
pub mod text;
mod thinking;
mod turn;
mod virtual_clock;
mod wire;

pub use config::{Capacity, Config, LogTo, Ollama, Pacing, Profile};
pub use error::SimError;
pub use fault::Fault;
pub use limits::raise_open_files;
pub use listener::{base_urls, bind};
pub use report::Report;
pub use scheduling::Scheduling;
pub use server::Server;
pub use shutdown::Shutdown;

/// Version of the simulator, as in its first line of output.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
