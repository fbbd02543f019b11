//! What `make calibrate` found out about the instrument itself on this machine. Part of every later run's manifest.

use crate::Machine;
use serde::{Deserialize, Serialize};

/// The instrument's own error on one machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Version of this schema.
    pub schema_version: u32,
    /// Run of the plan `calibration` that it was computed from.
    pub run_id: String,
    /// When that run was made: UTC, RFC 3339.
    pub measured_utc: String,
    /// The machine; a calibration speaks of no other.
    pub machine: Machine,
    /// Git revision of the source.
    pub git_revision: String,
    /// What the measuring itself costs; `None` where it was not timed.
    pub costs: Option<OwnCosts>,
    /// Median over trials of the simulator's median lateness in ns.
    pub late_p50_ns: Option<f64>,
    /// Median over trials of its 99th percentile.
    pub late_p99_ns: Option<f64>,
    /// Its latest write.
    pub late_max_ns: Option<f64>,
    /// Least delivered concurrency of a trial that asked for 64 streams at once, a fraction.
    pub least_concurrency: Option<f64>,
    /// The baseline against itself by efficiency, a fraction: lower and upper end of the 95 % interval.
    pub aa_efficiency: Option<(f64, f64)>,
    /// The baseline against itself by the median added delay, ns: lower and upper end of the 95 % interval.
    pub aa_delay_ns: Option<(f64, f64)>,
    /// Known effects that were put in, and what came out.
    pub injected: Vec<Injected>,
}

/// CPU time of the measuring itself, per call on one thread: medians over batches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OwnCosts {
    /// One reading of CLOCK_MONOTONIC, ns.
    pub clock_ns: f64,
    /// Recording one token (stamp and text), ns.
    pub record_ns: f64,
    /// Reading one line of the wire up to the recorded token, ns; contains `record_ns`.
    pub line_ns: f64,
}

/// A known effect and its recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Injected {
    /// What was put in, in words.
    pub what: String,
    /// Unit of the numbers.
    pub unit: String,
    /// Its true size.
    pub truth: f64,
    /// What the instrument read; `None` where no trial tells.
    pub estimate: Option<f64>,
    /// 95 % interval of that.
    pub ci: Option<(f64, f64)>,
    /// Deviation that the injection itself cannot avoid.
    pub tolerance: f64,
}

impl Injected {
    /// Whether the interval, widened by the injection's own tolerance, contains the truth. Without an interval nothing is
    /// recovered.
    pub fn is_recovered(&self) -> bool {
        self.is_within(1.0)
    }

    /// Whether the truth lies further off than an interval of twice the width, widened by the tolerance: no chance of this
    /// size happens in a thousand calibrations, while one sound interval in twenty does not contain the truth.
    pub fn is_missed(&self) -> bool {
        self.ci.is_some() && !self.is_within(2.0)
    }

    /// Whether the truth lies in the interval widened about its middle and by the tolerance.
    fn is_within(&self, times: f64) -> bool {
        self.ci.is_some_and(|(lo, hi)| {
            let reach = times * (hi - lo) / 2.0 + self.tolerance;
            ((lo + hi) / 2.0 - self.truth).abs() <= reach
        })
    }
}

impl Calibration {
    /// Whether it speaks of this machine: same CPU, number of CPUs, kernel, clock source and virtualisation.
    pub fn is_of(&self, machine: &Machine) -> bool {
        let key = |m: &Machine| {
            (m.cpu.clone(), m.cpus, m.kernel.clone(), m.clock_source.clone(), m.virtualisation.clone())
        };
        key(&self.machine) == key(machine)
    }

    /// Whether every known effect was recovered.
    pub fn is_sound(&self) -> bool {
        !self.injected.is_empty() && self.injected.iter().all(Injected::is_recovered)
    }

    /// The known effects that the instrument missed: what it reads on this machine cannot be believed.
    pub fn missed(&self) -> impl Iterator<Item = &Injected> {
        self.injected.iter().filter(|injected| injected.is_missed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injected(ci: Option<(f64, f64)>, tolerance: f64) -> Injected {
        let (what, unit) = ("delay".into(), "µs".into());
        Injected { what, unit, truth: 200.0, estimate: ci.map(|ci| (ci.0 + ci.1) / 2.0), ci, tolerance }
    }

    #[test]
    fn an_effect_is_recovered_only_inside_its_interval_and_tolerance() {
        for (ci, tolerance, recovered) in [
            (Some((195.0, 205.0)), 0.0, true),
            (Some((201.0, 205.0)), 0.0, false),
            (Some((201.0, 205.0)), 2.0, true),
            (Some((190.0, 197.0)), 2.0, false),
            (None, 1e9, false),
        ] {
            assert_eq!(injected(ci, tolerance).is_recovered(), recovered, "{ci:?} {tolerance}");
        }
    }

    #[test]
    fn an_effect_is_missed_only_beyond_twice_its_interval() {
        for (ci, tolerance, missed) in [
            (Some((195.0, 205.0)), 0.0, false),
            (Some((201.0, 205.0)), 0.0, false),
            (Some((202.0, 204.0)), 0.0, true),
            (Some((202.0, 204.0)), 1.0, false),
            (None, 0.0, false),
        ] {
            assert_eq!(injected(ci, tolerance).is_missed(), missed, "{ci:?} {tolerance}");
        }
    }
}
