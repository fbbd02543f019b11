//! Why a report could not be made.

use crate::charts::ChartError;
use crate::columns::ColumnsError;
use crate::columns_stats::AnalyseError;
use crate::compare::CompareError;
use crate::load::LoadError;
use crate::micro::ClaimsError;
use crate::predictions::HypothesesError;
use crate::stats::StatsError;
use crate::tokens::TokensError;
use crate::tr115::StudyError;
use std::path::PathBuf;
use thiserror::Error;

/// Why a report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The run cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The predictions cannot be read.
    #[error(transparent)]
    Hypotheses(#[from] HypothesesError),
    /// The claims on runtimes cannot be read, which they can in every program that was tested.
    #[error("{0}; please report this with the run's files")]
    Claims(#[from] ClaimsError),
    /// The published study's files cannot be read.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// The columns of a CSV file cannot be read.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The columns of a CSV file cannot be analysed.
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    /// Two runs cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Token stamps cannot be shown.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// A setting is out of range; the text names it and the remedy.
    #[error("{0}")]
    Setting(String),
    /// The report cannot be written.
    #[error("{}: {source}; name a folder that can be written with --out", .path.display())]
    Write {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file with a generated part cannot be read or written, or lacks its marks.
    #[error("{}: {reason}", .path.display())]
    Generated {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the remedy.
        reason: String,
    },
    /// A chart could not be drawn.
    #[error("{0}; please report this with the run's files")]
    Chart(#[from] ChartError),
    /// `summary.json` could not be made.
    #[error("summary.json: {0}; please report this with the run's files")]
    Summary(#[from] serde_json::Error),
    /// A number could not be computed.
    #[error("{0}; please report this with the run's files")]
    Stats(#[from] StatsError),
}

impl ReportError {
    /// True when the user can remedy it, false for a fault of this program.
    pub fn is_users(&self) -> bool {
        match self {
            ReportError::Load(_) | ReportError::Hypotheses(_) | ReportError::Study(_) => true,
            ReportError::Columns(_)
            | ReportError::Tokens(_)
            | ReportError::Compare(_)
            | ReportError::Setting(_)
            | ReportError::Write { .. }
            | ReportError::Generated { .. } => true,
            ReportError::Analyse(error) => error.is_users(),
            ReportError::Claims(_)
            | ReportError::Chart(_)
            | ReportError::Summary(_)
            | ReportError::Stats(_) => false,
        }
    }
}
