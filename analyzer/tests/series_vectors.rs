//! Statistics of a series and of two groups against fixed numbers from scipy and statsmodels (versions inside the file),
//! which `tests/vectors/make_series.py` wrote.

use std::collections::BTreeMap;

use analyzer::stats::autocorrelation::{acf1, ljung_box};
use analyzer::stats::bootstrap::{Resampling, percentile_and_bca};
use analyzer::stats::outliers::outliers;
use analyzer::stats::ratio::geometric_mean_ratio;
use analyzer::stats::runs::runs_test;
use analyzer::stats::trend::{kendall, theil_sen};
use analyzer::stats::welch::welch_tost;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    levels: Vec<f64>,
    margins: Vec<f64>,
    series: BTreeMap<String, Series>,
    pairs: BTreeMap<String, TwoGroups>,
    resamples: usize,
    bootstrapped: BTreeMap<String, Bootstrapped>,
}

#[derive(Deserialize)]
struct Series {
    values: Vec<f64>,
    acf1: Option<f64>,
    ljung_box: Option<LjungBox>,
    kendall: Option<Kendall>,
    theil_sen: f64,
    runs: Option<Runs>,
    tukey_1_5: Vec<usize>,
    tukey_3: Vec<usize>,
    modified_z_3_5: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct LjungBox {
    q: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Kendall {
    tau: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Runs {
    z: f64,
    p: f64,
}

#[derive(Deserialize)]
struct TwoGroups {
    a: Vec<f64>,
    b: Vec<f64>,
    tost: Vec<Option<f64>>,
    ratio: Option<Ratio>,
}

#[derive(Deserialize)]
struct Ratio {
    value: f64,
    cis: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Bootstrapped {
    values: Vec<f64>,
    percentile: (f64, f64),
    bca: (f64, f64),
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/series.json")).expect("the file is what the script wrote")
}

/// Equal to ten digits.
#[track_caller]
fn close(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-10 * theirs.abs().max(1e-3), "{what}: {ours:e} against {theirs:e}");
}

/// p values agree to eight digits, down to where statrs' error function ends.
#[track_caller]
fn same_p(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-8 * theirs + 1e-11, "{what}: {ours:e} against {theirs:e}");
}

#[test]
fn autocorrelations() {
    for (name, case) in vectors().series {
        // Of two values ours says nothing, because -1/2 says nothing.
        let theirs = case.acf1.filter(|_| case.values.len() > 2);
        let ours = acf1(&case.values).unwrap();
        assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            close(ours, theirs, &name);
        }
        let ours = ljung_box(&case.values).unwrap();
        assert_eq!(ours.is_some(), case.ljung_box.is_some(), "{name}");
        if let (Some(ours), Some(theirs)) = (ours, case.ljung_box) {
            close(ours.q, theirs.q, &name);
            same_p(ours.p, theirs.p, &name);
        }
    }
}

#[test]
fn trends() {
    for (name, case) in vectors().series {
        let ours = kendall(&case.values).unwrap();
        assert_eq!(ours.is_some(), case.kendall.is_some(), "{name}");
        if let (Some(ours), Some(theirs)) = (ours, case.kendall) {
            close(ours.tau, theirs.tau, &name);
            same_p(ours.p, theirs.p, &name);
        }
        match theil_sen(&case.values).unwrap() {
            Some(ours) => close(ours, case.theil_sen, &name),
            None => assert!(case.values.len() > 2000, "{name}"),
        }
    }
}

#[test]
fn exact_trend_tests_agree_to_all_digits() {
    for name in ["three", "five", "ten", "eleven", "thirty_three", "rising_forty", "falling_but_for_one_pair"]
    {
        let case = &vectors().series[name];
        let (ours, theirs) = (kendall(&case.values).unwrap().unwrap(), case.kendall.as_ref().unwrap());
        assert!((ours.p / theirs.p - 1.0).abs() < 1e-13, "{name}: {:e} against {:e}", ours.p, theirs.p);
    }
}

#[test]
fn runs() {
    for (name, case) in vectors().series {
        let ours = runs_test(&case.values).unwrap();
        assert_eq!(ours.is_some(), case.runs.is_some(), "{name}");
        if let (Some(ours), Some(theirs)) = (ours, case.runs) {
            close(ours.z, theirs.z, &name);
            same_p(ours.p, theirs.p, &name);
        }
    }
}

#[test]
fn flagged_positions() {
    for (name, case) in vectors().series {
        let ours = outliers(&case.values).unwrap().unwrap();
        assert_eq!(
            (ours.tukey_1_5, ours.tukey_3, ours.modified_z_3_5),
            (case.tukey_1_5, case.tukey_3, case.modified_z_3_5),
            "{name}"
        );
    }
}

#[test]
fn equivalence_of_unpaired_groups() {
    let vectors = vectors();
    for (name, case) in &vectors.pairs {
        for (margin, theirs) in vectors.margins.iter().zip(&case.tost) {
            let ours = welch_tost(&case.a, &case.b, *margin).unwrap();
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                same_p(ours, *theirs, name);
            }
        }
    }
}

#[test]
fn ratios_of_geometric_means() {
    let vectors = vectors();
    for (name, case) in &vectors.pairs {
        for (i, &level) in vectors.levels.iter().enumerate() {
            let ours = geometric_mean_ratio(&case.a, &case.b, level).unwrap();
            assert_eq!(ours.is_some(), case.ratio.is_some(), "{name}");
            if let (Some(ours), Some(theirs)) = (ours, &case.ratio) {
                let ci = ours.ci.unwrap();
                close(ours.value, theirs.value, name);
                close(ci.lo, theirs.cis[i].0, name);
                close(ci.hi, theirs.cis[i].1, name);
            }
        }
    }
}

#[test]
fn bootstrap_intervals_agree_with_as_many_resamples_of_another_generator() {
    let vectors = vectors();
    for (name, case) in &vectors.bootstrapped {
        let resampling = Resampling { resamples: vectors.resamples, seed: 3 };
        let ours = percentile_and_bca(&case.values, 0.95, resampling).unwrap().unwrap();
        for (ours, (lo, hi)) in [(ours.percentile, case.percentile), (ours.bca.unwrap(), case.bca)] {
            // 200,000 resamples leave 1.4 % of noise in a tail's rank on either side.
            let tolerance = 0.015 * (hi - lo);
            assert!(
                (ours.lo - lo).abs() < tolerance && (ours.hi - hi).abs() < tolerance,
                "{name}: {ours:?} {lo} {hi}"
            );
        }
    }
}
