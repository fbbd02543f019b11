//! The statistics against fixed numbers from scipy and statsmodels (versions inside the file), which
//! `tests/vectors/make_vectors.py` wrote.

use std::collections::BTreeMap;

use analyzer::stats::bootstrap::{Resampling, bootstrap_t};
use analyzer::stats::effect::{cliffs_delta, hedges_g};
use analyzer::stats::hodges_lehmann::{pseudo_median, pseudo_median_interval};
use analyzer::stats::paired::{paired_t, paired_tost};
use analyzer::stats::{
    Interval, kruskal, mean, multiple, order_null, permutation, power, quantile, rank_sum, shift, stratified,
    welch, wilcoxon,
};
use serde::Deserialize;

type Pair = Option<(f64, f64)>;

#[derive(Deserialize)]
struct Vectors {
    levels: Vec<f64>,
    ps: Vec<f64>,
    margin: f64,
    samples: BTreeMap<String, Sample>,
    pairs: BTreeMap<String, TwoSamples>,
    groups: BTreeMap<String, Groups>,
    strata: BTreeMap<String, Strata>,
    adjusted: BTreeMap<String, Adjusted>,
    expected_maximum: Vec<(usize, f64)>,
    power: Vec<Power>,
}

#[derive(Deserialize)]
struct Sample {
    values: Vec<f64>,
    mean: f64,
    sd: Option<f64>,
    quantiles: Vec<f64>,
    median_intervals: Vec<Option<MedianInterval>>,
    p95_interval: Option<QuantileInterval>,
    p25_interval: Option<QuantileInterval>,
    hodges_lehmann: Located,
    wilcoxon: Option<SignedRank>,
    t_test: Option<TTest>,
    permutation: Option<f64>,
    bootstrap_t: Pair,
}

#[derive(Deserialize)]
struct MedianInterval {
    ci: (f64, f64),
    coverage: f64,
}

#[derive(Deserialize)]
struct QuantileInterval {
    lo: Option<f64>,
    hi: Option<f64>,
}

#[derive(Deserialize)]
struct Located {
    value: f64,
    cis: Vec<Pair>,
}

#[derive(Deserialize)]
struct SignedRank {
    n: usize,
    w_plus: f64,
    w_minus: f64,
    p_exact: Option<f64>,
    p_asymptotic: f64,
}

#[derive(Deserialize)]
struct TTest {
    t: Option<f64>,
    p: Option<f64>,
    cis: Vec<(f64, f64)>,
    tost: Option<f64>,
}

#[derive(Deserialize)]
struct TwoSamples {
    a: Vec<f64>,
    b: Vec<f64>,
    u_b: f64,
    p_exact: Option<f64>,
    p_asymptotic: f64,
    shift: Located,
    cliffs_delta: f64,
    hedges_g: Option<f64>,
    welch: Option<Welch>,
}

#[derive(Deserialize)]
struct Welch {
    t: Option<f64>,
    df: Option<f64>,
    p: Option<f64>,
    cis: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Vec<f64>>,
    welch_anova: WelchAnova,
    kruskal: Kruskal,
}

#[derive(Deserialize)]
struct WelchAnova {
    f: f64,
    df1: f64,
    df2: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Kruskal {
    h: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Strata {
    strata: Vec<(Vec<f64>, Vec<f64>)>,
    shift: f64,
    p: f64,
    cis: Vec<Pair>,
}

#[derive(Deserialize)]
struct Adjusted {
    p: Vec<f64>,
    holm: Vec<f64>,
    bh: Vec<f64>,
}

#[derive(Deserialize)]
struct Power {
    n: usize,
    sd: f64,
    alpha: f64,
    power: f64,
    effect: f64,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/stats.json")).expect("the file is what the script wrote")
}

/// Equal to ten digits; `scale` is what the difference of values near 0 is held against.
#[track_caller]
fn close(ours: f64, theirs: f64, scale: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-10 * theirs.abs().max(scale), "{what}: {ours:e} against {theirs:e}");
}

#[track_caller]
fn both_or_neither(ours: Option<f64>, theirs: Option<f64>, scale: f64, what: &str) {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => close(ours, theirs, scale, what),
        (None, None) => {}
        (ours, theirs) => panic!("{what}: {ours:?} against {theirs:?}"),
    }
}

/// p values agree to eight digits, down to where statrs' error function ends.
#[track_caller]
fn same_p(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-8 * theirs + 1e-11, "{what}: {ours:e} against {theirs:e}");
}

/// The same members of a finite set: equal but for the last bit that serde_json may lose in reading.
#[track_caller]
fn same_ends(ours: Option<Interval>, theirs: Pair, what: &str) {
    match (ours, theirs) {
        (Some(ours), Some((lo, hi))) => {
            let ulps = 4.0 * f64::EPSILON * lo.abs().max(hi.abs());
            assert!(
                (ours.lo - lo).abs() <= ulps && (ours.hi - hi).abs() <= ulps,
                "{what}: {ours:?} against {lo} {hi}"
            );
        }
        (None, None) => {}
        (ours, theirs) => panic!("{what}: {ours:?} against {theirs:?}"),
    }
}

