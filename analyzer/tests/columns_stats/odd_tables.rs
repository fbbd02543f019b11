//! Tables that were once misjudged without a word, with their right values.

use super::{analysed, blocked, json, plain};
use analyzer::columns::{self, ColumnsError, Selection};
use analyzer::columns_stats::{Settings, analyse};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

fn margin(margin: f64) -> Settings {
    Settings { margin: Some(margin), ..Settings::default() }
}

fn of_case(name: &str, selection: &Selection, settings: &Settings) -> Value {
    json(&analyse(&columns::read(&case(name), selection).unwrap(), selection, settings).unwrap())
}

/// What is said of a text that cannot be read.
fn refused(csv: &str, selection: &Selection) -> String {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), csv).unwrap();
    let error = columns::read(file.path(), selection).unwrap_err();
    error.to_string().replace(&*file.path().to_string_lossy(), "a.csv")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

#[test]
fn an_open_quote_is_named_with_its_line() {
    for selection in [plain(), blocked()] {
        let error = columns::read(&case("stray_quote_swallows_rest.csv"), &selection).unwrap_err();
        assert!(matches!(error, ColumnsError::Quote { line: 22, .. }), "{error}");
        assert!(error.to_string().contains("line 22: a quote opens here and nothing closes it"), "{error}");
    }
}

#[test]
fn without_the_torn_row_the_table_says_what_is_true() {
    let found = of_case("stray_quote_truth.csv", &blocked(), &margin(0.5));
    let unpaired = of_case("stray_quote_truth.csv", &plain(), &margin(0.5));
    assert_eq!((&found["n_rows"], &found["pairs"][0]["verdict"]), (&79.into(), &"relevant".into()));
    let shift = number(&unpaired["pairs"][0]["hodges_lehmann"]);
    assert!((shift - 2.676).abs() < 0.3, "{shift}");
}

#[test]
fn a_quote_that_closes_by_luck_is_named_too() {
    let rows = |first: &str, last: &str| {
        let middle: String = (0..9).map(|i| format!("a,{i},ok,{i}.5\nb,{i},ok,{i}.25\n")).collect();
        format!("group,block,note,value\n{first}{middle}{last}a,20,ok,3\n")
    };
    let torn = "a,10,\"cold start,9.9\n";
    for (last, what) in [
        ("b,11,\"cold start,9.5\n", "closes on a later line in the middle of a cell"),
        ("b,11,cold start\",9.5\n", "behind lines that look like rows"),
    ] {
        let text = refused(&rows(torn, last), &plain());
        assert!(text.starts_with("a.csv, line 2: a quote opens here") && text.contains(what), "{text}");
    }
    for two in ["a,1,\"cold,9\nb,1,ok\",8\n", "a,1,\"cold\nb,1,ok\",8\n", "a,1,ok,\"7\nb,1,ok,8\n\"\n"] {
        let text = refused(&format!("group,block,note,value\na,0,ok,1\n{two}a,2,ok,3\n"), &plain());
        assert!(text.starts_with("a.csv, line 3: a quote"), "{text}");
    }
    for header in ["group,\"value", "\"group,value", "\"group\"s,value"] {
        let text = refused(&format!("{header}\na,1\nb,2\n"), &plain());
        assert!(text.contains("line 1: a quote opens in the header"), "{text}");
    }
}

#[test]
fn quotes_that_harm_nobody_are_read_or_cost_their_row() {
    let csv =
        "group,note,value\na,\"two\nlines, of text\n\",1\na,5\" disk,2\na,\"x\"y,3\na,\"say \"\"hi\"\"\",4\n";
    let found = json(&analysed(csv, &plain(), &Settings::default()).unwrap());
    assert_eq!(found["groups"]["a"]["n"], 3);
    assert_eq!(
        found["excluded_rows"],
        serde_json::json!([{"line": 6, "reason": "text follows a closing quote"}])
    );
    // A text in the first or the last column: its last or first line has all cells.
    for csv in ["note,group,value\n\"one\ntwo\",a,1\n", "group,value,note\na,1,\"one\ntwo\"\n"] {
        let found = json(&analysed(csv, &plain(), &Settings::default()).unwrap());
        assert_eq!(found["groups"]["a"]["n"], 1);
    }
}

