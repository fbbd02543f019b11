//! The command line of `analyzer`.

use clap::{Args, Parser, Subcommand};
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
    /// Write reports/tr115/README.md with charts from the published study's own rows, and print the answer
    ImportTr115(ImportTr115Args),
    /// Print the tables of all columns and statuses, as they stand in GLOSSARY.md
    Glossary {
        /// Write them into this file, between its two marks, in place of printing
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
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
