//! A token that tells any number of tasks to stop.

use event_listener::Event;
use futures_lite::future;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Told once, by anyone who has a copy; heard by all, also by those who begin to listen later.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<State>);

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    told: Event,
}

impl CancelToken {
    /// A token that has not been told.
    pub fn new() -> Self {
        CancelToken::default()
    }

    /// Tells everyone to stop.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.0.told.notify(usize::MAX);
    }

    /// Whether it has been told.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Waits until it is told.
    pub async fn cancelled(&self) {
        // Listening before looking means that the word cannot come between the two.
        let told = self.0.told.listen();
        if !self.is_cancelled() {
            told.await;
        }
    }

    /// Runs `work` until it is done, or drops it at its next wait once the token is told: then `None`.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        future::or(async { Some(work.await) }, async {
            self.cancelled().await;
            None
        })
        .await
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Tells its token when it is dropped.
pub(super) struct Guard<'a>(pub &'a CancelToken);
