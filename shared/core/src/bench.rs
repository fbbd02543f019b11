//! What is measured and fuzzed besides the public items; no part of the library's interface.

pub use crate::http::framing::{Body, Head, Step};
pub use crate::wire::{read_ollama_line, read_ollama_line_typed};
