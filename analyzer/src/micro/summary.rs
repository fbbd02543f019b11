//! `summary.json` of a micro run: the numbers of the report for programs.

use super::cases::{Cases, Quantity, Value};
use super::claims::{Finding, Outcome};
use crate::load::Run;
use crate::stats::Interval;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of this form.
const FORM: u32 = 1;

#[derive(Serialize)]
struct Summary<'a> {
    form: u32,
    run_id: &'a str,
    command: &'a str,
    baseline: &'a str,
    margin_log: f64,
    cases: Vec<CaseEntry<'a>>,
    claims: Vec<ClaimEntry<'a>>,
}

#[derive(Serialize)]
struct CaseEntry<'a> {
    workload: &'static str,
    case: &'a str,
    /// Unit of medians and intervals.
    unit: &'static str,
    harness_share: Option<f64>,
    arms: Vec<ArmEntry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    held: BTreeMap<&'a str, [usize; 2]>,
}

#[derive(Serialize)]
struct ArmEntry<'a> {
    arm: &'a str,
    trials: usize,
    median: f64,
    ci95: Option<[f64; 2]>,
    cpu_ns: Option<f64>,
    ratio: Option<f64>,
    ratio_ci95: Option<[f64; 2]>,
    verdict: Option<&'static str>,
}

#[derive(Serialize)]
struct ClaimEntry<'a> {
    id: &'a str,
    measured: Option<f64>,
    ci95: Option<[f64; 2]>,
    outcome: &'static str,
    factor: Option<f64>,
}

/// The text of the file.
///
/// # Errors
/// When it cannot be written as JSON, which no data should cause.
pub(super) fn json(
    run: &Run,
    cases: &Cases,
    findings: &[Finding],
    command: &str,
) -> serde_json::Result<String> {
    let summary = Summary {
        form: FORM,
        run_id: &run.id,
        command,
        baseline: &cases.baseline,
        margin_log: cases.margin,
        cases: cases
            .cases
            .iter()
            .map(|case| CaseEntry {
                workload: case.workload.as_str(),
                case: &case.name,
                unit: match case.quantity {
                    Quantity::Time => "ns",
                    Quantity::Cpu => "cpu_ns",
                    Quantity::Memory => "bytes",
                },
                harness_share: case.overhead,
                arms: case.values.iter().map(arm).collect(),
                held: case.held.iter().map(|(arm, (held, of))| (arm.as_str(), [*held, *of])).collect(),
            })
            .collect(),
        claims: findings.iter().map(claim).collect(),
    };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}

fn ends(ci: Option<Interval>) -> Option<[f64; 2]> {
    ci.map(|ci| [ci.lo, ci.hi])
}

fn arm(value: &Value) -> ArmEntry<'_> {
    let contrast = value.contrast.as_ref();
    ArmEntry {
        arm: &value.arm,
        trials: value.by_block.len(),
        median: value.median,
        ci95: ends(value.ci),
        cpu_ns: value.cpu,
        ratio: contrast.and_then(|contrast| contrast.ratio),
        ratio_ci95: ends(contrast.and_then(|contrast| contrast.ci)),
        verdict: contrast.map(|contrast| contrast.comparison.judgement.verdict.as_str()),
    }
}

fn claim(finding: &Finding) -> ClaimEntry<'_> {
    let (outcome, factor) = match finding.outcome {
        Outcome::Confirmed => ("confirmed", None),
        Outcome::Contradicted(factor) => ("contradicted", Some(factor)),
        Outcome::NotDecidable(_) => ("not_decidable", None),
    };
    ClaimEntry { id: &finding.claim.id, measured: finding.measured, ci95: ends(finding.ci), outcome, factor }
}
