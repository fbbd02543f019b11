//! Published claims on what runtimes cost, judged by the cases of a run.
//!
//! The claims are data (`data/claims.toml`). Each says that one case of one arm, or the ratio of two cases of one arm, lies
//! in a range; a single figure is read as that much ± 20 %. With CI the 95 % interval of the median over trials, or of the
//! ratio within blocks:
//!
//! | condition | outcome |
//! |---|---|
//! | no such case in this run, or no interval at this number of blocks | not decidable |
//! | CI inside the range | confirmed |
//! | CI and range have no value in common | contradicted, by the factor between the median and the figure (or the nearer bound) |
//! | otherwise | not decidable |

use super::cases::{Cases, Quantity, contrast};
use crate::stats::{self, Interval};
use serde::Deserialize;
use std::collections::BTreeSet;
use tandem_records::Workload;
use thiserror::Error;

/// The claims that every report of micro workloads judges.
const PUBLISHED: &str = include_str!("../../../data/claims.toml");
const PUBLISHED_PATH: &str = "data/claims.toml";

/// How far from a single figure a value still confirms it.
const ABOUT: f64 = 0.2;

/// The file of claims says something that it must not say.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{place}: {reason}")]
pub struct ClaimsError {
    place: String,
    reason: String,
}

/// What a claim's figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Measure {
    /// Nanoseconds an operation.
    #[serde(rename = "ns")]
    Nanoseconds,
    /// Microseconds an operation.
    #[serde(rename = "us")]
    Microseconds,
    /// Milliseconds an operation.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Operations a second.
    #[serde(rename = "per_s")]
    PerSecond,
    /// Bytes an operation.
    #[serde(rename = "bytes")]
    Bytes,
    /// Megabytes an operation.
    #[serde(rename = "MB")]
    Megabytes,
    /// One case over another: no unit.
    #[serde(skip)]
    Ratio,
}

impl Measure {
    /// The quantity of a case that it measures.
    fn quantity(self) -> Quantity {
        match self {
            Measure::Bytes | Measure::Megabytes => Quantity::Memory,
            _ => Quantity::Time,
        }
    }

    /// A case's value in this measure.
    fn of(self, value: f64) -> f64 {
        match self {
            Measure::Nanoseconds | Measure::Bytes | Measure::Ratio => value,
            Measure::Microseconds => value / 1e3,
            Measure::Milliseconds => value / 1e6,
            Measure::Megabytes => value / 1e6,
            Measure::PerSecond => 1e9 / value,
        }
    }

    /// As it stands behind a figure.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Nanoseconds => " ns",
            Measure::Microseconds => " µs",
            Measure::Milliseconds => " ms",
            Measure::PerSecond => " /s",
            Measure::Bytes => " B",
            Measure::Megabytes => " MB",
            Measure::Ratio => " ×",
        }
    }
}

/// What is claimed of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// This much, ± 20 %.
    About(f64),
    /// Between two bounds.
    Between(f64, f64),
    /// More than this.
    Above(f64),
    /// Less than this.
    Below(f64),
}

impl Range {
    fn bounds(self) -> (f64, f64) {
        match self {
            Range::About(value) => (value * (1.0 - ABOUT), value * (1.0 + ABOUT)),
            Range::Between(lo, hi) => (lo, hi),
            Range::Above(lo) => (lo, f64::INFINITY),
            Range::Below(hi) => (f64::NEG_INFINITY, hi),
        }
    }

    /// What a value that lies outside is compared with.
    fn claimed(self, value: f64) -> f64 {
        match self {
            Range::About(figure) | Range::Above(figure) | Range::Below(figure) => figure,
            Range::Between(lo, hi) => {
                if value < lo {
                    lo
                } else {
                    hi
                }
            }
        }
    }
}

/// One claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Short name.
    pub id: String,
    /// In words.
    pub claim: String,
    /// Where it is said.
    pub source: String,
    /// The workload that decides it.
    pub workload: Workload,
    /// The arm.
    pub arm: String,
    /// The case.
    pub case: String,
    /// The case that it is divided by.
    pub over: Option<String>,
    /// What the figure counts.
    pub measure: Measure,
    /// The figure.
    pub range: Range,
}

/// How a claim stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The interval lies inside the range.
    Confirmed,
    /// It lies outside; the median over what is claimed.
    Contradicted(f64),
    /// Why not.
    NotDecidable(String),
}

/// A claim with what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The claim.
    pub claim: Claim,
    /// In the claim's measure.
    pub measured: Option<f64>,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
    /// How it stands.
    pub outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claims: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    claim: String,
    source: String,
    workload: Workload,
    arm: String,
    case: String,
    over: Option<String>,
    unit: Option<Measure>,
    about: Option<f64>,
    range: Option<[f64; 2]>,
    above: Option<f64>,
    below: Option<f64>,
}

