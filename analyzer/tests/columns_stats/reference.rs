//! Every number against tests/vectors/make_columns.py, which computes it with scipy and statsmodels or from its
//! definition.

use super::json;
use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{Settings, analyse};
use analyzer::stats::bootstrap::Resampling;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Both sides resample with streams of their own. At 40,000 resamples a bound of a 95 % interval has a standard error
/// of about .3 % of the width, more in the long tails of a bootstrap-t: ten times that.
const RESAMPLES: usize = 40_000;
const OF_WIDTH: f64 = 0.03;

/// Of numbers that nothing random enters.
const RELATIVE: f64 = 1e-8;

/// scipy's normal quantiles in Shapiro and Wilk's test have about seven digits.
const SHAPIRO_P: f64 = 1e-6;

/// 100,000 draws against 200,000: five standard errors of a p near .5.
const DRAWN_P: f64 = 0.01;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/columns_stats/cases")
}

/// Compares one table with its reference; the differences found, one line each.
fn compared(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(cases().join(format!("{name}.json"))).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    let options = &case["options"];
    let option = |name: &str| options[name].as_str().map(str::to_owned);
    let by = options["by"].as_array().cloned().unwrap_or_default();
    let selection = Selection {
        value: option("value").unwrap(),
        group: option("group"),
        block: option("block"),
        by: by.iter().map(|column| column.as_str().unwrap().to_owned()).collect(),
    };
    let settings = Settings {
        baseline: option("baseline"),
        margin: options["margin"].as_f64(),
        resampling: Resampling { resamples: RESAMPLES, seed: 7 },
    };
    let columns = columns::read(&cases().join(format!("{name}.csv")), &selection).unwrap();
    let found = json(&analyse(&columns, &selection, &settings).unwrap());
    let mut differences = Vec::new();
    compare("", &found, &case["expected"], &mut differences);
    differences
}

fn compare(path: &str, found: &Value, expected: &Value, differences: &mut Vec<String>) {
    let mut differ = |what: &str| differences.push(format!("{path}: {what}: {found} and not {expected}"));
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => objects(path, found, expected, differences),
        (Value::Array(rows), Value::Array(lines)) if path.ends_with("/excluded_rows") => {
            let found: Vec<&Value> = rows.iter().map(|row| &row["line"]).collect();
            if found != lines.iter().collect::<Vec<_>>() {
                differ("lines");
            }
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let resampled = ["bootstrap_t_ci", "bca_ci", "percentile_ci"].iter().any(|ci| path.ends_with(ci));
            if resampled {
                let bound = |pair: &[Value], i: usize| pair[i].as_f64().unwrap();
                let tolerance = OF_WIDTH * (bound(expected, 1) - bound(expected, 0)) + 1e-12;
                if (0..2).any(|i| (bound(found, i) - bound(expected, i)).abs() > tolerance) {
                    differ("resampled interval");
                }
                return;
            }
            for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
                compare(&format!("{path}/{index}"), found, expected, differences);
            }
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            let tolerance = match path.rsplit_once('/') {
                Some((_, "permutation_p")) => DRAWN_P,
                Some((test, "p")) if test.ends_with("shapiro_wilk") => SHAPIRO_P * expected,
                _ => RELATIVE * expected.abs() + 1e-13,
            };
            if (found - expected).abs() > tolerance {
                differ("number");
            }
        }
        (found, expected) if found == expected => {}
        _ => differ("value"),
    }
}

fn objects(
    path: &str,
    found: &Map<String, Value>,
    expected: &Map<String, Value>,
    differences: &mut Vec<String>,
) {
    for (key, expected) in expected {
        match found.get(key) {
            Some(found) => compare(&format!("{path}/{key}"), found, expected, differences),
            None => differences.push(format!("{path}/{key}: missing")),
        }
    }
    // What a verdict rests on, and its sentence, are tested with the verdicts.
    const OF_VERDICTS: [&str; 5] = ["verdict_text", "verdict_estimate", "verdict_ci", "verdict_ci90", "step"];
    for key in found.keys().filter(|key| !expected.contains_key(*key) && !OF_VERDICTS.contains(&key.as_str()))
    {
        differences.push(format!("{path}/{key}: not expected"));
    }
}

#[track_caller]
fn agrees(name: &str) {
    let differences = compared(name);
    assert!(differences.is_empty(), "{name}: {}\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn normal_groups() {
    agrees("normal");
}

#[test]
fn skewed_groups_of_unequal_size() {
    agrees("skewed");
}

#[test]
fn heavy_outliers() {
    agrees("heavy");
}

#[test]
fn a_group_too_large_for_exact_ranks() {
    agrees("large");
}

#[test]
fn one_two_and_three_values() {
    agrees("tiny");
}

#[test]
fn groups_without_variation() {
    agrees("constant");
}

#[test]
fn ties_and_a_baseline() {
    agrees("ties");
}

#[test]
fn drift_in_row_order() {
    agrees("drift");
}

#[test]
fn blocks_bounded_at_100() {
    agrees("bounded");
}

#[test]
fn over_fifty_blocks_with_outliers() {
    agrees("blocked_heavy");
}

#[test]
fn blocks_with_ties() {
    agrees("blocked_ties");
}

#[test]
fn blocks_with_gaps_crlf_quoted_cells_and_unusable_rows() {
    agrees("gaps");
}

#[test]
fn cells_by_two_columns() {
    agrees("cells");
}
