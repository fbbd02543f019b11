//! Structured concurrency on any runtime: a time limit, a token that cancels, a panic that stays inside, and a scope that
//! outlives none of its children. The agents use them, and so do the micro workloads.

mod cancel;
mod panic;
mod scope;
#[cfg(test)]
mod tests;
mod timeout;

pub use cancel::CancelToken;
pub use panic::captured;
pub use scope::{ScopeError, scope};
pub use timeout::timeout;
