//! Files with faults: the line and the reason, the rest analysed where sound.

use crate::{Files, answer};
use analyzer::tr115::{StudyError, load};

/// Reasons of all findings, with their lines.
fn findings(files: &Files) -> Vec<(Option<u64>, String)> {
    let study = files.study();
    study.findings.shown().iter().map(|f| (f.line, f.reason.clone())).collect()
}

#[test]
fn a_bad_cell_costs_its_run_and_nothing_else() {
    for (column, value, reason) in [
        ("agent_wall_s", "fast", "column agent_wall_s: invalid float literal"),
        ("agent_wall_s", "NaN", "column agent_wall_s: NaN is not a positive number"),
        ("efficiency_pct", "-3", "column efficiency_pct: -3 is not a positive number"),
        ("concurrent_wall_s", "1e300", "is not a positive number"),
        ("load_ms", "inf", "column load_ms: inf is not a number from 0 up"),
        ("run_index", "", "column run_index"),
        ("run_saved_utc", "yesterday", "column run_saved_utc: no RFC 3339 time"),
    ] {
        let mut files = Files::published();
        let at = files.runs.column(column);
        files.runs.rows[4][at] = value.to_owned();
        let found = findings(&files);
        assert!(found.iter().any(|(line, r)| *line == Some(6) && r.contains(reason)), "{column}: {found:?}");
        assert!(
            found.iter().any(|(_, r)| r.contains("the row of the run's other agent is missing")),
            "{found:?}"
        );
        let page = files.page();
        assert!(page.contains("299 runs in 2 tiers"), "{column}");
        assert!(page.contains("### Left out"));
    }
}

#[test]
fn repeated_third_and_contradicting_rows_are_named() {
    let mut files = Files::published();
    let again = files.runs.rows[0].clone();
    files.runs.rows.push(again.clone());
    let (role, saved) = (files.runs.column("role"), files.runs.column("run_saved_utc"));
    let mut third = again;
    third[role] = "reviewer".to_owned();
    files.runs.rows.push(third);
    files.runs.rows[2][saved] = "2025-11-14T00:00:00Z".to_owned();
    let found = findings(&files);
    for (line, reason) in [(602, "twice"), (603, "a third agent"), (5, "disagree")] {
        assert!(
            found.iter().any(|(l, r)| *l == Some(line) && r.contains(reason)),
            "{line} {reason}: {found:?}"
        );
    }
    assert!(files.page().contains("299 runs in 2 tiers"));
}

#[test]
fn without_calls_the_runs_are_still_analysed() {
    let folder = tempfile::tempdir().unwrap();
    let path = Files::published().write(folder.path());
    std::fs::remove_file(folder.path().join("calls.csv")).unwrap();
    let study = load(&path).unwrap();
    let page = crate::page(&analyzer::tr115::reading::read(&study, analyzer::tr115::MARGIN).unwrap());
    assert!(answer(&page).contains("Welch F(3, 59.59) = 0.663"));
    assert!(answer(&page).contains("cannot be compared: no usable calls.csv"));
    assert_eq!(page.matches("Not computable here").count(), 3, "{page}");
    assert!(page.contains("not found beside runs.csv"));
    assert!(page.contains("20 of 150 runs loaded a model"), "the runs tell the reloads too");
}

#[test]
fn calls_of_unknown_runs_and_with_missing_columns_are_named() {
    let mut files = Files::published();
    let config = files.calls.column("config");
    files.calls.rows[0][config] = "nowhere".to_owned();
    assert!(findings(&files).iter().any(|(l, r)| *l == Some(2) && r.contains("belongs to no agent")));
    let mut files = Files::published();
    let stage = files.calls.column("stage");
    files.calls.header[stage] = "phase".to_owned();
    assert!(findings(&files).iter().any(|(l, r)| *l == Some(1) && r.contains("column missing: stage")));
}

#[test]
fn garbage_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.csv");
    std::fs::write(&path, "tier,runtime\nx,y\n").unwrap();
    let error = load(&path).unwrap_err();
    assert!(
        matches!(error, StudyError::Columns { .. }) && error.to_string().contains("column missing: config")
    );
    let mut files = Files::published();
    files.runs.rows.truncate(1);
    let error = load(&files.write(folder.path())).unwrap_err();
    assert!(error.to_string().contains("no run with two agents (line 2: the row of"), "{error}");
    std::fs::write(&path, b"\xff\xfe\x00").unwrap();
    assert!(load(&path).is_err());
    std::fs::write(&path, "").unwrap();
    assert!(load(&path).is_err());
}
