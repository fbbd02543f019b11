//! How long a task goes on with what is always ready, before the time limit and the other tasks have their turn.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, ready};

/// Bytes that a task may take from its connection in one turn: some 1,500 tokens, which take less than a millisecond, or 32 reads of hyper's
/// first room. A paced stream waits after each read and never comes near.
const TURN_BYTES: usize = 256 * 1024;

thread_local! {
    /// Turns on this thread that ended without a wait.
    static CUT: Cell<u32> = const { Cell::new(0) };
}

/// What a chunk counts where its bytes are read elsewhere: 128 of them are a turn, as many as Tokio allows.
const CHUNK_BYTES: usize = TURN_BYTES / 128;

/// What is left of a task's turn. A future that is always ready never goes back to its executor: a server that never pauses would
/// switch off the time limit, which is a timer, and stop every other agent of the thread.
#[derive(Debug)]
pub struct Turn {
    bytes_left: usize,
}

impl Default for Turn {
    fn default() -> Self {
        Turn { bytes_left: TURN_BYTES }
    }
}

impl Turn {
    /// Takes part of the turn for a read of at most so many bytes. Where nothing is left, the task is woken and waits once.
    pub fn poll_take(&mut self, cx: &mut Context<'_>, bytes: usize) -> Poll<()> {
        if self.bytes_left == 0 {
            self.end();
            CUT.set(CUT.get().wrapping_add(1));
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        Poll::Ready(())
    }

    /// The task waits: its next turn is a whole one.
    pub fn end(&mut self) {
        *self = Turn::default();
    }

    /// Polls a future and tells whether a turn was cut meanwhile, so that it is time to look at the clock: a runtime looks at its timers when
    /// nothing is ready, or, Tokio on one thread, after 61 polls of what is.
    pub fn poll_and_tell<T>(poll: impl FnOnce() -> Poll<T>) -> (Poll<T>, bool) {
        let before = CUT.get();
        let polled = poll();
        (polled, CUT.get() != before)
    }

    /// Waits for a chunk whose bytes are read by somebody else.
    pub async fn chunk<T>(&mut self, chunk: impl Future<Output = T>) -> T {
        let mut chunk = pin!(chunk);
        poll_fn(|cx| {
            ready!(self.poll_take(cx, CHUNK_BYTES));
            let polled = chunk.as_mut().poll(cx);
            if polled.is_pending() {
                self.end();
            }
            polled
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future;
    use std::future::{pending, ready};

    /// How many of these are taken before the task gives way.
    fn taken_in_a_turn(turn: &mut Turn, chunk: impl Fn() -> Poll<()>) -> usize {
        let give = || async {
            if chunk().is_pending() {
                pending().await
            }
        };
        (0..1000).take_while(|_| future::block_on(future::poll_once(turn.chunk(give()))).is_some()).count()
    }

    #[test]
    fn a_task_with_what_is_always_ready_gives_way_again_and_again() {
        let mut turn = Turn::default();
        for _ in 0..3 {
            assert_eq!(taken_in_a_turn(&mut turn, || Poll::Ready(())), TURN_BYTES / CHUNK_BYTES);
        }
        // It is awake again at once: nothing is lost.
        assert_eq!(future::block_on(turn.chunk(ready(7))), 7);
    }

    #[test]
    fn a_wait_ends_the_turn() {
        let mut turn = Turn::default();
        for _ in 0..3 {
            assert!(future::block_on(future::poll_once(turn.chunk(ready(())))).is_some());
            assert_eq!(taken_in_a_turn(&mut turn, || Poll::Pending), 0);
            assert_eq!(turn.bytes_left, TURN_BYTES);
        }
    }
}
