//! The command line of `analyzer`.

use analyzer::compare::Quantity;
use clap::{Args, Parser, Subcommand};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// From the CSV files of a run to statistics, charts and a report.
#[derive(Debug, Parser)]
#[command(name = "analyzer", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write reports/<id> (README.md with charts, index.html, summary.json), and print the verdict table
    Report(ReportArgs),
    /// Write reports/<A>-vs-<B>/README.md with charts: what changed between two runs, and print the verdict table
    Compare(CompareArgs),
    /// Write reports/tr115/README.md with charts from the published study's own rows, and print the answer
    ImportTr115(ImportTr115Args),
    /// Analyse a column of any CSV file by groups: print a table, or JSON
    Stats(StatsArgs),
    /// Show the raw token stamps of a run that keeps them (sweep --tokens): a table, or every token as CSV
    Tokens(TokensArgs),
    /// Print the tables of all columns and statuses, as they stand in GLOSSARY.md
    Glossary {
        /// Write them into this file, between its two marks, in place of printing
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// What the instrument reads where the truth is known; exit code 1 when a known effect is not recovered
    Calibrate(CalibrateArgs),
    /// Test the statistics on made-up data whose truth is known; exit code 1 when a claim fails
    Selfcheck(SelfcheckArgs),
}

/// Which run of the plan calibration, and where the answer goes.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Name of the run or path of its folder [default: the newest run]
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Folder that holds the runs
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// What own-cost printed: the costs of the measuring itself
    #[arg(long, value_name = "FILE")]
    pub costs: Option<PathBuf>,
    /// Keep the calibration in this file, which later sweeps read
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// How much to simulate, and where the table goes.
#[derive(Debug, Args)]
pub struct SelfcheckArgs {
    /// 100,000 data sets of every kind in place of 4,000: minutes in place of seconds
    #[arg(long, conflicts_with = "data_sets")]
    pub long: bool,
    /// This many data sets of every kind [default: 4000]
    #[arg(long, value_name = "N")]
    pub data_sets: Option<NonZeroUsize>,
    /// Seed of all data
    #[arg(long, value_name = "N", default_value_t = 115)]
    pub seed: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write the table into this file, between its two marks, in place of printing
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub write: Option<PathBuf>,
}

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Name of the run or path of its folder [default: the newest run]
    #[arg(value_name = "PATH", conflicts_with = "run")]
    pub path: Option<String>,
    /// Name of the run or path of its folder [default: the newest run]
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Folder that holds the runs
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// Folder that gets the report's folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// Arm that the others are compared with [default: the plan's]
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Equivalence margin of efficiency as a fraction, 0.005 = 0.5 percentage points [default: the plan's]
    #[arg(long, value_name = "X")]
    pub margin: Option<f64>,
    /// Seed of the resampling [default: the run's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Goodput: time to first token that a request has to meet
    #[arg(long, value_name = "MS")]
    pub slo_ttft_ms: Option<f64>,
    /// Goodput: gap between tokens that 99 % of a request's gaps have to meet
    #[arg(long, value_name = "MS")]
    pub slo_itl_ms: Option<f64>,
    /// File of predictions [default: the study's, as in data/hypotheses.toml]
    #[arg(long, value_name = "FILE")]
    pub hypotheses: Option<PathBuf>,
    /// Command that the report names as its origin
    #[arg(long, value_name = "TEXT")]
    pub command: Option<String>,
}

/// Which rows of the published study, and where to.
#[derive(Debug, Args)]
pub struct ImportTr115Args {
    /// The study's runs.csv, such as data/reference/tr115/runs.csv; calls.csv is looked for beside it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Folder that gets the report's folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// Command that the report names as its origin
    #[arg(long, value_name = "TEXT")]
    pub command: Option<String>,
}

/// Which columns of which file, and how.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// CSV file, cells apart by comma, semicolon or tab; its first line names the columns; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column of the numbers
    #[arg(long, value_name = "COL")]
    pub value: String,
    /// Column that names each row's group [with --summary, may be left out: all rows are one group]
    #[arg(long, value_name = "COL", required_unless_present = "summary")]
    pub group: Option<String>,
    /// Column that names each row's block: two groups are compared in the blocks that have both, one value per block and group
    #[arg(long, value_name = "COL")]
    pub block: Option<String>,
    /// Column whose values are analysed apart; may be given several times
    #[arg(long, value_name = "COL")]
    pub by: Vec<String>,
    /// Group that comes first in every comparison [default: the file's first]
    #[arg(long, value_name = "NAME", conflicts_with = "summary")]
    pub baseline: Option<String>,
    /// Differences below this are of no consequence, in the unit of the values [default: 0.5]
    #[arg(long, value_name = "X", conflicts_with = "summary", allow_negative_numbers = true)]
    pub margin: Option<f64>,
    /// Resamples of each bootstrap
    #[arg(long, value_name = "N", default_value_t = 10_000, conflicts_with = "summary")]
    pub resamples: usize,
    /// Seed of the resampling
    #[arg(long, value_name = "N", default_value_t = 115, conflicts_with = "summary")]
    pub seed: u64,
    /// Only n, mean, sd, min, max, median and p95 of each group, for files of any size
    #[arg(long)]
    pub summary: bool,
    /// Print one JSON object in place of a table
    #[arg(long)]
    pub json: bool,
}

/// Which token stamps, and how.
#[derive(Debug, Args)]
pub struct TokensArgs {
    /// File of token stamps, name of a run, or path of its folder
    #[arg(value_name = "FILE|RUN")]
    pub named: String,
    /// Folder that holds the runs
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// Print every token of every phase as a CSV row; stamps are counted from the start of the token's request
    #[arg(long)]
    pub csv: bool,
}

/// Which two runs, and how.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Run A, the one before: its name or the path of its folder
    #[arg(value_name = "RUN_A")]
    pub before: String,
    /// Run B, the one after: its name or the path of its folder
    #[arg(value_name = "RUN_B")]
    pub after: String,
    /// Folder that holds the runs
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// Folder that gets the report's folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// Equivalence margin of efficiency as a fraction, 0.005 = 0.5 percentage points [default: the plans']
    #[arg(long, value_name = "X")]
    pub margin: Option<f64>,
    /// Equivalence margin of times and costs on the log scale, 0.05 = 5 % [default: the plans']
    #[arg(long, value_name = "X")]
    pub margin_log_time: Option<f64>,
    /// Quantity to compare by; repeat for more [default: all]
    #[arg(long = "metric", value_enum, value_name = "NAME")]
    pub quantities: Vec<Quantity>,
    /// Go on where the runs differ in a factor that matters; the report names each
    #[arg(long)]
    pub allow_different: bool,
    /// Exit with code 5 after the output when a change for the worse is relevant, more single trials of an arm lose much than
    /// chance explains, or failures are new: two of one arm where no trial failed in A (one is a warning), else more than
    /// chance explains
    #[arg(long)]
    pub fail_on_regression: bool,
    /// Print summary.json in place of the table
    #[arg(long)]
    pub json: bool,
    /// Command that the report names as its origin
    #[arg(long, value_name = "TEXT")]
    pub command: Option<String>,
}
