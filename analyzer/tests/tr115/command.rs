//! The program itself: exit codes, messages, and the committed report.

use crate::{published, workspace};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn analyzer(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer")).current_dir(folder).args(args).output().unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let list =
        std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}; run `make tr115`", folder.display()));
    list.map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())
    })
    .collect()
}

#[test]
fn reports_tr115_is_made_from_the_published_data() {
    let out = tempfile::tempdir().unwrap();
    let args = ["import-tr115", "data/reference/tr115/runs.csv", "--command", "make tr115", "--out"];
    let made = analyzer(&workspace(), &[&args[..], &[out.path().to_str().unwrap()]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (fresh, committed) = (files(&out.path().join("tr115")), files(&workspace().join("reports/tr115")));
    assert_eq!(fresh.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>(), "run `make tr115`");
    for (name, text) in &fresh {
        assert!(committed[name] == *text, "reports/tr115/{name} is out of date: run `make tr115`");
    }
}

#[test]
fn the_terminal_gets_the_answer_and_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let done = analyzer(folder.path(), &["import-tr115", published().to_str().unwrap()]);
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(
        text.starts_with("The data support no ranking of") && text.ends_with("report: reports/tr115\n"),
        "{text}"
    );
    assert!(folder.path().join("reports/tr115/README.md").is_file());
}

#[test]
fn the_users_errors_are_one_line_and_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("other.csv"), "a,b\n1,2\n").unwrap();
    for (file, wanted) in [
        ("nothing.csv", "analyzer: nothing.csv: No such file"),
        (".", "a folder, not a file"),
        ("other.csv", "other.csv, line 1: column missing: tier, runtime"),
    ] {
        let failed = analyzer(folder.path(), &["import-tr115", file]);
        let text = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(2), "{text}");
        assert!(text.trim_end().lines().count() == 1 && text.contains(wanted), "{text}");
        assert!(!folder.path().join("reports").exists());
    }
    assert_eq!(analyzer(folder.path(), &["import-tr115"]).status.code(), Some(2));
}
