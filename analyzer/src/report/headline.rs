//! The first screen in words. Every sentence is built from what the data hold, so that it is true for every
//! data set; none has an adjective that a verdict does not support.

mod caveats;
mod differs;
mod elsewhere;
mod failing;
mod own_error;
mod sentence;
mod sharing;

pub use caveats::caveats;
pub use differs::what_differs;
pub use own_error::own_error;
pub use sentence::first_sentence;
