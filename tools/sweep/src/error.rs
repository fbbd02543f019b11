//! Errors that end the program, by exit code.

/// Exit code after Ctrl-C or SIGTERM.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;

/// Why a sweep did not run.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Command line, plan, or a run that cannot be continued so: exit 2.
    #[error("{0}")]
    Usage(String),
    /// A server that cannot be reached or used: exit 3.
    #[error("{0}")]
    Server(String),
    /// Ctrl-C or SIGTERM before the first trial: exit 130.
    #[error("interrupted before the first trial")]
    Interrupted,
    /// Anything else, with its context: exit 1.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

impl SweepError {
    /// Exit code of the program.
    pub fn exit_code(&self) -> u8 {
        match self {
            SweepError::Internal(_) => 1,
            SweepError::Usage(_) => 2,
            SweepError::Server(_) => 3,
            SweepError::Interrupted => EXIT_INTERRUPTED,
        }
    }
}
