//! A time limit by the runtime's own timer.

use crate::Runtime;
use futures_lite::future;
use std::future::Future;
use std::time::{Duration, Instant};

/// Runs `work` until the runtime's own timer says that the time is over; `None` if it was not done by then. `work` is
/// polled first, and dropped before this returns.
pub async fn timeout<R: Runtime, T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    future::or(async { Some(work.await) }, async {
        R::sleep_until(Instant::now() + limit).await;
        None
    })
    .await
}
