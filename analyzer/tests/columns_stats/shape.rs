//! The shape of the JSON.

use super::{analysed, blocked, json, plain};
use analyzer::columns_stats::{AnalyseError, Settings};
use analyzer::stats::bootstrap::Resampling;
use serde_json::Value;

/// Two groups in three blocks, `z` first.
const SMALL: &str = "block,group,value\n1,z,1.5\n1,a,2.5\n2,z,1.25\n2,a,3.5\n3,a,2\n3,z,1\n";

/// Each key of DESIGN section 8 in its order.
const GROUP: &[&str] = &[
    "n",
    "mean",
    "sd",
    "min",
    "max",
    "median",
    "quantiles",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "0.75",
    "0.9",
    "0.95",
    "0.99",
    "t_ci",
    "bootstrap_t_ci",
    "bca_ci",
    "percentile_ci",
    "median_ci",
    "median_ci_coverage",
    "p90_ci",
    "p95_ci",
    "shapiro_wilk",
    "w",
    "p",
    "outliers",
    "tukey_1_5",
    "tukey_3",
    "modified_z_3_5",
    "series",
    "acf1",
    "ljung_box_q10",
    "ljung_box_p",
    "kendall_tau",
    "kendall_p",
    "theil_sen_slope",
    "runs_z",
    "runs_p",
];
const PAIR: &[&str] = &[
    "a",
    "b",
    "diff",
    "welch",
    "t",
    "df",
    "p",
    "ci",
    "tost_welch",
    "p",
    "mann_whitney",
    "u_b",
    "p_exact",
    "p_asymptotic",
    "hodges_lehmann",
    "hodges_lehmann_ci",
    "hodges_lehmann_ci90",
    "brown_forsythe",
    "f",
    "p",
    "hedges_g",
    "g",
    "ci",
    "cliffs_delta",
    "ratio_geomean",
    "ratio",
    "ci",
];
const PAIRED: &[&str] = &[
    "paired",
    "n",
    "mean_diff",
    "sd_diff",
    "t",
    "df",
    "p",
    "ci",
    "bootstrap_t_ci",
    "wilcoxon",
    "w",
    "p_exact",
    "p_asymptotic",
    "hodges_lehmann",
    "hodges_lehmann_ci",
    "hodges_lehmann_ci90",
    "permutation_p",
    "tost_p",
];
const VERDICT: &[&str] =
    &["verdict", "verdict_text", "verdict_estimate", "verdict_ci", "verdict_ci90", "step"];
const OMNIBUS: &[&str] =
    &["omnibus", "welch_anova", "f", "df1", "df2", "p", "kruskal_wallis", "h", "df", "p"];
const OMNIBUS_BLOCKED: &[&str] = &[
    "friedman",
    "chi2",
    "p",
    "iman_davenport_f",
    "iman_davenport_p",
    "rcbd",
    "f",
    "df1",
    "df2",
    "p",
    "relative_efficiency",
];
const SIMULTANEOUS: &[&str] = &["a", "b", "diff", "p", "ci"];
const WELCH_ADJUSTED: &[&str] = &["welch_adjusted", "a", "b", "p", "holm", "bh"];
const PAIRED_ADJUSTED: &[&str] = &["paired_adjusted", "a", "b", "p", "holm", "tost_p", "tost_holm"];
const END: &[&str] = &["margin", "n_rows", "excluded_rows"];

/// All keys of a JSON text in the order in which they stand.
fn keys(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = text.split("\":").collect();
    pieces.pop();
    pieces.iter().filter_map(|before| Some(before.rsplit_once('"')?.1)).collect()
}

#[test]
fn without_blocks_the_keys_are_those_of_the_design_in_its_order() {
    let analysis = analysed(SMALL, &plain(), &Settings::default()).unwrap();
    let expected = [
        &["groups", "z"],
        GROUP,
        &["a"],
        GROUP,
        &["pairs"],
        PAIR,
        VERDICT,
        OMNIBUS,
        &["multiple", "games_howell"],
        SIMULTANEOUS,
        WELCH_ADJUSTED,
        END,
    ];
    assert_eq!(keys(&analysis.json()), expected.concat());
}

#[test]
fn blocks_add_their_keys_in_their_places() {
    let analysis = analysed(SMALL, &blocked(), &Settings::default()).unwrap();
    let expected = [
        &["groups", "z"],
        GROUP,
        &["a"],
        GROUP,
        &["pairs"],
        PAIR,
        PAIRED,
        VERDICT,
        OMNIBUS,
        OMNIBUS_BLOCKED,
        &["multiple", "games_howell"],
        SIMULTANEOUS,
        &["rcbd_tukey"],
        SIMULTANEOUS,
        WELCH_ADJUSTED,
        PAIRED_ADJUSTED,
        END,
        &["dropped_blocks"],
    ];
    assert_eq!(keys(&analysis.json()), expected.concat());
}

#[test]
fn the_baseline_comes_first_everywhere() {
    let settings = Settings { baseline: Some("a".into()), ..Settings::default() };
    let analysis = analysed(SMALL, &plain(), &settings).unwrap();
    let names: Vec<&str> = analysis.cells[0].object.groups.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "z"]);
    let pair = &json(&analysis)["pairs"][0];
    assert_eq!(
        (&pair["a"], &pair["b"], pair["diff"].as_f64().unwrap() < 0.0),
        (&"a".into(), &"z".into(), true)
    );
}

