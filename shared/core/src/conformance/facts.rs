//! What holds for tasks that panic, are cancelled or are shut down, each found out by doing it.

use super::endless_server;
use crate::exchange::{Protocol, Session};
use crate::http::{Client, Hyper, Reading, Target};
use crate::structured::{CancelToken, ScopeError, captured, scope, timeout};
use crate::wire::Recorder;
use crate::{Runtime, now_ns};
use bytes::Bytes;
use std::future::{Future, pending};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tandem_records::{Api, Endpoint, Stage};

/// Something that holds on a runtime, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What.
    pub name: &'static str,
    /// Whether it was so.
    pub holds: bool,
    /// How long it took to show, from what caused it on; for a time limit, how late it was.
    pub elapsed_ns: u64,
}

/// The fact in which runtimes differ.
pub(super) const DROPPED_HANDLE: &str = "dropping the handle of a task ends the task";

/// What does not show within this time does not hold.
const PATIENCE: Duration = Duration::from_secs(10);
/// A sleep that nothing waits for to its end.
const LONG: Duration = Duration::from_secs(3600);
/// Time for tasks to begin to wait, and for one that lives on to show that it does.
const MOMENT: Duration = Duration::from_millis(20);
/// Children of a scope, streams in flight.
const TASKS: usize = 16;

/// Finds out all of them, one after the other.
pub fn facts<R: Runtime>() -> Vec<Fact> {
    vec![
        on::<R>("a task that panics ends alone, with its text", panic_is_captured::<R>()),
        on::<R>("the runtime lives after a panic", lives_after_a_panic::<R>()),
        on::<R>("a cancelled future drops what it holds at once", drop_is_prompt::<R>()),
        on::<R>("a token ends a sleeping task", token_ends_a_task::<R>()),
        on::<R>("a time limit ends waiting work", limit_ends_work::<R>()),
        on::<R>(DROPPED_HANDLE, dropped_handle_ends_a_task::<R>()),
        on::<R>("a scope ends after all its children", scope_waits::<R>()),
        on::<R>("the first error ends a scope's other children", error_ends_siblings::<R>()),
        on::<R>("streams in flight end when told to, and the runtime shuts down", streams_end::<R>()),
        on::<R>("a future that is not Send runs in block_on", not_send::<R>()),
        on::<R>("the runtime can be entered again", async { (true, 0) }),
    ]
}

/// Runs one on the runtime, entered anew; the time that the runtime takes to shut down is part of none.
fn on<R: Runtime>(name: &'static str, found: impl Future<Output = (bool, u64)>) -> Fact {
    let found = R::block_on(timeout::<R, _>(PATIENCE, found));
    let (holds, elapsed_ns) = found.ok().flatten().unwrap_or((false, 0));
    Fact { name, holds, elapsed_ns }
}

async fn a_moment<R: Runtime>() {
    R::sleep_until(Instant::now() + MOMENT).await;
}

/// Counts itself out when it is dropped.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Alive(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A panic that is meant: its message does not go to standard error.
async fn panics() {
    std::panic::resume_unwind(Box::new("on purpose"));
}

async fn panic_is_captured<R: Runtime>() -> (bool, u64) {
    let at = now_ns();
    let ended = R::spawn(captured(panics())).await;
    (ended == Err("on purpose".into()), now_ns() - at)
}

async fn lives_after_a_panic<R: Runtime>() -> (bool, u64) {
    let _ = R::spawn(captured(panics())).await;
    let at = now_ns();
    let tasks: Vec<_> = (0..TASKS).map(|number| R::spawn(async move { number })).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await;
    }
    (sum == TASKS * (TASKS - 1) / 2, now_ns() - at)
}

async fn drop_is_prompt<R: Runtime>() -> (bool, u64) {
    let alive = Arc::new(AtomicUsize::new(0));
    let held = Alive::new(&alive);
    let work = async move {
        let _held = held;
        R::sleep_until(Instant::now() + LONG).await;
    };
    let none = timeout::<R, _>(MOMENT, work).await;
    let at = now_ns();
    (none.is_none() && alive.load(Ordering::SeqCst) == 0, now_ns() - at)
}

async fn token_ends_a_task<R: Runtime>() -> (bool, u64) {
    let token = CancelToken::new();
    let sleeper = R::spawn({
        let token = token.clone();
        async move { token.unless_cancelled(R::sleep_until(Instant::now() + LONG)).await }
    });
    a_moment::<R>().await;
    let at = now_ns();
    token.cancel();
    (sleeper.await.is_none(), now_ns() - at)
}