#[test]
fn means_and_t_tests() {
    let vectors = vectors();
    for (name, sample) in &vectors.samples {
        let x = &sample.values;
        let scale = sample.sd.unwrap_or(0.0);
        close(mean::mean(x).unwrap().unwrap(), sample.mean, scale, name);
        both_or_neither(mean::sample_sd(x).unwrap(), sample.sd, 0.0, name);
        for (i, &level) in vectors.levels.iter().enumerate() {
            let (ours, theirs) = (paired_t(x, level).unwrap(), &sample.t_test);
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            both_or_neither(ours.t, theirs.t, 1e-6, name);
            assert_eq!(ours.p.is_some(), theirs.p.is_some(), "{name}");
            if let (Some(ours), Some(theirs)) = (ours.p, theirs.p) {
                same_p(ours, theirs, name);
            }
            close(ours.ci.lo, theirs.cis[i].0, scale, name);
            close(ours.ci.hi, theirs.cis[i].1, scale, name);
        }
        let (ours, theirs) =
            (paired_tost(x, vectors.margin).unwrap(), sample.t_test.as_ref().and_then(|t| t.tost));
        assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            same_p(ours, theirs, name);
        }
    }
}

#[test]
fn quantiles_and_their_intervals() {
    let vectors = vectors();
    for (name, sample) in &vectors.samples {
        let x = &sample.values;
        let quantiles = quantile::quantiles(x, &vectors.ps).unwrap().unwrap();
        for (ours, theirs) in quantiles.iter().zip(&sample.quantiles) {
            close(*ours, *theirs, sample.sd.unwrap_or(0.0), name);
        }
        for (level, theirs) in vectors.levels.iter().zip(&sample.median_intervals) {
            let ours = quantile::median_interval(x, *level).unwrap();
            same_ends(ours.map(|m| m.interval), theirs.as_ref().map(|m| m.ci), &format!("{name} at {level}"));
            both_or_neither(ours.map(|m| m.coverage), theirs.as_ref().map(|m| m.coverage), 1.0, name);
        }
        for (p, level, theirs) in [(0.95, 0.95, &sample.p95_interval), (0.25, 0.9, &sample.p25_interval)] {
            let ours = quantile::quantile_interval(x, p, level).unwrap();
            assert!(ours.is_none_or(|q| q.coverage >= level), "{name}");
            assert_eq!(ours.is_some(), theirs.is_some(), "{name} {p}");
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            both_or_neither(ours.lo, theirs.lo, 0.0, name);
            both_or_neither(ours.hi, theirs.hi, 0.0, name);
        }
    }
}

#[test]
fn hodges_lehmann_estimates_are_the_very_walsh_averages() {
    let vectors = vectors();
    for (name, sample) in &vectors.samples {
        close(
            pseudo_median(&sample.values).unwrap().unwrap(),
            sample.hodges_lehmann.value,
            sample.sd.unwrap_or(0.0),
            name,
        );
        for (level, theirs) in vectors.levels.iter().zip(&sample.hodges_lehmann.cis) {
            let ours = pseudo_median_interval(&sample.values, *level).unwrap();
            same_ends(ours, *theirs, &format!("{name} at {level}"));
        }
    }
}

#[test]
fn shifts_are_the_very_differences() {
    let vectors = vectors();
    for (name, pair) in &vectors.pairs {
        close(shift::shift(&pair.a, &pair.b).unwrap().unwrap(), pair.shift.value, 1.0, name);
        for (level, theirs) in vectors.levels.iter().zip(&pair.shift.cis) {
            let ours = shift::shift_interval(&pair.a, &pair.b, *level).unwrap();
            same_ends(ours, *theirs, &format!("{name} at {level}"));
        }
    }
}

#[test]
fn rank_tests() {
    let vectors = vectors();
    for (name, sample) in &vectors.samples {
        let (ours, theirs) = (wilcoxon::signed_rank_test(&sample.values).unwrap(), &sample.wilcoxon);
        assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        assert_eq!((ours.n, ours.w_plus, ours.w_minus), (theirs.n, theirs.w_plus, theirs.w_minus), "{name}");
        both_or_neither(ours.p_exact, theirs.p_exact, 0.0, name);
        same_p(ours.p_asymptotic, theirs.p_asymptotic, name);
    }
    for (name, pair) in &vectors.pairs {
        let ours = rank_sum::mann_whitney(&pair.a, &pair.b).unwrap().unwrap();
        assert_eq!(ours.u_b, pair.u_b, "{name}");
        both_or_neither(ours.p_exact, pair.p_exact, 0.0, name);
        same_p(ours.p_asymptotic, pair.p_asymptotic, name);
    }
}