#[test]
fn cells_stand_in_a_list_with_their_columns() {
    let mut selection = plain();
    selection.by = vec!["scenario".into(), "agents".into()];
    let csv = "agents,scenario,group,value\n2,s,x,1\n8,s,x,2\n2,s,y,3\n2,s\n";
    let found = json(&analysed(csv, &selection, &Settings::default()).unwrap());
    assert_eq!(found["cells"].as_array().unwrap().len(), 2);
    assert_eq!(found["cells"][1]["by"], serde_json::json!({"scenario": "s", "agents": "8"}));
    assert_eq!(found["cells"][0]["pairs"].as_array().unwrap().len(), 1);
    assert_eq!(found["cells"][1]["pairs"], Value::Array(Vec::new()));
    assert_eq!(found["excluded_rows"][0]["line"], 5);
}

#[test]
fn incomplete_blocks_are_named_and_their_values_stay_in_their_groups() {
    let csv = "block,group,value\nx,a,1\nx,b,2\nx,c,3\ny,a,4\ny,c,6\nz,a,7\nz,b,8\nz,c,9.5\n";
    let found = json(&analysed(csv, &blocked(), &Settings::default()).unwrap());
    assert_eq!(found["dropped_blocks"], serde_json::json!([{"block": "y", "missing": ["b"]}]));
    assert_eq!(found["groups"]["a"]["n"], 3);
    assert_eq!(found["pairs"][1]["paired"]["n"], 2, "a and c meet in three blocks, b in two");
    assert_eq!(found["pairs"][1]["verdict_text"], "needs >= 6 blocks, has 2");
    assert_eq!(found["multiple"]["rcbd_tukey"][1]["diff"], 2.25, "over the blocks that have all groups");
}

#[test]
fn one_group_has_nothing_to_be_compared_with() {
    let analysis = analysed("group,value\na,1\na,2\n", &plain(), &Settings::default()).unwrap();
    let found = json(&analysis);
    assert_eq!(found["pairs"], Value::Array(Vec::new()));
    assert_eq!(found["omnibus"]["kruskal_wallis"]["p"], Value::Null);
    assert_eq!(analysis.notes, ["one group only (a): nothing to compare"]);
}

#[test]
fn one_block_is_too_few_and_no_error() {
    let analysis = analysed("block,group,value\n1,a,1\n1,b,2\n", &blocked(), &Settings::default()).unwrap();
    let found = json(&analysis);
    assert_eq!(found["pairs"][0]["verdict"], "not_analysable");
    assert_eq!(found["pairs"][0]["paired"]["mean_diff"], 1.0);
    assert_eq!(found["pairs"][0]["paired"]["ci"], Value::Null);
    assert_eq!(found["omnibus"]["rcbd"]["f"], Value::Null);
}

#[test]
fn the_default_margin_is_announced_and_doubted_where_it_spans_everything() {
    let notes = |csv: &str, margin| {
        analysed(csv, &plain(), &Settings { margin, ..Settings::default() }).unwrap().notes
    };
    let wide = notes("group,value\na,1\nb,2\n", None);
    assert_eq!(wide, ["margin 0.5 is the default, in the unit of value; name yours with --margin"]);
    assert!(notes("group,value\na,0.1\nb,0.2\n", None)[1].contains("larger than the whole range"));
    assert!(notes("group,value\na,0.1\nb,0.2\n", Some(0.01)).is_empty());
    assert!(notes("group,value\na,0.1\nb,0.2\n", Some(3.0))[0].contains("larger than the whole range"));
}

#[test]
fn settings_out_of_range_are_refused_with_the_remedy() {
    let refused = |settings: &Settings| analysed(SMALL, &plain(), settings).unwrap_err();
    for margin in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = refused(&Settings { margin: Some(margin), ..Settings::default() });
        assert!(matches!(error, AnalyseError::Margin(_)) && error.is_users());
    }
    let resampling = Resampling { resamples: 39, seed: 1 };
    let error = refused(&Settings { resampling, ..Settings::default() });
    assert_eq!(error.to_string(), "--resamples 39: a 95 % interval needs at least 40");
    let error = refused(&Settings { baseline: Some("tokio".into()), ..Settings::default() });
    assert_eq!(error.to_string(), "--baseline tokio: no such group; give one of z and a");
    let mut selection = plain();
    selection.group = None;
    let error = analysed(SMALL, &selection, &Settings::default()).unwrap_err();
    assert!(error.to_string().contains("--group is missing") && error.is_users());
}

#[test]
fn a_group_per_row_is_refused_before_the_pairs_are_made() {
    let mut csv = String::from("group,value\n");
    (0..201).for_each(|i| csv += &format!("g{i},{i}\n"));
    let error = analysed(&csv, &plain(), &Settings::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column group: 201 groups in one cell, at most 200 can be compared in pairs; \
         give a --group with fewer values, or ask for --summary"
    );
}
