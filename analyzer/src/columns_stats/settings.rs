//! What a user may set.

use super::AnalyseError;
use crate::stats::bootstrap::Resampling;

/// Margin of equivalence when none is given, in the unit of the column: half a percentage point of an efficiency.
pub const DEFAULT_MARGIN: f64 = 0.5;

/// Fewer resamples have no order statistic at .025 on either side.
pub const LEAST_RESAMPLES: usize = 40;

/// More groups than this make over 19,900 pairs, which nobody reads.
pub const MOST_GROUPS: usize = 200;

/// What a user may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Group that comes first, so that the others are compared with it.
    pub baseline: Option<String>,
    /// Margin of equivalence in the unit of the column; [`DEFAULT_MARGIN`] when none is given.
    pub margin: Option<f64>,
    /// Resamples of the bootstrap, and the seed of everything drawn.
    pub resampling: Resampling,
}

impl Settings {
    /// The margin in use.
    pub fn margin(&self) -> f64 {
        self.margin.unwrap_or(DEFAULT_MARGIN)
    }

    pub(super) fn check(&self) -> Result<(), AnalyseError> {
        match self.margin {
            Some(margin) if !(margin.is_finite() && margin > 0.0) => {
                return Err(AnalyseError::Margin(margin));
            }
            _ => {}
        }
        if self.resampling.resamples < LEAST_RESAMPLES {
            return Err(AnalyseError::Resamples(self.resampling.resamples));
        }
        Ok(())
    }
}
