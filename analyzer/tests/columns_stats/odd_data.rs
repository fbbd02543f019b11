//! Tables whose verdict would be wrong without a word: tails, coarse timers, groups that differ in size and spread.

use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{Settings, analyse};
use serde_json::Value;
use std::path::Path;

fn pair(case: &str, value: &str, margin: f64) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(case);
    let selection = Selection { value: value.into(), group: Some("g".into()), block: None, by: Vec::new() };
    let settings = Settings { margin: Some(margin), ..Settings::default() };
    let analysis = analyse(&columns::read(&file, &selection).unwrap(), &selection, &settings).unwrap();
    let whole: Value = serde_json::from_str(&analysis.json()).unwrap();
    whole["pairs"][0].clone()
}

#[test]
fn a_third_of_the_values_three_times_slower_is_not_less_than_the_margin() {
    let pair = pair("p_bimodal_slow_mode_unbl.csv", "v", 0.5);
    assert_eq!(pair["verdict"], "unresolved");
    let text = pair["verdict_text"].as_str().unwrap();
    assert!(text.starts_with("the typical trial is equal within ± 0.500, but "), "{text}");
    assert!(text.contains("14 of 40 values of b are higher by about 19.890: b minus a"), "{text}");
}

#[test]
fn a_timer_of_one_step_shows_no_equivalence_and_the_step_is_named() {
    let pair = pair("p_quant_timer_true5_unbl.csv", "v", 2.0);
    assert_eq!((pair["verdict"].as_str(), pair["step"].as_f64()), (Some("inconclusive"), Some(15.625)));
    let (lo, hi) = (pair["verdict_ci"][0].as_f64().unwrap(), pair["verdict_ci"][1].as_f64().unwrap());
    assert!(lo <= 5.0 && 5.0 <= hi, "the truth is 5: [{lo}, {hi}]");
    assert!(pair["verdict_text"].as_str().unwrap().contains("values move in steps of 15.625"));
}

#[test]
fn unequal_sizes_and_spreads_have_the_interval_that_holds_for_them() {
    let pair = pair("unequal_spread_false_relevant.csv", "v", 0.5);
    let width = |key: &str| pair[key][1].as_f64().unwrap() - pair[key][0].as_f64().unwrap();
    assert!(width("verdict_ci") > 1.3 * width("hodges_lehmann_ci"), "{pair}");
    assert_ne!(pair["verdict"], "relevant");
}
