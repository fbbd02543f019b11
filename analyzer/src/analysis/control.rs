//! The A/A control: one arm under two labels, whose true difference is 0.

use super::Settings;
use super::contrast::pairs;
use super::group::Group;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::verdict::{AaReading, aa_reading};
use crate::stats::{self, Interval, hodges_lehmann};

/// One arm against itself. Differences are fractions, b minus a.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// The arm.
    pub a: String,
    /// Its second label.
    pub b: String,
    /// Blocks in which both count.
    pub n: usize,
    /// Hodges-Lehmann estimate.
    pub estimate: Option<f64>,
    /// Its 95 % interval, never widened for a family: that would hide a bias.
    pub ci: Option<Interval>,
    /// Its 90 % interval.
    pub ci90: Option<Interval>,
    /// What it means.
    pub reading: AaReading,
    /// Within-block differences by block.
    pub differences: Vec<(u32, f64)>,
}

impl Control {
    /// True when the instrument sees a difference where there is none.
    pub fn is_biased(&self) -> bool {
        self.reading == AaReading::Biased
    }
}

pub(super) fn read(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    settings: &Settings,
) -> stats::Result<Option<Control>> {
    let Some((a, b)) = group.control().filter(|_| group.facts.has_efficiency()) else { return Ok(None) };
    let found = pairs(run, outcomes, group, a, b, |o| Some(o.counted()?.factors?.efficiency));
    let differences: Vec<f64> = found.iter().map(|(_, d)| *d).collect();
    let estimate = hodges_lehmann::hodges_lehmann(&differences, 0.95)?;
    let ci = estimate.and_then(|found| found.ci);
    let ci90 = hodges_lehmann::pseudo_median_interval(&differences, 0.9)?;
    Ok(Some(Control {
        a: a.to_owned(),
        b: b.to_owned(),
        n: differences.len(),
        estimate: estimate.map(|found| found.value),
        reading: aa_reading(differences.len(), ci, ci90, settings.margin)?,
        ci,
        ci90,
        differences: found,
    }))
}
