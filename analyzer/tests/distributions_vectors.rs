//! Distributions and the tests built on them against fixed numbers from scipy, R and 40-digit integrals (versions
//! inside the file), which `tests/vectors/make_distributions.py` wrote.

use std::collections::BTreeMap;

use analyzer::stats::blocked::{Blocked, rcbd_f, tukey};
use analyzer::stats::brown_forsythe::brown_forsythe;
use analyzer::stats::effect::{hedges_g, hedges_g_interval};
use analyzer::stats::friedman::friedman;
use analyzer::stats::games_howell::games_howell;
use analyzer::stats::pairwise::PairDifference;
use analyzer::stats::shapiro_wilk::shapiro_wilk;
use analyzer::stats::{noncentral_t, studentized_range};
use serde::Deserialize;

/// a, b, diff, p, lower and upper end.
type Pair = (usize, usize, f64, f64, f64, f64);

#[derive(Deserialize)]
struct Vectors {
    noncentral_t: Vec<(f64, f64, f64, f64, f64)>,
    noncentrality: Vec<(f64, f64, f64, f64, f64)>,
    studentized_range: Vec<(f64, usize, f64, f64)>,
    ptukey: Vec<(f64, usize, f64, f64)>,
    studentized_range_quantile: Vec<(f64, usize, f64, f64)>,
    hedges: Vec<Hedges>,
    brown_forsythe: BTreeMap<String, BrownForsythe>,
    games_howell: BTreeMap<String, GamesHowell>,
    rcbd: BTreeMap<String, Rcbd>,
    friedman: BTreeMap<String, Friedman>,
    shapiro_wilk: BTreeMap<String, ShapiroWilk>,
}

#[derive(Deserialize)]
struct Hedges {
    a: Vec<f64>,
    b: Vec<f64>,
    level: f64,
    g: f64,
    lo: f64,
    hi: f64,
}

#[derive(Deserialize)]
struct BrownForsythe {
    groups: Vec<Vec<f64>>,
    f: f64,
    p: f64,
}

#[derive(Deserialize)]
struct GamesHowell {
    groups: Vec<Vec<f64>>,
    level: f64,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Rcbd {
    rows: Vec<Vec<f64>>,
    level: f64,
    f: f64,
    p: f64,
    relative_efficiency: f64,
    pairs: Vec<Pair>,
    /// TukeyHSD's diff, lower and upper end, and p rounded to seven decimals.
    r_pairs: Vec<(f64, f64, f64, f64)>,
}

#[derive(Deserialize)]
struct Friedman {
    rows: Vec<Vec<f64>>,
    chi2: f64,
    p: f64,
    f: f64,
    f_p: f64,
}

#[derive(Deserialize)]
struct ShapiroWilk {
    values: Vec<f64>,
    w: f64,
    p: f64,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/distributions.json"))
        .expect("the file is what the script wrote")
}

/// Equal to nine digits, however small; below 1e-290 the digits of f64 end.
#[track_caller]
fn close(ours: f64, theirs: f64, what: &str) {
    within(ours, theirs, 1e-9, what);
}

#[track_caller]
fn within(ours: f64, theirs: f64, relative: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= relative * theirs.abs() + 1e-290,
        "{what}: {ours:e} against {theirs:e}, {:e} apart",
        ours / theirs - 1.0
    );
}

fn slices(groups: &[Vec<f64>]) -> Vec<&[f64]> {
    groups.iter().map(Vec::as_slice).collect()
}

#[track_caller]
fn same_pairs(ours: &[PairDifference], theirs: &[Pair], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, &(a, b, diff, p, lo, hi)) in ours.iter().zip(theirs) {
        assert_eq!((ours.a, ours.b), (a, b), "{what}");
        let width = hi - lo;
        for (ours, theirs) in [(ours.diff, diff), (ours.ci.lo, lo), (ours.ci.hi, hi)] {
            assert!((ours - theirs).abs() <= 1e-9 * width, "{what}: {ours} against {theirs}");
        }
        close(ours.p, p, what);
    }
}

#[test]
fn noncentral_t_tails() {
    for (t, df, delta, lower, upper) in vectors().noncentral_t {
        let what = format!("t = {t}, df = {df}, delta = {delta}");
        close(noncentral_t::cdf(t, df, delta).unwrap(), lower, &what);
        close(noncentral_t::upper_tail(t, df, delta).unwrap(), upper, &what);
    }
}

