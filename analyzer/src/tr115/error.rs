//! Why the study's files cannot be analysed at all.

use std::path::PathBuf;
use thiserror::Error;

/// What leaves nothing to analyse; one line that names the thing and the remedy.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The file cannot be opened or read.
    #[error("{}: {reason}; name the study's runs.csv, as in data/reference/tr115/runs.csv", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The header lacks columns that the analysis needs, or names one twice.
    #[error("{}, line 1: {reason}; data/reference/tr115/README.md lists the columns", .path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Which columns.
        reason: String,
    },
    /// A quote takes the lines below it into one cell.
    #[error("{}, line {line}: a quote opens here and does not close on this line; what stands below it cannot be told from text: mend the line or use a copy of the file", .path.display())]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
    },
    /// No two rows make a run.
    #[error("{}: no run with two agents{first}; a run is two rows that differ in role and agree in the rest", .path.display())]
    NoRuns {
        /// The file.
        path: PathBuf,
        /// The first reason why a line was left out, with its beginning; empty where there is none.
        first: String,
    },
}
