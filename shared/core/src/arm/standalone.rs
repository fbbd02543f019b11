//! An arm without a runtime: its crew is the whole program below the trial.

use super::{Arm, LinkedClient, Work};
use crate::crew::Standalone;
use crate::now_ns;
use crate::trial::{self, Identity, Setup};
use futures_lite::future;
use std::io;
use tandem_records::{ArmReport, Stage, Workload};

impl Arm<()> {
    /// An arm without a runtime and, yet, without a crew; these packages of the lock file stand in for the runtime's.
    pub fn bare(name: &'static str, packages: &'static [&'static str]) -> Self {
        Arm::named(name, packages)
    }

    /// Links a crew.
    #[must_use]
    pub fn crew<K: Standalone>(mut self) -> Self {
        self.clients.push(LinkedClient {
            kind: K::CLIENT,
            packages: K::PACKAGES,
            workloads: &[Workload::Stream, Workload::Flood],
            run: run::<K>,
        });
        self
    }
}

/// Builds the crew, timed as a runtime is, and runs the trial with it. The workloads of a standalone crew need no telling
/// apart: they differ only in how the server paces them.
fn run<K: Standalone>(name: &'static str, setup: Setup, _work: Work) -> io::Result<ArmReport> {
    let identity = Identity { runtime: name, client: K::CLIENT, bridge: "" };
    let before_ns = now_ns();
    let crew = K::new(setup.agents.len(), setup.permits, setup.protocol)?;
    let startup_ns = now_ns() - before_ns;
    Ok(future::block_on(trial::conduct(setup, crew, identity, Stage::Stream, startup_ns)))
}
