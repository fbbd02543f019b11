//! Known faults of clients, one program each, to see that the instrument shows them and by which sign.
//!
//! Each is an arm but for one thing, and everything else is that of `tokio-default` on hyper wherever the fault allows:
//! what a program shows against that baseline is its fault. None is an arm of the comparison.
//!
//! | program | fault | sign |
//! |---|---|---|
//! | `mutex-across-agent` | one lock held for an agent's whole work | overlap .5, ratio_tr115 .5 |
//! | `blocking-inside-task` | a task blocks its executor's one thread on another runtime | overlap .5, ratio_tr115 .5 |
//! | `hold-back-1024` | body bytes are held back until 1024 are there | TTFT later, gaps in bursts, efficiency as ever |
//! | `joined-agents` | agents with work of their own polled in one task | isolation well under 1 |
//! | `late-200us`, `late-2ms` | every chunk handed on so much late | added delay larger by just that: the calibration |
//! | `spawned-agents` | none: the control of `joined-agents`, with the same work | isolation near 1 |

mod block_on_tokio;
mod busy;
mod hold_back;
mod late_by;
mod tokio_runtime;

pub use block_on_tokio::BlockOnTokio;
pub use busy::{Busy, WORK};
pub use hold_back::{HELD_BYTES, HoldBack};
pub use late_by::LateBy;
pub use tokio_runtime::Tokio;

/// A program of this crate.
pub trait Fixture: 'static {
    /// Its name: file in src/bin/, binary, and value of the column `runtime`.
    const NAME: &'static str;
}

/// How late a fixture of the calibration is.
pub trait HeldTime: 'static {
    /// Time from when the client has a chunk to when the agent gets it.
    const HELD: std::time::Duration;
}
