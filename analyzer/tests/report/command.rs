//! The program itself: exit codes and messages.

use crate::common::{Recipe, Synthetic};
use std::path::Path;
use std::process::{Command, Output};

fn analyzer(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer")).current_dir(folder).args(args).output().unwrap()
}

#[test]
fn a_report_with_the_default_folders() {
    let folder = tempfile::tempdir().unwrap();
    Synthetic::make(&Recipe { blocks: 2, ..Recipe::default() }).write(&folder.path().join("data/runs"));
    let done = analyzer(folder.path(), &["report"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let table = String::from_utf8(done.stdout).unwrap();
    assert!(table.contains("tokio-default#2") && table.contains("report: reports/made-up"), "{table}");
    assert!(folder.path().join("reports/made-up/README.md").is_file());
    let by_path =
        analyzer(folder.path(), &["report", "data/runs/made-up", "--margin", "0.01", "--out", "elsewhere"]);
    assert_eq!(by_path.status.code(), Some(0));
    let page = std::fs::read_to_string(folder.path().join("elsewhere/made-up/README.md")).unwrap();
    assert!(page.contains("analyzer report --run made-up --margin 0.01"));
    assert!(page.contains("margin 0.01 (the plan fixed 0.005)"));
}

#[test]
fn the_users_errors_are_one_line_and_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    for args in [vec!["report"], vec!["report", "nothing"], vec!["report", "--run", "nothing"]] {
        let failed = analyzer(folder.path(), &args);
        assert_eq!(failed.status.code(), Some(2));
        let text = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        assert!(text.starts_with("analyzer: no run"), "{text}");
    }
    assert_eq!(analyzer(folder.path(), &["report", "--margin", "wide"]).status.code(), Some(2));
    assert_eq!(analyzer(folder.path(), &["rank"]).status.code(), Some(2));
}

#[test]
fn the_glossary_has_every_file() {
    let done = analyzer(Path::new("."), &["glossary"]);
    let text = String::from_utf8(done.stdout).unwrap();
    for part in ["### plan.csv", "### trials.csv", "### agents.csv", "### requests.csv", "### Statuses"] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn the_glossary_is_written_between_its_marks_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("G.md");
    let text = "# Words\n\n<!-- generated: columns -->\nold\n<!-- end generated -->\nafter\n";
    std::fs::write(&path, text).unwrap();
    for _ in 0..2 {
        assert_eq!(analyzer(folder.path(), &["glossary", "--write", "G.md"]).status.code(), Some(0));
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.starts_with("# Words\n") && written.ends_with("<!-- end generated -->\nafter\n"));
        assert_eq!(written.matches("### trials.csv").count(), 1);
        assert!(!written.contains("\nold\n"));
    }
    std::fs::write(&path, "no marks").unwrap();
    let failed = analyzer(folder.path(), &["glossary", "--write", "G.md"]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("lacks its marks"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "no marks");
}