/// The published claims.
///
/// # Errors
/// Never for the file that this program was tested with.
pub fn published() -> Result<Vec<Claim>, ClaimsError> {
    parse(PUBLISHED)
}

fn parse(text: &str) -> Result<Vec<Claim>, ClaimsError> {
    let wrong = |place: String, reason: String| ClaimsError { place, reason };
    let file: File = toml::from_str(text)
        .map_err(|error| wrong(PUBLISHED_PATH.to_owned(), error.message().replace('\n', "; ")))?;
    let mut ids = BTreeSet::new();
    let mut claims = Vec::new();
    for entry in file.claims {
        let place = format!("{PUBLISHED_PATH}, claim {:?}", entry.id);
        if !ids.insert(entry.id.clone()) {
            return Err(wrong(place, "stands twice; give each an id of its own".to_owned()));
        }
        claims.push(check(entry).map_err(|reason| wrong(place, reason))?);
    }
    Ok(claims)
}

fn check(entry: Entry) -> Result<Claim, String> {
    let Entry { id, claim, source, workload, arm, case, over, unit, about, range, above, below } = entry;
    if !workload.is_micro() {
        return Err(format!("workload {workload} is no micro workload"));
    }
    let measure = match (unit, &over) {
        (Some(measure), None) => measure,
        (None, Some(_)) => Measure::Ratio,
        _ => return Err("needs exactly one of the keys unit and over".to_owned()),
    };
    let range = match (about, range, above, below) {
        (Some(figure), None, None, None) => Range::About(figure),
        (None, Some([lo, hi]), None, None) if lo <= hi => Range::Between(lo, hi),
        (None, None, Some(lo), None) => Range::Above(lo),
        (None, None, None, Some(hi)) => Range::Below(hi),
        _ => {
            return Err(
                "needs exactly one of the keys about, range (the smaller bound first), above and below"
                    .to_owned(),
            );
        }
    };
    let (lo, hi) = range.bounds();
    if [lo, hi].into_iter().any(|bound| bound.is_nan() || bound == 0.0 || (bound < 0.0 && bound.is_finite()))
    {
        return Err("figures are numbers above 0".to_owned());
    }
    Ok(Claim { id, claim, source, workload, arm, case, over, measure, range })
}

/// Judges each of them.
///
/// # Errors
/// A value that cannot be analysed.
pub fn judge(cases: &Cases, claims: &[Claim]) -> stats::Result<Vec<Finding>> {
    claims.iter().map(|claim| judge_one(cases, claim)).collect()
}

fn judge_one(cases: &Cases, claim: &Claim) -> stats::Result<Finding> {
    let undecided = |reason: &str| Finding {
        claim: claim.clone(),
        measured: None,
        ci: None,
        outcome: Outcome::NotDecidable(reason.to_owned()),
    };
    let value = |name: &str| {
        let case = cases.find(claim.workload, name)?;
        (case.quantity == claim.measure.quantity()).then(|| case.value(&claim.arm)).flatten()
    };
    let not_run = "this run has no such case of this arm";
    let Some(case) = value(&claim.case) else { return Ok(undecided(not_run)) };
    let (measured, ci) = match &claim.over {
        None => (Some(case.median), case.ci),
        Some(over) => {
            let Some(reference) = value(over) else { return Ok(undecided(not_run)) };
            let names = (over.as_str(), claim.case.as_str());
            let found = contrast(&reference.by_block, &case.by_block, cases.margin, names)?;
            (found.ratio, found.ci)
        }
    };
    let measured = measured.map(|value| claim.measure.of(value));
    // Operations a second fall where the time of one rises.
    let ci = ci.map(|ci| {
        let (a, b) = (claim.measure.of(ci.lo), claim.measure.of(ci.hi));
        Interval { lo: a.min(b), hi: a.max(b) }
    });
    let (lo, hi) = claim.range.bounds();
    let outcome = match (measured, ci) {
        (Some(measured), Some(ci)) => {
            if lo <= ci.lo && ci.hi <= hi {
                Outcome::Confirmed
            } else if ci.hi < lo || hi < ci.lo {
                Outcome::Contradicted(measured / claim.range.claimed(measured))
            } else {
                Outcome::NotDecidable("the interval reaches across a bound of the claim".to_owned())
            }
        }
        _ => Outcome::NotDecidable("too few blocks for an interval".to_owned()),
    };
    Ok(Finding { claim: claim.clone(), measured, ci, outcome })
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, Value};
    use super::*;
    use std::collections::BTreeMap;

    const TWO: &str = r#"
