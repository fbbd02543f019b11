//! Why a file of token stamps cannot be read, or not to its end.

use std::io;
use thiserror::Error;

/// Why a file of token stamps cannot be read, or not to its end.
#[derive(Debug, Error)]
pub enum StampsError {
    /// The system does not let it be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Its first bytes are others.
    #[error("is no file of token stamps")]
    Foreign,
    /// Its format is of another version.
    #[error("has version '{0}' of the format, this program reads 1")]
    Version(char),
    /// It ends before its end mark: the arm was killed, or the disk was full.
    #[error("ends early; whole requests before that: {requests}")]
    Torn {
        /// Requests read so far.
        requests: u64,
    },
    /// Its bytes contradict themselves.
    #[error("is damaged, {what}; whole requests before that: {requests}")]
    Damaged {
        /// Requests read so far.
        requests: u64,
        /// What is wrong.
        what: &'static str,
    },
}
