//! Fixture `spawned-agents`: the control of `joined-agents`. The same work per chunk, but each agent is a task of its own,
//! which the workers share among them.

use pathologies::{Busy, Fixture, Tokio};
use std::process::ExitCode;
use tandem_core::{Arm, http::Hyper};

struct SpawnedAgents;

impl Fixture for SpawnedAgents {
    const NAME: &'static str = "spawned-agents";
}

fn main() -> ExitCode {
    Arm::<Tokio<SpawnedAgents>>::new().client::<Busy<Hyper<Tokio<SpawnedAgents>>>>().main()
}
