//! Streams as real servers send them: reads the files of `tests/cases/wire` and plays them as a server.
//!
//! The format is described in that folder's README. A broken file is a broken checkout, so everything here panics with
//! the file and line.

mod case;
mod player;

pub use case::{Case, Driver, Expected, Step, cases};
pub use player::Player;
