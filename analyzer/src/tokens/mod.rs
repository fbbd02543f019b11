//! The raw stamps of a run's tokens (`tokens/<trial>-<attempt>.stamps`, made by `sweep --tokens`): the distributions
//! that a report draws from them, and their rows as CSV for other programs.
//!
//! A file is read request by request and only counted, so that memory does not grow with the number of tokens.

mod bins;
mod error;
mod files;
mod print;
mod sample;

pub use bins::{LogBins, RELATIVE_ERROR};
pub use error::TokensError;
pub use files::files;
pub use print::{csv, table};
pub use sample::{Added, TokenSample};