[[claims]]
id = "a"
claim = "spawning takes 200 ns"
source = "somebody"
workload = "spawn"
arm = "smol"
case = "batch"
unit = "ns"
about = 200
"#;

    fn value(values: &[f64]) -> Value {
        let by_block: BTreeMap<u32, f64> = (0..).zip(values.iter().copied()).collect();
        let median = stats::quantile::median(values).unwrap().unwrap();
        let ci = stats::quantile::median_interval(values, 0.95).unwrap().map(|found| found.interval);
        Value { arm: "smol".to_owned(), by_block, median, ci, cpu: None, contrast: None }
    }

    fn cases(named: &[(&str, &[f64])]) -> Cases {
        let case = |(name, values): &(&str, &[f64])| Case {
            workload: Workload::Spawn,
            name: (*name).to_owned(),
            quantity: Quantity::Time,
            values: vec![value(values)],
            held: BTreeMap::new(),
            overhead: None,
        };
        let arms = vec!["tokio-default".to_owned(), "smol".to_owned()];
        Cases { baseline: arms[0].clone(), margin: 0.05, arms, cases: named.iter().map(case).collect() }
    }

    fn outcome(claim: &str, named: &[(&str, &[f64])]) -> Finding {
        judge(&cases(named), &parse(claim).unwrap()).unwrap().remove(0)
    }

    const AROUND_200: [f64; 6] = [180.0, 190.0, 200.0, 205.0, 210.0, 220.0];

    #[test]
    fn the_published_claims_read_and_each_is_about_a_micro_workload() {
        let claims = published().unwrap();
        assert!(claims.len() >= 18);
        assert!(claims.iter().all(|claim| claim.workload.is_micro()));
    }

    #[test]
    fn the_interval_decides() {
        assert_eq!(outcome(TWO, &[("batch", &AROUND_200)]).outcome, Outcome::Confirmed);
        let wide = [150.0, 190.0, 200.0, 205.0, 210.0, 220.0];
        assert!(matches!(outcome(TWO, &[("batch", &wide)]).outcome, Outcome::NotDecidable(_)));
        let far = AROUND_200.map(|ns| ns * 3.0);
        let Outcome::Contradicted(factor) = outcome(TWO, &[("batch", &far)]).outcome else { panic!() };
        assert!((factor - 607.5 / 200.0).abs() < 1e-12, "{factor}");
        let few = outcome(TWO, &[("batch", &AROUND_200[..5])]);
        assert_eq!(few.outcome, Outcome::NotDecidable("too few blocks for an interval".to_owned()));
        assert_eq!(few.measured, Some(200.0));
        assert!(outcome(TWO, &[("other", &AROUND_200)]).measured.is_none());
    }

    #[test]
    fn a_rate_is_the_inverse_of_a_time_and_its_interval_turns_round() {
        let rate = TWO.replace("\"ns\"", "\"per_s\"").replace("200\n", "5_000_000\n");
        let found = outcome(&rate, &[("batch", &AROUND_200)]);
        assert_eq!(found.outcome, Outcome::Confirmed);
        let ci = found.ci.unwrap();
        assert!((ci.lo - 1e9 / 220.0).abs() < 1e-6 && (ci.hi - 1e9 / 180.0).abs() < 1e-6, "{ci:?}");
    }

    #[test]
    fn a_ratio_is_taken_within_blocks() {
        let ratio = TWO.replace("unit = \"ns\"\nabout = 200", "over = \"one\"\nrange = [3, 5]");
        // Blocks differ by a factor of a hundred, the ratio by nothing.
        let one = [1.0, 3.0, 10.0, 30.0, 60.0, 100.0];
        let found = outcome(&ratio, &[("batch", &one.map(|ns| ns * 4.0)), ("one", &one)]);
        assert_eq!(found.outcome, Outcome::Confirmed);
        assert!((found.measured.unwrap() - 4.0).abs() < 1e-9);
        let Outcome::Contradicted(factor) =
            outcome(&ratio, &[("batch", &one.map(|ns| ns * 1.5)), ("one", &one)]).outcome
        else {
            panic!()
        };
        assert!((factor - 0.5).abs() < 1e-9, "against the nearer bound: {factor}");
    }

    #[test]
    fn a_file_that_is_wrong_says_where() {
        for (from, to, wanted) in [
            ("unit = \"ns\"", "", "claim \"a\": needs exactly one of the keys unit and over"),
            ("about = 200", "about = 200\nabove = 1", "needs exactly one of the keys about, range"),
            ("about = 200", "range = [2, 1]", "the smaller bound first"),
            ("about = 200", "about = -1", "figures are numbers above 0"),
            ("\"spawn\"", "\"stream\"", "workload stream is no micro workload"),
            ("\"ns\"", "\"days\"", "unknown variant `days`"),
            ("source", "sauce", "unknown field `sauce`"),
        ] {
            let error = parse(&TWO.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.starts_with("data/claims.toml") && error.contains(wanted), "{to}: {error}");
        }
        let twice = format!("{TWO}{TWO}");
        assert!(parse(&twice).unwrap_err().to_string().contains("stands twice"));
    }
}
