//! The command line.

use clap::Parser;
use std::path::PathBuf;
use tandem_records::{Api, Pin};

/// Carry out a plan: every trial in its own process, in shuffled complete blocks, into data/runs/<id>/.
///
/// Exit codes: 0 ok, 1 internal error, 2 usage or plan, 3 server unusable, 4 finished with failed trials,
/// 130 interrupted. After 4 and 130 the rows are valid and `--run ID` goes on.
#[derive(Debug, Clone, Parser)]
#[command(name = "sweep", version)]
pub struct Args {
    /// Plan: a name in the folder of plans, or a TOML file [default: quick, or the plan of the run that goes on]
    #[arg(long, value_name = "NAME|FILE")]
    pub plan: Option<String>,
    /// Servers: sim, ollama (127.0.0.1:11434 and 11435), or base URLs separated by commas [default: sim]
    #[arg(long, value_name = "sim|ollama|URL,…")]
    pub servers: Option<String>,
    /// Model as the servers name it [default: the only one they have in common]
    #[arg(long)]
    pub model: Option<String>,
    /// Dialect, in place of the plan's
    #[arg(long, value_enum)]
    pub api: Option<Api>,
    /// Blocks of every set, in place of the plan's
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub blocks: Option<u32>,
    /// Master seed of order and work, in place of the plan's
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where arms and simulators may run, in place of the plan's: apart puts simulators on the first half of the CPUs and
    /// arms on the second; on real servers it puts the arms there
    #[arg(long, value_enum)]
    pub pin: Option<Pin>,
    /// Simulators at the plan's full times and lengths, where it scales them down
    #[arg(long)]
    pub full_scale: bool,
    /// Keep the raw stamps of every token in the run's folder tokens/, about 10 bytes a token
    #[arg(long)]
    pub tokens: bool,
    /// Name of the run; one that exists goes on where it stopped, a new one needs --plan [default: UTC date, time and plan]
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Go on with a run although its arms were built anew
    #[arg(long, requires = "run")]
    pub mix_builds: bool,
    /// Folder of the arms and of ollama-sim [default: the folder of this program]
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<PathBuf>,
    /// Folder of plans
    #[arg(long, value_name = "DIR", default_value = "data/plans")]
    pub plans_dir: PathBuf,
    /// Folder of runs
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// Calibration of this machine, as `make calibrate` writes it
    #[arg(long, value_name = "FILE", default_value = "data/calibration.json")]
    pub calibration: PathBuf,
    /// Time limit of one trial in seconds [default: from the plan]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub trial_timeout_s: Option<u64>,
    /// Print the trials in order and how long they will take, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}
