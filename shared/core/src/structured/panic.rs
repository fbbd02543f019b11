//! A panic that ends one future and nothing else.

use futures_lite::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;

/// Runs `work`; a panic inside it becomes its text. What `work` shared with others may be half changed.
///
/// # Errors
/// The panic's text.
pub async fn captured<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_string());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "panic without a text".into())
    })
}
