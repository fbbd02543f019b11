//! Fixture `mutex-across-agent`: the study's async-std arm guarded its agents with a mutex in place of a semaphore, held
//! for an agent's whole work. One permit is that mutex; on Tokio, because the runtime has no part in it.

use pathologies::{Fixture, Tokio};
use std::process::ExitCode;
use tandem_core::{Arm, http::Hyper};

struct MutexAcrossAgent;

impl Fixture for MutexAcrossAgent {
    const NAME: &'static str = "mutex-across-agent";
}

fn main() -> ExitCode {
    Arm::<Tokio<MutexAcrossAgent>>::new().client::<Hyper<Tokio<MutexAcrossAgent>>>().permits(1).main()
}
