//! What the benchmarks measure besides the public items; no part of the library's interface.

pub use crate::http::lean::{Body, Step};
pub use crate::wire::{read_ollama_line, read_ollama_line_typed};
