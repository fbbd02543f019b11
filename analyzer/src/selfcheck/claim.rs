//! What is claimed of how often something happens, and what a simulation found.

use super::draws::Draws;
use crate::stats;
use serde::Serialize;

/// Half-width of the intervals of what was found, in standard errors: about one sound claim in 370 seems to fail.
const STANDARD_ERRORS: f64 = 3.0;

/// How often something is claimed to happen, as a fraction of data sets. Neither bound: nothing is claimed, the number
/// is shown for comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Claimed {
    /// At least this often.
    pub least: Option<f64>,
    /// At most this often.
    pub most: Option<f64>,
}

impl Claimed {
    /// From `least` to `most`.
    pub fn between(least: f64, most: f64) -> Self {
        Self { least: Some(least), most: Some(most) }
    }

    /// At least this often.
    pub fn at_least(least: f64) -> Self {
        Self { least: Some(least), most: None }
    }

    /// At most this often.
    pub fn at_most(most: f64) -> Self {
        Self { least: None, most: Some(most) }
    }

    /// Nothing is claimed.
    pub fn nothing() -> Self {
        Self::default()
    }

    fn overlaps(self, lo: f64, hi: f64) -> bool {
        self.least.is_none_or(|least| hi >= least) && self.most.is_none_or(|most| lo <= most)
    }
}

/// One data set: one slice a sample; those of arms have one value a block.
pub type Values = Vec<Vec<f64>>;

/// Data whose truth is known.
pub trait Data: Send + Sync {
    /// One data set.
    fn draw(&self, draws: &mut Draws) -> Values;

    /// In words, everything that decides the values: also the name of their random numbers.
    fn words(&self) -> String;
}

/// Whether it happened in one data set.
pub type Happened = Box<dyn Fn(&Values) -> stats::Result<bool> + Send + Sync>;

/// Something that may happen in a data set, and how often it is claimed to.
pub struct Claim {
    /// What happens, in words.
    pub what: String,
    /// How often.
    pub claimed: Claimed,
    /// Whether it did.
    pub happened: Happened,
}

impl Claim {
    /// A claim.
    pub fn new(
        what: impl Into<String>,
        claimed: Claimed,
        happened: impl Fn(&Values) -> stats::Result<bool> + Send + Sync + 'static,
    ) -> Self {
        Self { what: what.into(), claimed, happened: Box::new(happened) }
    }
}

/// One kind of data and the claims that are checked on it.
pub struct Experiment {
    /// The data.
    pub data: Box<dyn Data>,
    /// The claims.
    pub claims: Vec<Claim>,
}

impl Experiment {
    /// An experiment.
    pub fn new(data: impl Data + 'static, claims: impl IntoIterator<Item = Claim>) -> Self {
        Self { data: Box::new(data), claims: claims.into_iter().collect() }
    }
}

/// Whether a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// What was found lies inside what is claimed.
    Yes,
    /// It lies outside, but its interval reaches inside: the simulation does not contradict the claim.
    WithinError,
    /// The whole interval lies outside.
    No,
    /// Nothing is claimed.
    NotJudged,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What happens, in words.
    pub what: String,
    /// In which data, in words.
    pub data: String,
    /// How often it is claimed to.
    pub claimed: Claimed,
    /// In this share of the data sets it did.
    pub found: f64,
    /// Interval of that share at three standard errors.
    pub interval: (f64, f64),
    /// Whether the claim stands.
    pub holds: Holds,
}

impl Finding {
    /// Judges `hits` out of `data_sets`, at least 1.
    pub fn new(what: String, data: String, claimed: Claimed, hits: usize, data_sets: usize) -> Self {
        let found = hits as f64 / data_sets as f64;
        let (lo, hi) = score_interval(found, data_sets as f64);
        let holds = if claimed == Claimed::nothing() {
            Holds::NotJudged
        } else if claimed.overlaps(found, found) {
            Holds::Yes
        } else if claimed.overlaps(lo, hi) {
            Holds::WithinError
        } else {
            Holds::No
        };
        Self { what, data, claimed, found, interval: (lo, hi), holds }
    }
}

/// Score interval of a binomial share (Wilson 1927): sound at 0 and 1, too.
fn score_interval(share: f64, n: f64) -> (f64, f64) {
    let z2 = STANDARD_ERRORS * STANDARD_ERRORS / n;
    let middle = share + z2 / 2.0;
    let half = (z2 * (share * (1.0 - share) + z2 / 4.0)).sqrt();
    (((middle - half) / (1.0 + z2)).max(0.0), ((middle + half) / (1.0 + z2)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(claimed: Claimed, hits: usize) -> Holds {
        Finding::new(String::new(), String::new(), claimed, hits, 1000).holds
    }

    #[test]
    fn a_claim_stands_falls_or_is_within_error() {
        let band = Claimed::between(0.93, 0.97);
        let cases = [(920, Holds::WithinError), (950, Holds::Yes), (900, Holds::No), (995, Holds::No)];
        for (hits, expected) in cases {
            assert_eq!(holds(band, hits), expected, "{hits}");
        }
        assert_eq!(holds(Claimed::at_most(0.05), 50), Holds::Yes);
        assert_eq!(holds(Claimed::at_most(0.05), 60), Holds::WithinError);
        assert_eq!(holds(Claimed::at_most(0.05), 80), Holds::No);
        assert_eq!(holds(Claimed::at_most(0.05), 0), Holds::Yes);
        assert_eq!(holds(Claimed::at_least(0.8), 800), Holds::Yes);
        assert_eq!(holds(Claimed::at_least(0.8), 700), Holds::No);
        assert_eq!(holds(Claimed::nothing(), 870), Holds::NotJudged);
    }

    #[test]
    fn the_interval_is_that_of_statsmodels() {
        // statsmodels 0.15, proportion_confint(40, 1000, alpha=2 * norm.sf(3), method="wilson")
        let (lo, hi) = score_interval(0.04, 1000.0);
        assert!((lo - 0.025_146_475_961_195_15).abs() < 1e-12, "{lo}");
        assert!((hi - 0.063_059_668_736_525_38).abs() < 1e-12, "{hi}");
        assert_eq!(score_interval(0.0, 50.0).0, 0.0);
        assert_eq!(score_interval(1.0, 50.0).1, 1.0);
    }
}
