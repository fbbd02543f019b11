//! The analysis of variance of a factorial against fixed numbers from statsmodels (versions inside the file), which
//! `tests/vectors/make_factorial.py` wrote.

use analyzer::stats::factorial::{Layout, Source, anova};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Vectors {
    whole: BTreeMap<String, Whole>,
    gapped: BTreeMap<String, Gapped>,
}

#[derive(Deserialize)]
struct Whole {
    levels: Vec<usize>,
    rows: Vec<Vec<Option<f64>>>,
    main: BTreeMap<usize, Expected>,
    pairs: BTreeMap<String, Expected>,
    combinations: Expected,
    blocks: f64,
    residual: Expected,
    weights: Vec<f64>,
    contrast: Expected,
}

#[derive(Deserialize)]
struct Gapped {
    levels: Vec<usize>,
    rows: Vec<Vec<Option<f64>>>,
    residual: Expected,
}

#[derive(Deserialize)]
struct Expected {
    squares: f64,
    df: f64,
    p: Option<f64>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/factorial.json")).expect("the file is what the script wrote")
}

fn near(what: &str, found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-9 * (1.0 + wanted.abs()), "{what}: {found} and not {wanted}");
}

fn same(what: &str, found: &Source, wanted: &Expected) {
    near(what, found.squares, wanted.squares);
    assert_eq!(found.df, wanted.df, "{what}");
    match (found.p, wanted.p) {
        (Some(found), Some(wanted)) => {
            assert!((found - wanted).abs() <= 1e-7 * wanted + 1e-12, "{what}: p {found} {wanted}");
        }
        (found, wanted) => assert_eq!(found, wanted, "{what}"),
    }
}

#[test]
fn sums_of_squares_and_p_values_are_those_of_statsmodels() {
    for (name, case) in vectors().whole {
        let found = anova(&Layout::new(case.levels.clone()), &case.rows).unwrap().unwrap();
        for (factor, wanted) in &case.main {
            same(&format!("{name}, factor {factor}"), &found.main[*factor], wanted);
        }
        assert_eq!(found.pairs.len(), case.pairs.len(), "{name}");
        for ((f, g), source) in &found.pairs {
            let pair = format!("{f},{g}");
            same(&format!("{name}, pair {pair}"), source, &case.pairs[&pair]);
        }
        same(&format!("{name}, combinations"), &found.combinations, &case.combinations);
        same(&format!("{name}, residual"), &found.residual, &case.residual);
        near(&format!("{name}, blocks"), found.blocks.squares, case.blocks);
        same(&format!("{name}, contrast"), &found.contrast(&case.weights), &case.contrast);
        let parts = found.main.iter().chain(found.pairs.iter().map(|(_, source)| source));
        let sum: f64 = parts.map(|source| source.squares).sum::<f64>() + found.higher.squares;
        near(&format!("{name}, sum"), sum, found.combinations.squares);
        assert_eq!(found.missing, 0);
    }
}

#[test]
fn missing_values_leave_the_residual_as_it_is_without_them() {
    for (name, case) in vectors().gapped {
        let found = anova(&Layout::new(case.levels.clone()), &case.rows).unwrap().unwrap();
        same(&name, &found.residual, &case.residual);
        assert!(found.missing > 0);
    }
}

#[test]
fn an_exact_table_has_no_p_and_one_block_no_analysis() {
    let layout = Layout::new(vec![2, 2]);
    let rows: Vec<Vec<Option<f64>>> =
        (0..3).map(|b| (0..4).map(|c| Some(f64::from(b) + f64::from(c * c))).collect()).collect();
    let found = anova(&layout, &rows).unwrap().unwrap();
    assert!(found.main.iter().all(|source| source.p.is_none() && source.squares > 0.0));
    assert_eq!(anova(&layout, &rows[..1]).unwrap(), None);
    assert_eq!(anova(&layout, &vec![vec![Some(48_000f64.ln()); 4]; 7]).unwrap(), None, "nothing varies");
    assert!(anova(&layout, &[vec![Some(f64::NAN); 4], vec![Some(0.0); 4]]).is_err());
}
