use super::*;
use crate::Runtime;
use crate::scripted::Scripted;
use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn run<T>(future: impl Future<Output = T>) -> T {
    Scripted::block_on(future).expect("this runtime needs no building")
}

#[test]
fn work_that_is_done_beats_its_time_limit() {
    assert_eq!(run(timeout::<Scripted, _>(Duration::ZERO, ready(7))), Some(7));
}

#[test]
fn a_panic_becomes_its_text() {
    assert_eq!(run(captured(async { 7 })), Ok(7));
    assert_eq!(run(captured(async { panic!("plain") })), Err::<(), _>("plain".into()));
    assert_eq!(run(captured(async { panic!("number {}", 7) })), Err::<(), _>("number 7".into()));
    let odd = captured(async { std::panic::panic_any(7) });
    assert_eq!(run(odd), Err::<(), _>("panic without a text".into()));
}

#[test]
fn a_token_is_heard_before_and_after_it_is_told() {
    let token = CancelToken::new();
    assert_eq!(run(token.unless_cancelled(ready(7))), Some(7));
    let heard = Scripted::spawn({
        let token = token.clone();
        async move { token.unless_cancelled(pending::<()>()).await }
    });
    assert!(!token.is_cancelled());
    token.cancel();
    assert_eq!(run(heard), None);
    assert_eq!(run(token.unless_cancelled(pending::<()>())), None, "told before it listened");
    assert_eq!(run(token.unless_cancelled(ready(7))), Some(7), "work that needs no wait is not lost");
}

#[test]
fn a_scope_gives_the_values_in_the_order_of_its_children() {
    let children = (0..4).map(|number| async move { Ok::<_, Infallible>(number) });
    assert_eq!(run(scope::<Scripted, _, _, _>(children)), Ok(vec![0, 1, 2, 3]));
}

#[test]
fn the_first_failure_ends_the_others_before_the_scope_ends() {
    /// Counts itself out when it is dropped.
    struct Alive(Arc<AtomicUsize>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    for panics in [false, true] {
        let alive = Arc::new(AtomicUsize::new(3));
        let child = |number: usize| {
            let here = Alive(alive.clone());
            async move {
                let _here = here;
                if number == 1 {
                    assert!(!panics, "on purpose");
                    return Err("failed");
                }
                pending().await
            }
        };
        let ended: Result<Vec<()>, _> = run(scope::<Scripted, _, _, _>((0..3).map(child)));
        let wanted =
            if panics { ScopeError::Panicked("on purpose".into()) } else { ScopeError::Failed("failed") };
        assert_eq!(ended, Err(wanted));
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
}
