//! Why no token stamps can be shown.

use crate::load::LoadError;
use std::path::PathBuf;
use thiserror::Error;

/// Why no token stamps can be shown.
#[derive(Debug, Error)]
pub enum TokensError {
    /// There is neither such a file nor such a run.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The run keeps none.
    #[error("{}: no token stamps; make a run that keeps them with: make sweep TOKENS=1", .0.display())]
    None(PathBuf),
    /// The rows cannot be written.
    #[error("standard output: {0}")]
    Write(#[from] csv::Error),
}

impl TokensError {
    /// Whether the reader of the rows has closed the pipe (`| head`): it has seen what it wanted.
    pub fn is_closed_pipe(&self) -> bool {
        let TokensError::Write(error) = self else { return false };
        matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
