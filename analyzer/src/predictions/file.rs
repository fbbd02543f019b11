//! The file of predictions: TOML, every key known, every value checked.

use super::{Hypothesis, Question, Region};
use crate::analysis::Metric;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tandem_records::Client;
use thiserror::Error;

/// The study's predictions, which every report judges where no other file is named.
const STUDY: &str = include_str!("../../../data/hypotheses.toml");

/// Where they lie, for messages.
const STUDY_PATH: &str = "data/hypotheses.toml";

const KINDS: [&str; 5] = ["difference", "ratio", "level", "reachable", "threads"];

/// Quantities that are fractions: differences and levels.
const FRACTIONS: [(&str, Metric); 5] = [
    ("efficiency", Metric::Efficiency),
    ("balance", Metric::Balance),
    ("overlap", Metric::Overlap),
    ("isolation", Metric::Isolation),
    ("ratio_tr115", Metric::RatioTr115),
];

/// Positive quantities: ratios.
const POSITIVE: [(&str, Metric); 8] = [
    ("ttft", Metric::Ttft),
    ("tpot", Metric::Tpot),
    ("itl_p50", Metric::ItlP50),
    ("itl_p99", Metric::ItlP99),
    ("ttft_spread", Metric::TtftSpread),
    ("itl_spread", Metric::ItlSpread),
    ("cpu_per_token", Metric::CpuPerToken),
    ("switches_per_token", Metric::SwitchesPerToken),
];

/// Why predictions cannot be read.
#[derive(Debug, Error)]
pub enum HypothesesError {
    /// The file cannot be read.
    #[error("{}: {source}; name a file of predictions with --hypotheses (the form: {STUDY_PATH})", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file says something that it must not say.
    #[error("{place}: {reason}")]
    Content {
        /// File and hypothesis, or file and line.
        place: String,
        /// What is wrong, with the remedy.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hypotheses: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    claim: String,
    source: String,
    kind: String,
    metric: Option<String>,
    arm: Option<String>,
    against: Option<String>,
    client: Option<Client>,
    range: Option<[f64; 2]>,
    above: Option<f64>,
    below: Option<f64>,
    plan: String,
}

/// The study's predictions.
///
/// # Errors
/// Never for the file that this program was tested with.
pub fn embedded() -> Result<Vec<Hypothesis>, HypothesesError> {
    parse(STUDY, STUDY_PATH)
}

/// Predictions from a file of the user's.
///
/// # Errors
/// When it cannot be read, or says something that it must not say; the message names file, hypothesis and remedy.
pub fn read(path: &Path) -> Result<Vec<Hypothesis>, HypothesesError> {
    let text = tandem_records::regular_file::read_to_string(path)
        .map_err(|source| HypothesesError::Io { path: path.to_owned(), source })?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, file: &str) -> Result<Vec<Hypothesis>, HypothesesError> {
    let wrong = |place: String, reason: String| HypothesesError::Content { place, reason };
    let read: File = toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let place = line.map_or_else(|| file.to_owned(), |line| format!("{file} line {line}"));
        wrong(place, e.message().replace('\n', "; "))
    })?;
    if read.hypotheses.is_empty() {
        return Err(wrong(file.to_owned(), "no [[hypotheses]]; name at least one".to_owned()));
    }
    let mut ids = BTreeSet::new();
    let mut checked = Vec::new();
    for entry in read.hypotheses {
        let place = format!("{file}, hypothesis {:?}", entry.id);
        if !ids.insert(entry.id.clone()) {
            return Err(wrong(place, "stands twice; give each an id of its own".to_owned()));
        }
        checked.push(check(entry).map_err(|reason| wrong(place, reason))?);
    }
    Ok(checked)
}