async fn limit_ends_work<R: Runtime>() -> (bool, u64) {
    let at = now_ns();
    let ended = timeout::<R, _>(MOMENT, pending::<()>()).await;
    let took_ns = now_ns() - at;
    let limit_ns = MOMENT.as_nanos() as u64;
    (ended.is_none() && took_ns >= limit_ns, took_ns.saturating_sub(limit_ns))
}

async fn dropped_handle_ends_a_task<R: Runtime>() -> (bool, u64) {
    let alive = Arc::new(AtomicUsize::new(0));
    let held = Alive::new(&alive);
    let task = R::spawn(async move {
        let _held = held;
        // Short enough that a task that lives on does not hold the runtime up for long.
        R::sleep_until(Instant::now() + MOMENT * 10).await;
    });
    a_moment::<R>().await;
    let at = now_ns();
    drop(task);
    let limit = Instant::now() + MOMENT;
    while alive.load(Ordering::SeqCst) > 0 && Instant::now() < limit {
        R::sleep_until(Instant::now() + MOMENT / 20).await;
    }
    (alive.load(Ordering::SeqCst) == 0, now_ns() - at)
}

async fn scope_waits<R: Runtime>() -> (bool, u64) {
    let alive = Arc::new(AtomicUsize::new(0));
    let child = |number: usize| {
        let held = Alive::new(&alive);
        async move {
            let _held = held;
            R::sleep_until(Instant::now() + Duration::from_millis(number as u64)).await;
            Ok::<_, ()>(number)
        }
    };
    let children: Vec<_> = (0..TASKS).map(child).collect();
    let at = now_ns();
    let ended = scope::<R, _, _, _>(children).await;
    (ended == Ok((0..TASKS).collect()) && alive.load(Ordering::SeqCst) == 0, now_ns() - at)
}

async fn error_ends_siblings<R: Runtime>() -> (bool, u64) {
    let alive = Arc::new(AtomicUsize::new(0));
    let failed_ns = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let child = |number: usize| {
        let (held, failed_ns) = (Alive::new(&alive), failed_ns.clone());
        async move {
            let _held = held;
            if number == TASKS / 2 {
                R::sleep_until(Instant::now() + MOMENT).await;
                failed_ns.store(now_ns(), Ordering::SeqCst);
                return Err("failed");
            }
            R::sleep_until(Instant::now() + LONG).await;
            Ok(())
        }
    };
    let children: Vec<_> = (0..TASKS).map(child).collect();
    let ended = scope::<R, _, _, _>(children).await;
    let elapsed_ns = now_ns().saturating_sub(failed_ns.load(Ordering::SeqCst));
    (ended == Err(ScopeError::Failed("failed")) && alive.load(Ordering::SeqCst) == 0, elapsed_ns)
}

/// Streams of an endless server, read as agents read them.
async fn streams_end<R: Runtime>() -> (bool, u64) {
    let Some(target) = endless_server::start(TASKS).ok().and_then(|url| Target::parse(&url).ok()) else {
        return (false, 0);
    };
    let protocol = Protocol {
        api: Api::Ollama,
        endpoint: Endpoint::Generate,
        path: "/api/generate",
        timeout: PATIENCE,
        reading: Reading::default(),
    };
    let token = CancelToken::new();
    let stream = |_| {
        let (token, target) = (token.clone(), target.clone());
        R::spawn(async move {
            let Ok(client) = Hyper::<R>::new(&target, protocol.reading) else { return false };
            let mut session = Session::<R, _>::new(client, protocol);
            let body = Bytes::from_static(b"{}");
            let asked = session.exchange(Stage::Stream, body, Recorder::with_capacity(64));
            token.unless_cancelled(asked).await.is_none()
        })
    };
    let tasks: Vec<_> = (0..TASKS).map(stream).collect();
    a_moment::<R>().await;
    let at = now_ns();
    token.cancel();
    let mut all_ended = true;
    for task in tasks {
        all_ended &= task.await;
    }
    (all_ended, now_ns() - at)
}

async fn not_send<R: Runtime>() -> (bool, u64) {
    let at = now_ns();
    let here = Rc::new(7);
    R::sleep_until(Instant::now()).await;
    (*here == 7, now_ns() - at)
}
