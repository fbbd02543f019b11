//! Tables whose verdict would be wrong without a word: tails, coarse timers, groups that differ in size and spread.

use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{Analysis, Settings, analyse};
use serde_json::Value;
use std::path::Path;

fn analysed(file: &Path, block: Option<&str>, margin: f64) -> Analysis {
    let block = block.map(str::to_owned);
    let selection = Selection { value: "v".into(), group: Some("g".into()), block, by: Vec::new() };
    let settings = Settings { margin: Some(margin), ..Settings::default() };
    analyse(&columns::read(file, &selection).unwrap(), &selection, &settings).unwrap()
}

fn first_pair(analysis: &Analysis) -> Value {
    let whole: Value = serde_json::from_str(&analysis.json()).unwrap();
    whole["pairs"][0].clone()
}

fn pair(case: &str, margin: f64) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(case);
    first_pair(&analysed(&file, None, margin))
}

/// Two groups in blocks, in the order of their values.
fn in_blocks(a: &[f64], b: &[f64], block: Option<&str>, margin: f64) -> Analysis {
    let file = tempfile::NamedTempFile::new().unwrap();
    let rows = a.iter().zip(b).enumerate().map(|(k, (a, b))| format!("{k},a,{a}\n{k},b,{b}\n"));
    std::fs::write(file.path(), "k,g,v\n".to_owned() + &rows.collect::<String>()).unwrap();
    analysed(file.path(), block, margin)
}

/// So many values around 10, of which the first ones are moved by these, in noise of its own for each `factor`.
fn moved(n: usize, factor: f64, moves: &[f64]) -> Vec<f64> {
    let noise = |k: usize| 0.05 * (factor * (k * k) as f64).sin();
    (0..n).map(|k| 10.0 + noise(k) + moves.get(k).copied().unwrap_or(0.0)).collect()
}

#[test]
fn a_third_of_the_values_three_times_slower_is_not_less_than_the_margin() {
    let pair = pair("p_bimodal_slow_mode_unbl.csv", 0.5);
    assert_eq!(pair["verdict"], "unresolved");
    let text = pair["verdict_text"].as_str().unwrap();
    assert!(text.starts_with("the typical trial is equal within ± 0.500, but "), "{text}");
    assert!(text.contains("14 of 40 values of b are higher by about 19.890: b minus a"), "{text}");
}

#[test]
fn a_timer_of_one_step_shows_no_equivalence_and_the_step_is_named() {
    let pair = pair("p_quant_timer_true5_unbl.csv", 2.0);
    assert_eq!((pair["verdict"].as_str(), pair["step"].as_f64()), (Some("inconclusive"), Some(15.625)));
    let (lo, hi) = (pair["verdict_ci"][0].as_f64().unwrap(), pair["verdict_ci"][1].as_f64().unwrap());
    assert!(lo <= 5.0 && 5.0 <= hi, "the truth is 5: [{lo}, {hi}]");
    assert!(pair["verdict_text"].as_str().unwrap().contains("values move in steps of 15.625"));
}

#[test]
fn unequal_sizes_and_spreads_have_the_interval_that_holds_for_them() {
    let pair = pair("unequal_spread_false_relevant.csv", 0.5);
    let width = |key: &str| pair[key][1].as_f64().unwrap() - pair[key][0].as_f64().unwrap();
    assert!(width("verdict_ci") > 1.3 * width("hodges_lehmann_ci"), "{pair}");
    assert_ne!(pair["verdict"], "relevant");
}

#[test]
fn a_coarse_timer_with_equal_differences_in_all_blocks_shows_no_equivalence() {
    let floored = [0.0, 15.625, 31.25, 46.875, 62.5, 78.125, 93.75];
    let pair = first_pair(&in_blocks(&floored, &floored, Some("k"), 2.0));
    assert_eq!((pair["verdict"].as_str(), pair["step"].as_f64()), (Some("inconclusive"), Some(15.625)));
    let text = pair["verdict_text"].as_str().unwrap();
    assert!(text.contains("values move in steps of 15.625") && !text.contains("no variation"), "{text}");
    let constant = first_pair(&in_blocks(&[1.0; 7], &[1.0; 7], Some("k"), 2.0));
    assert!(constant["verdict_text"].as_str().unwrap().ends_with("no variation"), "{constant}");
}

#[test]
fn trials_apart_contradict_equivalence_on_either_side_and_in_large_samples() {
    let but = "the typical trial is equal within ± 0.500, but";
    let of = |n: usize, moves: &[f64], block: Option<&str>| {
        let pair = first_pair(&in_blocks(&moved(n, 1.0, &[]), &moved(n, 3.0, moves), block, 0.5));
        (pair["verdict"].as_str().unwrap().to_owned(), pair["verdict_text"].as_str().unwrap().to_owned())
    };
    let both = [-50.0, 50.0, -50.0, 50.0, -50.0, 50.0];
    let (verdict, text) = of(20, &both, Some("k"));
    let named = format!(
        "{but} 3 of 20 blocks are lower by about 49.985 and 3 of 20 blocks are higher by about 50.002"
    );
    assert!(verdict == "unresolved" && text.starts_with(&named), "{text}");
    for (n, moves) in
        [(20, &both[..]), (40, &[-50.0, -50.0, -50.0]), (12, &[-1.9, -1.9, -1.9]), (7, &[-50.0])]
    {
        let (verdict, text) = of(n, moves, None);
        assert!(verdict == "unresolved" && text.starts_with(but), "{n} {moves:?}: {verdict}: {text}");
    }
    let (verdict, text) = of(20, &[-50.0], Some("k"));
    assert!(verdict == "equivalent" && text.contains("1 of 20 blocks is lower"), "a bad moment: {text}");
}

#[test]
fn no_number_of_further_blocks_is_named_where_trials_apart_widen_the_interval() {
    let pair = first_pair(&in_blocks(&moved(12, 1.0, &[]), &moved(12, 3.0, &[-50.0, -50.0]), Some("k"), 0.5));
    let text = pair["verdict_text"].as_str().unwrap();
    assert!(pair["verdict"] == "inconclusive" && text.contains("2 of 12 blocks are lower"), "{text}");
    assert!(!text.contains("would settle it"), "{text}");
}

#[test]
fn blocks_that_resemble_their_neighbours_are_said_beside_the_verdict() {
    let slow: Vec<f64> = (0..30).map(|k| 10.0 + (f64::from(k) / 5.0).sin()).collect();
    let analysis = in_blocks(&moved(30, 1.0, &[]), &slow, Some("k"), 0.5);
    let beside = "; neighbouring blocks are alike (lag-1 r = 0.9";
    assert!(analysis.text().contains(beside), "{}", analysis.text());
    let quiet = in_blocks(&moved(30, 1.0, &[]), &moved(30, 3.0, &[]), Some("k"), 0.5);
    assert!(!quiet.text().contains("alike"), "{}", quiet.text());
}