fn check(entry: Entry) -> Result<Hypothesis, String> {
    for (key, name) in [("id", &entry.id), ("plan", &entry.plan)] {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(sound) {
            return Err(format!("{key} is {name:?}; use the characters a-z, 0-9 and -"));
        }
    }
    for (key, text) in [("claim", &entry.claim), ("source", &entry.source)] {
        if text.trim().is_empty() || text.contains('\n') {
            return Err(format!("{key} must be one line of text"));
        }
    }
    let question = question(&entry)?;
    let region = region(&entry, &question)?;
    let Entry { id, claim, source, client, plan, .. } = entry;
    Ok(Hypothesis { id, claim, source, question, region, client, plan })
}

fn question(entry: &Entry) -> Result<Question, String> {
    let kind = entry.kind.as_str();
    let metrics: &[(&str, Metric)] = match kind {
        "difference" | "level" | "reachable" => &FRACTIONS,
        "ratio" => &POSITIVE,
        "threads" => &[],
        _ => return Err(format!("kind is {kind:?}; valid: {}", KINDS.join(", "))),
    };
    let metric = || {
        let valid: Vec<&str> = metrics.iter().map(|(name, _)| *name).collect();
        let valid = valid.join(", ");
        let name = entry
            .metric
            .as_deref()
            .ok_or_else(|| format!("kind {kind} needs the key metric; valid: {valid}"))?;
        let found = metrics.iter().find(|(key, _)| *key == name).map(|(_, metric)| *metric);
        found.ok_or_else(|| format!("metric is {name:?}; valid for kind {kind}: {valid}"))
    };
    let needed = |key: &str, value: &Option<String>| {
        let value = value.clone().filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("kind {kind} needs the key {key}: an arm's label"))
    };
    let foreign = |key: &str, there: bool| {
        if there { Err(format!("kind {kind} has no key {key}; remove it")) } else { Ok(()) }
    };
    let arm = || needed("arm", &entry.arm);
    let pair = || {
        let (arm, against) = (arm()?, needed("against", &entry.against)?);
        if arm == against {
            return Err(format!("arm and against are both {arm:?}; name two arms"));
        }
        Ok((arm, against))
    };
    if !matches!(kind, "difference" | "ratio") {
        foreign("against", entry.against.is_some())?;
    }
    Ok(match kind {
        "difference" => {
            let (arm, against) = pair()?;
            Question::Difference { metric: metric()?, arm, against }
        }
        "ratio" => {
            let (arm, against) = pair()?;
            Question::Ratio { metric: metric()?, arm, against }
        }
        "level" => Question::Level { metric: metric()?, arm: arm()? },
        "reachable" => {
            foreign("arm", entry.arm.is_some())?;
            Question::Reachable { metric: metric()? }
        }
        _ => {
            foreign("metric", entry.metric.is_some())?;
            Question::Threads { arm: arm()? }
        }
    })
}

fn region(entry: &Entry, question: &Question) -> Result<Region, String> {
    let region = match (entry.range, entry.above, entry.below) {
        (Some([lo, hi]), None, None) if lo <= hi => Region { lo: Some(lo), hi: Some(hi) },
        (Some([lo, hi]), None, None) => {
            return Err(format!("range is [{lo}, {hi}]; put the smaller bound first"));
        }
        (None, Some(lo), None) => Region { lo: Some(lo), hi: None },
        (None, None, Some(hi)) => Region { lo: None, hi: Some(hi) },
        _ => return Err("needs exactly one of the keys range, above and below".to_owned()),
    };
    for bound in region.bounds() {
        let (sound, must) = match question {
            Question::Difference { .. } => ((-1.0..=1.0).contains(&bound), "a fraction: 0.02 is 2 pp"),
            Question::Level { .. } | Question::Reachable { .. } => {
                ((0.0..=2.0).contains(&bound), "a fraction: 0.98 is 98 %")
            }
            Question::Ratio { .. } => {
                (bound > 0.0 && bound.is_finite(), "a ratio above 0: 1 is no difference")
            }
            Question::Threads { .. } => {
                (bound >= 0.0 && bound.is_finite() && bound.fract() == 0.0, "a whole number of threads")
            }
        };
        if !sound {
            return Err(format!("the bound {bound} must be {must}"));
        }
    }
    Ok(region)
}
