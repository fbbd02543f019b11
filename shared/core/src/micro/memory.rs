//! Workload `memory`: what a sleeping task holds, by the kernel's count and by the allocator's.

use super::{Log, Measured, on, part};
use crate::http::RequestError;
use crate::proc_self::resident_bytes;
use crate::{Runtime, heap};
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tandem_records::Status;

/// Sleeping tasks at once; each level adds to the one before.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// Tasks that have come and gone before: threads and queues are there.
const WARM: u64 = 1_000;
/// Far enough that no timer fires.
const FAR: Duration = Duration::from_secs(3600);
/// Between two looks at whether all tasks sleep.
const LOOK: Duration = Duration::from_millis(5);

/// Tasks that have been polled. A static, because a task's own share of a counter would be part of what is measured.
static ASLEEP: AtomicU64 = AtomicU64::new(0);

/// What the process holds.
#[derive(Clone, Copy)]
pub(super) struct Held {
    resident: Option<u64>,
    allocated: Option<u64>,
}

impl Held {
    pub fn now() -> Self {
        Held { resident: resident_bytes(), allocated: heap::bytes_in_use() }
    }

    /// Keeps what has been added since `before`, by both counts.
    pub fn keep(before: Held, log: &mut Log, case: &str, batch: u32, operations: u64) {
        let now = Held::now();
        let more = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        log.bytes(&format!("{case}/resident"), batch, operations, more(now.resident, before.resident));
        log.bytes(&format!("{case}/allocated"), batch, operations, more(now.allocated, before.allocated));
    }
}

/// Two processes: tasks do not go away again on every runtime, and what was freed would be used again.
pub(super) fn measure() -> Measured {
    let mut log = part::run("tasks", None)?.log;
    log.extend(part::run("timers", None)?.log);
    Ok(log)
}

/// The tasks of one kind. The process ends with them asleep.
pub(super) fn part<R: Runtime>(part: &str) -> Measured {
    match part {
        "tasks" => asleep::<R, _>("task", |_| pending()),
        "timers" => asleep::<R, _>("task with a timer", R::sleep_until),
        other => Err(RequestError::new(Status::ArmFailed, format!("workload memory has no part {other}"))),
    }
}

fn asleep<R: Runtime, S: Future<Output = ()> + Send + 'static>(
    kind: &str,
    sleep: fn(Instant) -> S,
) -> Measured {
    on::<R, _>(async {
        let mut log = Log::default();
        for _ in 0..WARM {
            R::spawn(async {}).await;
        }
        R::sleep_until(Instant::now() + LOOK).await;
        let far = Instant::now() + FAR;
        // Room for the handles is taken, and touched, before: they are not the task's.
        let most = SIZES[SIZES.len() - 1] as usize;
        let mut handles = Vec::new();
        handles.resize_with(most, || None);
        let before = Held::now();
        let mut started = 0;
        for size in SIZES {
            for handle in &mut handles[started..size as usize] {
                *handle = Some(R::spawn(async move {
                    ASLEEP.fetch_add(1, Ordering::Relaxed);
                    sleep(far).await;
                }));
            }
            started = size as usize;
            while ASLEEP.load(Ordering::Relaxed) < size {
                R::sleep_until(Instant::now() + LOOK).await;
            }
            R::sleep_until(Instant::now() + LOOK).await;
            Held::keep(before, &mut log, &format!("{kind}/{size}"), 0, size);
        }
        // Dropped, a million tasks would only cost time.
        std::mem::forget(handles);
        std::process::exit(part::tell(0, Ok(log)))
    })
}
