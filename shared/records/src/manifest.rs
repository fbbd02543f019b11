//! `manifest.json`: the circumstances of a run, written before its first trial.

use crate::{Calibration, RequestField, ServerKind};
use serde::{Deserialize, Serialize};

/// The circumstances of a run. Everything a reader needs to judge or repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this schema.
    pub schema_version: u32,
    /// Name of the run.
    pub run_id: String,
    /// UTC, RFC 3339.
    pub created_utc: String,
    /// The command that makes this run.
    pub command: String,
    /// The plan.
    pub plan: PlanRef,
    /// Master seed of order and work.
    pub seed: u64,
    /// Number of blocks.
    pub blocks: u32,
    /// Number of planned trials.
    pub trials: u32,
    /// Arm label that the others are compared with.
    pub baseline: String,
    /// Arm without a runtime that every other is shown as a ratio to; `None` where the plan has none.
    pub floor: Option<String>,
    /// Equivalence margin for efficiency, as a fraction (0.005 is 0.5 percentage points).
    pub margin_efficiency: f64,
    /// Equivalence margin for times, on the log scale (0.05 is 5 %).
    pub margin_log_time: f64,
    /// Git revision of the source, with `-dirty` when changed; empty outside a checkout.
    pub git_revision: String,
    /// SHA-256 or XXH3 of Cargo.lock, with the algorithm's name in front.
    pub lock_file_hash: String,
    /// Cargo profile of the arms.
    pub profile: String,
    /// The machine.
    pub machine: Machine,
    /// What is known of the instrument on this machine; `None` where it was not calibrated.
    pub calibration: Option<Calibration>,
    /// One receipt per binary.
    pub arms: Vec<ArmReceipt>,
    /// The servers.
    pub servers: Vec<ServerRecord>,
    /// What the driver found out before the first trial and changed or wants known, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// The plan that a run carries out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRef {
    /// Name of the plan.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Names of its sets in plan order, the most important first; the run's rows are shuffled.
    pub sets: Vec<String>,
    /// Names of the sets whose contrasts are shown without a verdict and belong to no family.
    pub exploratory_sets: Vec<String>,
    /// The cell whose contrasts are the primary family, fixed before the first trial; `None` where the plan judges no cell by
    /// efficiency, and in runs made before there was one.
    #[serde(default)]
    pub primary_cell: Option<String>,
    /// Whether simulators ran at the full times and lengths of a plan that scales them down by default.
    pub full_scale: bool,
    /// The whole plan file, so that the run can be repeated.
    pub text: String,
}

/// The machine a run was made on. `None` means that the machine does not tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system and kernel release.
    pub kernel: String,
    /// CPU model.
    pub cpu: Option<String>,
    /// Logical CPUs.
    pub cpus: u32,
    /// Frequency governor.
    pub governor: Option<String>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Virtual machine or container, where one can be told.
    pub virtualisation: Option<String>,
    /// Load average over one minute before the first trial.
    pub load_1m: Option<f64>,
    /// Clock source of the kernel.
    pub clock_source: Option<String>,
    /// Largest number of open files.
    pub max_open_files: Option<u64>,
}

/// What an arm's `--version` printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmReceipt {
    /// Binary name.
    pub arm: String,
    /// Text of `--version`.
    pub version: String,
    /// `xxh3:<hash>` of the binary, which tells two builds of the same revision apart; `None` in runs made before it was
    /// kept.
    #[serde(default)]
    pub hash: Option<String>,
}

/// One server of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerRecord {
    /// Plan set that uses it; empty when all do.
    pub set: String,
    /// Base URL; for a simulator the port is chosen by the system.
    pub url: String,
    /// Kind.
    pub kind: ServerKind,
    /// What the server says of its version.
    pub version: Option<String>,
    /// Model measured.
    pub model: String,
    /// Digest of the model, where the server tells.
    pub model_digest: Option<String>,
    /// Digest over the model's layers, which copies made apart have in common; `None` where the server does not tell.
    #[serde(default)]
    pub layers_digest: Option<String>,
    /// Whether it runs on this machine; `None` in runs of before schema version 4.
    #[serde(default)]
    pub on_this_machine: Option<bool>,
    /// Streams that it generates at once, as measured before the run; `None` where that was not measured.
    #[serde(default)]
    pub slots: Option<u32>,
    /// Bytes of the loaded model; `None` where the server does not tell.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// Bytes of these on a GPU; 0 is a model on the CPU.
    #[serde(default)]
    pub size_vram_bytes: Option<u64>,
    /// Fields that requests to it leave out because it refuses them.
    #[serde(default)]
    pub left_out: Vec<RequestField>,
    /// The simulator's command line; empty for other servers.
    pub command: String,
}
