//! The method tested as a method, in its shortest form, and the tester itself: it must catch a method that is wrong.

use analyzer::analysis::Family;
use analyzer::selfcheck::claim::{Claimed, Experiment, Holds};
use analyzer::selfcheck::coverage::covers;
use analyzer::selfcheck::shape::Shape;
use analyzer::selfcheck::sweep::Sweep;
use analyzer::selfcheck::verdicts::some_arm_differs;
use analyzer::selfcheck::{Effort, check, run};
use analyzer::stats::hodges_lehmann::pseudo_median_interval;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Output};

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("not 0")
}

fn analyzer(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("the program starts")
}

fn holds(experiment: &Experiment) -> Holds {
    run::findings(experiment, n(2000), 1, n(2)).expect("sound data")[0].holds
}

#[test]
fn every_claim_stands() {
    let table = check(Effort { data_sets: n(400), resamples: 999 }, 2, n(2)).unwrap();
    let failed: Vec<_> = table.failed().collect();
    assert!(table.passed && failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_table_is_the_same_at_any_number_of_threads_and_another_at_another_seed() {
    let table = |seed, threads| check(Effort { data_sets: n(31), resamples: 99 }, seed, n(threads)).unwrap();
    let one = table(1, 1);
    for threads in [2, 3, 40] {
        assert_eq!(table(1, threads), one, "{threads} threads");
    }
    assert_ne!(table(2, 1).findings, one.findings);
}

#[test]
fn an_interval_that_is_too_narrow_is_caught() {
    let at = |level| {
        let claim = covers("interval covers", Claimed::between(0.93, 0.97), 0.0, move |values| {
            pseudo_median_interval(values, level)
        });
        holds(&Experiment::new(Sweep::sample(Shape::Normal, 10), vec![claim]))
    };
    assert_eq!(at(0.95), Holds::Yes);
    assert_eq!(at(0.85), Holds::No);
    assert_eq!(at(0.995), Holds::No, "and one that is too wide");
}

#[test]
fn an_interval_that_misses_its_target_or_does_not_exist_is_caught() {
    let of = |truth: f64, n| {
        let claim = covers("interval covers", Claimed::between(0.93, 0.97), truth, |values| {
            pseudo_median_interval(values, 0.95)
        });
        holds(&Experiment::new(Sweep::sample(Shape::Bounded, n), vec![claim]))
    };
    assert_eq!(of(Shape::Bounded.pseudo_median(), 30), Holds::Yes);
    assert_eq!(of(Shape::Bounded.pseudo_median() - 0.2, 30), Holds::No);
    assert_eq!(of(Shape::Bounded.pseudo_median(), 5), Holds::No, "five values have no 95 % interval");
}

#[test]
fn a_family_that_is_not_controlled_is_caught() {
    let at = |level| {
        let claims = vec![some_arm_differs(level)];
        holds(&Experiment::new(Sweep::equal(5, 20, Shape::Normal), claims))
    };
    assert_ne!(at(Family::new(4, 1).unwrap().level), Holds::No);
    assert_eq!(at(0.95), Holds::No);
}

#[test]
fn the_program_prints_the_table_and_writes_it_between_marks() {
    let folder = tempfile::tempdir().unwrap();
    let short = ["selfcheck", "--data-sets", "10", "--seed", "3"];
    let shown = analyzer(folder.path(), &short);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.status.code(), Some(0));
    assert!(
        text.starts_with("10 data sets of every kind, 10000 resamples of each bootstrap, seed 3\n"),
        "{text}"
    );
    let json = analyzer(folder.path(), &[&short[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["data_sets"], 10);

    let path = folder.path().join("M.md");
    let (begin, end) = ("<!-- generated: selfcheck -->", "<!-- end generated: selfcheck -->");
    std::fs::write(&path, format!("# How\n{begin}\nold\n{end}\nafter\n")).unwrap();
    let done = analyzer(folder.path(), &[&short[..], &["--write", "M.md"]].concat());
    assert_eq!((done.status.code(), done.stdout.len()), (Some(0), 0));
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written.starts_with(&format!("# How\n{begin}\n\nMade by `make selfcheck`: 10 data sets")),
        "{written}"
    );
    assert!(written.ends_with(&format!("|\n\n{end}\nafter\n")) && !written.contains("\nold\n"), "{written}");
}

#[test]
fn a_claim_that_fails_is_named_and_ends_with_1() {
    // Eight data sets leave room for bad luck, and this seed has it.
    let done = analyzer(Path::new("."), &["selfcheck", "--data-sets", "8", "--seed", "1"]);
    let (text, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(1));
    assert!(text.ends_with(" claims fail\n") && !text.ends_with("\n0 claims fail\n"), "{text}");
    assert!(errors.contains("analyzer: claim fails: paired t finds it after the planned number"), "{errors}");
}

#[test]
fn wrong_usage_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let usage: [&[&str]; 3] =
        [&["--long", "--data-sets", "9"], &["--json", "--write", "M.md"], &["--data-sets", "0"]];
    for args in usage {
        assert_eq!(
            analyzer(folder.path(), &[&["selfcheck"], args].concat()).status.code(),
            Some(2),
            "{args:?}"
        );
    }
    let failed = analyzer(folder.path(), &["selfcheck", "--data-sets", "1", "--write", "none.md"]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("none.md"));
}

/// The rows of a table in Markdown without what was found in them.
fn claims(text: &str) -> Vec<String> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').take(4).collect::<Vec<_>>().join("|")).collect()
}

#[test]
fn methodology_shows_the_short_form_with_every_claim() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../METHODOLOGY.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- generated: selfcheck -->\n", "\n<!-- end generated: selfcheck -->");
    let part = text.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).expect("marks").0;
    let made = "Made by `make selfcheck`: 4000 data sets of every kind, 10000 resamples of each bootstrap, seed 115.";
    assert!(part.trim_start().starts_with(made), "METHODOLOGY.md is out of date: run `make selfcheck`");
    // The same seed: what a step must measure to be seen is drawn, too.
    let fresh = check(Effort { data_sets: n(1), resamples: 99 }, 115, n(1)).unwrap();
    assert_eq!(
        claims(part),
        claims(&fresh.markdown()),
        "METHODOLOGY.md is out of date: run `make selfcheck`"
    );
}
