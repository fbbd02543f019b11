//! What leaves nothing to analyse; each message is one line that names the thing and the remedy.

use std::path::PathBuf;
use thiserror::Error;

/// Why a run cannot be read at all.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The folder of runs is missing or holds no run.
    #[error("no run in {}; make one with: make sweep", .0.display())]
    NoRuns(PathBuf),
    /// The named run does not exist.
    #[error("no run {name:?} in {}; valid: {valid}", .folder.display())]
    NoSuchRun {
        /// What the user named.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// The runs there are.
        valid: String,
    },
    /// The manifest is missing or is not a manifest.
    #[error("{}: {reason}; a run's folder begins with the manifest that sweep writes", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file is empty, or its columns are not those of its name.
    #[error("{}, line 1: {reason}; GLOSSARY.md lists the columns, and a file of another run or a copy may be sound", .path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong.
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
    /// A file without which a run says nothing is missing or has no row that can be read.
    #[error("{}: {reason}; finish the run with: make sweep RUN={run}", .path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// The run.
        run: String,
    },
    /// A file was written by a newer version.
    #[error(
        "{}, line {line}: schema version {found} is newer than {known}, the newest this analyzer reads; use the analyzer of the version that made the run",
        .path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Version found.
        found: u64,
        /// Newest version known.
        known: u32,
    },
    /// A file exists and cannot be read.
    #[error("{}: {source}; check its permissions", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