#[test]
fn sign_flips() {
    for (name, sample) in vectors().samples {
        if let Some(theirs) = sample.permutation {
            let ours = permutation::sign_flip(&sample.values, 1).unwrap().unwrap();
            assert!(ours.exact);
            assert_eq!(ours.p, theirs, "{name}");
        }
    }
}

#[test]
fn bootstrap_t_agrees_with_many_more_resamples_of_another_generator() {
    let mut compared = 0;
    for (name, sample) in vectors().samples {
        let Some((lo, hi)) = sample.bootstrap_t else { continue };
        let resampling = Resampling { resamples: 200_000, seed: 3 };
        let ours = bootstrap_t(&sample.values, 0.95, resampling).unwrap().unwrap();
        // 2.5 % of 200,000 leave about 1.4 % of noise in a tail's rank; heavy tails stretch it.
        let tolerance = 0.06 * (hi - lo);
        assert!(
            (ours.lo - lo).abs() < tolerance && (ours.hi - hi).abs() < tolerance,
            "{name}: {ours:?} {lo} {hi}"
        );
        compared += 1;
    }
    assert!(compared >= 8, "only {compared} samples were compared");
}

#[test]
fn effect_sizes() {
    for (name, pair) in vectors().pairs {
        close(cliffs_delta(&pair.a, &pair.b).unwrap().unwrap(), pair.cliffs_delta, 1.0, &name);
        both_or_neither(hedges_g(&pair.a, &pair.b).unwrap(), pair.hedges_g, 1e-3, &name);
    }
}

#[test]
fn unequal_variances() {
    let vectors = vectors();
    for (name, pair) in &vectors.pairs {
        for (i, &level) in vectors.levels.iter().enumerate() {
            let (ours, theirs) = (welch::welch_t(&pair.a, &pair.b, level).unwrap(), &pair.welch);
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            both_or_neither(ours.t, theirs.t, 1e-3, name);
            both_or_neither(ours.df, theirs.df, 0.0, name);
            assert_eq!(ours.p.is_some(), theirs.p.is_some(), "{name}");
            if let (Some(ours), Some(theirs)) = (ours.p, theirs.p) {
                same_p(ours, theirs, name);
            }
            close(ours.ci.lo, theirs.cis[i].0, 1.0, name);
            close(ours.ci.hi, theirs.cis[i].1, 1.0, name);
        }
    }
}

#[test]
fn several_groups() {
    for (name, case) in vectors().groups {
        let groups: Vec<&[f64]> = case.groups.iter().map(Vec::as_slice).collect();
        let (ours, theirs) = (welch::welch_anova(&groups).unwrap().unwrap(), &case.welch_anova);
        close(ours.f, theirs.f, 1e-3, &name);
        close(ours.df1, theirs.df1, 0.0, &name);
        close(ours.df2, theirs.df2, 0.0, &name);
        same_p(ours.p, theirs.p, &name);
        let ours = kruskal::kruskal_wallis(&groups).unwrap().unwrap();
        close(ours.h, case.kruskal.h, 1e-3, &name);
        same_p(ours.p, case.kruskal.p, &name);
    }
}

#[test]
fn comparisons_within_strata() {
    let vectors = vectors();
    for (name, case) in &vectors.strata {
        let strata: Vec<stratified::Stratum> =
            case.strata.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
        let ours = stratified::stratified(&strata).unwrap().unwrap();
        close(ours.shift, case.shift, 1.0, name);
        same_p(ours.p, case.p, name);
        for (level, theirs) in vectors.levels.iter().zip(&case.cis) {
            let ours = stratified::stratified_interval(&strata, *level).unwrap();
            // Strata lie far from 0, so the differences carry more than the last bit of their values.
            both_or_neither(ours.map(|ci| ci.lo), theirs.map(|ci| ci.0), 1.0, name);
            both_or_neither(ours.map(|ci| ci.hi), theirs.map(|ci| ci.1), 1.0, name);
        }
    }
}

#[test]
fn adjusted_p_values() {
    for (name, family) in vectors().adjusted {
        for (ours, theirs) in
            [(multiple::holm(&family.p), &family.holm), (multiple::benjamini_hochberg(&family.p), &family.bh)]
        {
            let ours = ours.unwrap();
            assert_eq!(ours.len(), theirs.len());
            ours.iter().zip(theirs).for_each(|(ours, theirs)| close(*ours, *theirs, 1e-3, &name));
        }
    }
}

#[test]
fn expected_maxima_equal_adaptive_quadrature() {
    for (n, theirs) in vectors().expected_maximum {
        close(order_null::expected_normal_maximum(n).unwrap(), theirs, 1.0, &format!("n = {n}"));
    }
}

#[test]
fn detectable_effects() {
    for case in vectors().power {
        let ours =
            power::minimum_detectable_effect(case.n, case.sd, case.alpha, case.power).unwrap().unwrap();
        close(ours, case.effect, 0.0, &format!("n = {}", case.n));
    }
}