#[test]
fn noncentralities() {
    for (t, df, level, lo, hi) in vectors().noncentrality {
        let ours = noncentral_t::noncentrality_interval(t, df, level).unwrap();
        for (ours, theirs) in [(ours.lo, lo), (ours.hi, hi)] {
            assert!((ours - theirs).abs() < 1e-9 * (hi - lo), "t = {t}, df = {df}: {ours} against {theirs}");
        }
    }
}

#[test]
fn studentized_ranges() {
    let vectors = vectors();
    for (q, k, df, p) in vectors.studentized_range {
        close(studentized_range::upper_tail(q, k, df).unwrap(), p, &format!("q = {q}, k = {k}, df = {df}"));
    }
    for (tail, k, df, q) in vectors.studentized_range_quantile {
        let ours = studentized_range::upper_quantile(tail, k, df).unwrap().unwrap();
        close(ours, q, &format!("tail = {tail}, k = {k}, df = {df}"));
    }
    // R is off by 1e-8 at few degrees of freedom.
    for (q, k, df, p) in vectors.ptukey {
        let ours = studentized_range::upper_tail(q, k, df).unwrap();
        assert!((ours - p).abs() < 1e-7, "q = {q}, k = {k}, df = {df}: {ours} against {p}");
    }
}

#[test]
fn hedges_intervals() {
    for case in vectors().hedges {
        let ours = hedges_g_interval(&case.a, &case.b, case.level).unwrap().unwrap();
        let ci = ours.ci.unwrap();
        assert_eq!(hedges_g(&case.a, &case.b).unwrap(), Some(ours.value));
        for (ours, theirs) in [(ours.value, case.g), (ci.lo, case.lo), (ci.hi, case.hi)] {
            assert!((ours - theirs).abs() < 1e-9 * (case.hi - case.lo), "{ours} against {theirs}");
        }
    }
}

#[test]
fn unequal_spreads() {
    for (name, case) in vectors().brown_forsythe {
        let ours = brown_forsythe(&slices(&case.groups)).unwrap().unwrap();
        close(ours.f, case.f, &name);
        close(ours.p, case.p, &name);
        let n: usize = case.groups.iter().map(Vec::len).sum();
        assert_eq!((ours.df1, ours.df2), ((case.groups.len() - 1) as f64, (n - case.groups.len()) as f64));
    }
}

#[test]
fn all_pairs_of_unpaired_groups() {
    for (name, case) in vectors().games_howell {
        let ours: Option<Vec<PairDifference>> =
            games_howell(&slices(&case.groups), case.level).unwrap().into_iter().collect();
        same_pairs(&ours.unwrap(), &case.pairs, &name);
    }
}

#[test]
fn randomised_blocks() {
    for (name, case) in vectors().rcbd {
        let data = Blocked::new(&case.rows).unwrap();
        let ours = rcbd_f(&data).unwrap();
        close(ours.f, case.f, &name);
        close(ours.p, case.p, &name);
        close(ours.relative_efficiency, case.relative_efficiency, &name);
        let ours = tukey(&data, case.level).unwrap().unwrap();
        same_pairs(&ours, &case.pairs, &name);
        assert_eq!(ours.len(), case.r_pairs.len());
        for (ours, &(diff, lo, hi, p)) in ours.iter().zip(&case.r_pairs) {
            for (ours, theirs, tolerance) in [
                (ours.diff, diff, 1e-9),
                (ours.ci.lo, lo, 1e-5 * (hi - lo)),
                (ours.ci.hi, hi, 1e-5 * (hi - lo)),
                (ours.p, p, 1e-7),
            ] {
                assert!((ours - theirs).abs() < tolerance, "{name}: {ours} against {theirs}");
            }
        }
    }
}

#[test]
fn ranks_within_blocks() {
    for (name, case) in vectors().friedman {
        let ours = friedman(&Blocked::new(&case.rows).unwrap()).unwrap();
        close(ours.chi2, case.chi2, &name);
        close(ours.p, case.p, &name);
        let f = ours.iman_davenport.unwrap();
        close(f.f, case.f, &name);
        close(f.p, case.f_p, &name);
    }
}

#[test]
fn normality() {
    for (name, case) in vectors().shapiro_wilk {
        let ours = shapiro_wilk(&case.values).unwrap().unwrap();
        close(ours.w, case.w, &name);
        within(ours.p, case.p, 1e-8, &name);
    }
}
