//! A scope: tasks that all end before it does.

use super::cancel::Guard;
use super::{CancelToken, captured};
use crate::Runtime;
use std::future::Future;

/// What ended a scope early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError<E> {
    /// A child failed.
    #[error("{0}")]
    Failed(E),
    /// A child panicked.
    #[error("panicked: {0}")]
    Panicked(String),
}

/// Runs each child as a task and returns what they return, in their order, once all of them have ended. The first that
/// fails or panics cancels the others, each at its next wait. Dropped, the scope cancels them too; they then end by
/// themselves.
///
/// # Errors
/// What the first child that failed, in their order, failed with.
pub async fn scope<R, T, E, F>(children: impl IntoIterator<Item = F>) -> Result<Vec<T>, ScopeError<E>>
where
    R: Runtime,
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let token = CancelToken::new();
    let _cancels = Guard(&token);
    let start = |child: F| {
        let token = token.clone();
        R::spawn(async move {
            let ended = match token.unless_cancelled(captured(child)).await? {
                Ok(Ok(value)) => return Some(Ok(value)),
                Ok(Err(error)) => ScopeError::Failed(error),
                Err(panic) => ScopeError::Panicked(panic),
            };
            token.cancel();
            Some(Err(ended))
        })
    };
    let tasks: Vec<_> = children.into_iter().map(start).collect();
    let mut values = Vec::with_capacity(tasks.len());
    let mut failed = None;
    for task in tasks {
        match task.await {
            Some(Ok(value)) => values.push(value),
            Some(Err(error)) => failed = failed.or(Some(error)),
            // Cancelled: the one that failed is, or will be, among the others.
            None => {}
        }
    }
    failed.map_or(Ok(values), Err)
}