#[test]
fn nanoseconds_since_1970_keep_their_last_digits() {
    let found = of_case("ns19.csv", &blocked(), &margin(300.0));
    let pair = &found["pairs"][0];
    assert_eq!(pair["paired"]["hodges_lehmann"], 32.5);
    assert_eq!(pair["paired"]["mean_diff"], 32.375);
    assert_eq!(pair["hodges_lehmann"], 35.0);
    assert_eq!(pair["diff"], 32.375);
    assert_eq!(pair["ratio_geomean"]["ratio"], Value::Null);
    let selection = blocked();
    let read = columns::read(&case("ns19.csv"), &selection).unwrap();
    let analysis = analyse(&read, &selection, &margin(300.0)).unwrap();
    let text = analysis.json();
    for exact in
        ["\"mean\":1700000000000000099.625,", "\"min\":1700000000000000090,", "\"max\":1700000000000000140,"]
    {
        assert!(text.contains(exact), "{exact} in {text}");
    }
    assert!(analysis.text().contains("1700000000000000099.63"), "{}", analysis.text());
    assert!(analysis.notes.iter().any(|note| note.contains("have more digits than floating point keeps")));
}

/// Two groups in twelve blocks whose values differ behind `digits`, blocks drifting by `drift`.
fn shared_digits(digits: u128, drift: u128, decimals: usize) -> String {
    let mut csv = String::from("group,block,value\n");
    for block in 0..12u128 {
        for (group, shift) in [("a", 0), ("b", 30)] {
            let value = (digits + block * drift + shift + block * (7 + shift / 10) % 5).to_string();
            let (whole, fraction) = value.split_at(value.len() - decimals);
            let point = if decimals > 0 { "." } else { "" };
            csv += &format!("{group},{block},{whole}{point}{fraction}\n");
        }
    }
    csv
}

#[test]
fn whatever_the_values_share_differences_are_those_of_the_small_table() {
    let small = json(&analysed(&shared_digits(1_000, 0, 0), &blocked(), &margin(5.0)).unwrap());
    for (digits, decimals) in [
        (9_007_199_254_740_993, 0),
        (1_700_000_000_000_000_097, 0),
        (1_700_000_000_000_000_097, 9),
        (123_456_789_012_345_678_901_234, 0),
        (123_456_789_012_345_678_901_234, 23),
        (1_000_000_000_000_000_000_000_000, 20),
    ] {
        let large = json(
            &analysed(
                &shared_digits(digits, 0, decimals),
                &blocked(),
                &Settings { margin: Some(5.0 / 10f64.powi(decimals as i32)), ..Settings::default() },
            )
            .unwrap(),
        );
        let scale = 10f64.powi(decimals as i32);
        let (small, large) = (&small["pairs"][0], &large["pairs"][0]);
        assert_eq!(small["verdict"], large["verdict"]);
        for path in [
            "/diff",
            "/hodges_lehmann",
            "/paired/hodges_lehmann",
            "/paired/sd_diff",
            "/paired/ci/0",
            "/welch/ci/1",
        ] {
            let (expected, found) =
                (number(small.pointer(path).unwrap()), number(large.pointer(path).unwrap()) * scale);
            assert!((found / expected - 1.0).abs() < 1e-9, "{digits} {decimals} {path}: {found} {expected}");
        }
    }
}

#[test]
fn blocks_that_lie_far_apart_hide_no_difference_within_them() {
    // A minute from block to block, 30 ns from group to group.
    let csv = shared_digits(1_700_000_000_000_000_097, 60_000_000_000, 0);
    let found = json(&analysed(&csv, &blocked(), &margin(100.0)).unwrap());
    let paired = &found["pairs"][0]["paired"];
    let small = json(&analysed(&shared_digits(1_000, 0, 0), &blocked(), &margin(100.0)).unwrap());
    assert_eq!(paired["hodges_lehmann"], small["pairs"][0]["paired"]["hodges_lehmann"]);
}

