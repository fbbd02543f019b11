//! Workload `behaviour`: the facts that every arm also checks of itself in its tests.

use super::{Log, Measured};
use crate::Runtime;
use crate::conformance;

pub(super) fn measure<R: Runtime>() -> Measured {
    let mut log = Log::default();
    for fact in conformance::facts::<R>() {
        log.fact(fact.name, fact.holds, fact.elapsed_ns);
    }
    Ok(log)
}
