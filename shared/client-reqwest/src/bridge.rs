//! Where reqwest's Tokio runtime comes from.

use std::future::Future;

/// The way into a Tokio context.
pub trait Bridge: 'static {
    /// Label in column `bridge`.
    const LABEL: &'static str;
    /// Packages of the lock file, for the receipt.
    const PACKAGES: &'static [&'static str];
    /// Wraps an agent's future.
    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send;
}

/// The arm runs on Tokio itself.
pub struct Direct;

impl Bridge for Direct {
    const LABEL: &'static str = "";
    const PACKAGES: &'static [&'static str] = &["reqwest", "hyper"];
    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        future
    }
}

/// The agent runs on another runtime, its connections on the hidden single-thread Tokio runtime of async-compat.
pub struct ViaTokio;

impl Bridge for ViaTokio {
    const LABEL: &'static str = tandem_records::VIA_TOKIO_BRIDGE;
    const PACKAGES: &'static [&'static str] = &["reqwest", "hyper", "async-compat", "tokio"];
    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        async_compat::Compat::new(future)
    }
}
