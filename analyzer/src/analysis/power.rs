//! What the blocks of a contrast could detect: as planned, and as it turned out.

use super::{Control, Settings};
use crate::load::Run;
use crate::stats::{self, Interval, mean, power, tail};

/// Probability of detection that the minimum detectable effects stand for.
pub const DETECTION: f64 = 0.8;

/// What the contrasts of a cell share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Design {
    /// Level of the intervals against the baseline.
    pub(super) level: f64,
    /// Blocks that the plan asks for.
    blocks: usize,
    /// Standard deviation of the A/A differences.
    pub(super) control_sd: Option<f64>,
    margin: f64,
}

impl Design {
    pub(super) fn new(
        run: &Run,
        control: Option<&Control>,
        settings: &Settings,
        level: f64,
    ) -> stats::Result<Design> {
        let differences: Vec<f64> = control.iter().flat_map(|c| &c.differences).map(|(_, d)| *d).collect();
        Ok(Design {
            level,
            blocks: run.manifest.blocks as usize,
            control_sd: mean::sample_sd(&differences)?,
            margin: settings.margin,
        })
    }

    /// True difference that a paired t test at 1 - level detects with probability [`DETECTION`].
    fn detectable(&self, blocks: usize, sd: Option<f64>) -> stats::Result<Option<f64>> {
        match sd {
            Some(sd) => power::minimum_detectable_effect(blocks, sd, 1.0 - self.level, DETECTION),
            None => Ok(None),
        }
    }
}

/// What the blocks of one contrast could detect, fractions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Power {
    /// By as many blocks as the plan asks for, if the differences varied like those of the A/A arm.
    pub planned: Option<f64>,
    /// By the blocks that are complete, with the standard deviation that the arm's own differences have.
    pub attained: Option<f64>,
    /// About how many more blocks would bring the interval inside the margin; 0 where it lies inside, none where the
    /// estimate does not or more than a single bad moment stands apart from the rest.
    pub to_equivalence: Option<u64>,
}

impl Power {
    pub(super) fn of(
        differences: &[f64],
        estimate: Option<f64>,
        ci: Option<Interval>,
        design: &Design,
    ) -> stats::Result<Power> {
        // As many trials apart again widen it again.
        let apart = tail::tails(differences, design.margin)?.sides().any(|side| side.is_pattern());
        let to_equivalence = estimate.zip(ci).and_then(|(d, ci)| {
            if ci.strictly_within(design.margin) {
                return Some(0);
            }
            if apart {
                return None;
            }
            power::more_blocks(differences.len(), d, ci, design.margin)
        });
        Ok(Power {
            planned: design.detectable(design.blocks, design.control_sd)?,
            attained: design.detectable(differences.len(), mean::sample_sd(differences)?)?,
            to_equivalence,
        })
    }
}