#[test]
fn short_numbers_among_long_ones_are_exact_too() {
    let csv =
        "group,value\na,1700000000.1\na,1700000000.100000097\nb,1700000000.1000002\nb,1700000000.1000003\n";
    let found = json(&analysed(csv, &plain(), &margin(1.0)).unwrap());
    let diff = number(&found["pairs"][0]["diff"]);
    assert!((diff / 2.015e-7 - 1.0).abs() < 1e-9, "{diff:e}");
}

#[test]
fn differences_in_digits_that_are_not_kept_are_refused_by_name() {
    let long = "1234567890123456789012345678901234567";
    let text = refused(&format!("group,value\na,{long}1\nb,{long}2\n"), &plain());
    assert!(
        text.starts_with("a.csv: value has values near 1") && text.contains("subtract a common number"),
        "{text}"
    );
}

#[test]
fn numbers_that_f64_keeps_are_left_as_they_are() {
    let csv = "group,value\na,10.066668332590208\na,9.930061169167633\nb,29.928915646441286\nb,1e99\nb,12345678901234567890\n";
    let analysis = analysed(csv, &plain(), &margin(1.0)).unwrap();
    assert_eq!(json(&analysis)["origin"], Value::Null);
    assert!(analysis.json().contains("\"min\":9.930061169167633,"));
    let constant = "group,value\na,10.066668332590208\na,10.066668332590208\nb,10.066668332590208\n";
    assert!(
        analysed(constant, &plain(), &margin(1.0)).unwrap().json().contains("\"mean\":10.066668332590208,")
    );
}

#[test]
fn a_misspelt_group_does_not_spoil_the_pairs_of_the_others() {
    let selection = blocked();
    let read = columns::read(&case("zero_width.csv"), &selection).unwrap();
    let analysis = analyse(&read, &selection, &margin(0.5)).unwrap();
    let found = json(&analysis);
    let pair = &found["pairs"][0];
    assert_eq!((&pair["a"], &pair["b"], &pair["paired"]["n"]), (&"a".into(), &"b".into(), &7.into()));
    assert_eq!(pair["verdict"], "relevant");
    assert_eq!(found["omnibus"]["rcbd"]["f"], Value::Null, "no block has all three");
    assert_eq!(found["dropped_blocks"].as_array().unwrap().len(), 8);
    let note = analysis.notes.iter().find(|note| note.contains("look alike")).unwrap();
    assert!(note.contains(r#""b" and "b\u{200b}""#), "{note}");
    let text = analysis.text();
    assert!(text.contains("of those of pairs where the group missing is in at least half"), "{text}");
    assert!(text.contains("each of the 3 pairs is judged by itself at 95 %"), "{text}");
}

#[test]
fn semicolons_and_tabs_are_told_from_the_header() {
    let comma = "value,group,note\n1.5,a,\"x;y\"\n2,b,\"p\nq\"\n3.5,a,r\n";
    let expected = analysed(comma, &plain(), &margin(1.0)).unwrap().json();
    for delimiter in [";", "\t"] {
        let text = comma.replace("x;y", "x:y").replace(',', delimiter).replace("x:y", "x,y");
        assert_eq!(analysed(&text, &plain(), &margin(1.0)).unwrap().json(), expected, "{text}");
    }
    let text = refused("v;group;note\n1;a;x\n", &plain());
    assert_eq!(text, "a.csv: no column \"value\"; valid: \"v\", \"group\", \"note\"");
}

#[test]
fn a_compressed_file_is_told_how_to_be_unpacked() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"\x1f\x8b\x08\0\0\0\0\0").unwrap();
    let text = columns::read(file.path(), &plain()).unwrap_err().to_string();
    let path = file.path().display();
    assert_eq!(
        text,
        format!("{path}: gzip; unpack it into standard input: gzip -dc FILE | analyzer stats - ...")
    );
}
