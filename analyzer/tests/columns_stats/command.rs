//! The command as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

fn stats(case: &str, arguments: &[&str]) -> Output {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/columns_stats/cases").join(case);
    Command::new(env!("CARGO_BIN_EXE_analyzer")).arg("stats").arg(file).args(arguments).output().unwrap()
}

#[test]
fn json_is_one_object_on_one_line_and_notes_are_apart_from_it() {
    let output =
        stats("normal.csv", &["--value", "value", "--group", "group", "--resamples", "200", "--json"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches('\n').count(), 1);
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(object["pairs"].as_array().unwrap().len(), 3);
    let notes = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        notes,
        "analyzer: note: margin 0.5 is the default, in the unit of value; name yours with --margin\n\
         analyzer: note: 3 pairs, each judged by itself at 95 %: no verdict is corrected over pairs; p values over all \
         pairs of a cell are in the column Holm (with --json: multiple)\n"
    );
}

#[test]
fn a_dash_is_standard_input() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/columns_stats/cases/normal.csv");
    let arguments = ["--value", "value", "--group", "group", "--resamples", "200", "--json"];
    let piped = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(["stats", "-"])
        .args(arguments)
        .stdin(std::fs::File::open(file).unwrap())
        .output()
        .unwrap();
    assert_eq!(piped.stdout, stats("normal.csv", &arguments).stdout);
    let empty = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(["stats", "-", "--value", "v", "--summary"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8(empty.stderr).unwrap();
    assert_eq!(errors, "analyzer: standard input: empty; the first line must name the columns\n");
}

#[test]
fn the_same_seed_prints_the_same_bytes_and_another_seed_others() {
    let of =
        |seed| stats("heavy.csv", &["--value", "value", "--group", "group", "--seed", seed, "--json"]).stdout;
    assert_eq!(of("5"), of("5"));
    assert_ne!(of("5"), of("6"));
}

#[test]
fn a_refusal_is_one_line_and_exit_code_2() {
    for (arguments, reason) in [
        (["--group", "group", "--margin", "-1"], "--margin -1: give a finite number above 0"),
        (["--group", "group", "--baseline", "z"], "no such group; give one of a, b and c"),
        (["--group", "group", "--resamples", "39"], "at least 40"),
        (["--group", "nobody", "--margin", "1"], "no column \"nobody\"; valid: \"group\", \"value\""),
    ] {
        let output = stats("normal.csv", &[&["--value", "value"], arguments.as_slice()].concat());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), errors.matches('\n').count()), (Some(2), 1), "{errors}");
        assert!(errors.starts_with("analyzer: ") && errors.contains(reason), "{errors}");
        assert!(output.stdout.is_empty());
    }
}
