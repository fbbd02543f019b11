//! The committed report is what the analyzer makes of the committed run.

use end_to_end::{binary, workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let list = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    list.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).expect("text"))
    })
    .collect()
}

#[test]
fn reports_example_is_made_from_data_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new(binary("analyzer"))
        .current_dir(workspace())
        .args(["report", "--run", "data/example", "--command", "make example", "--out"])
        .arg(folder.path())
        .output()
        .expect("analyzer");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (fresh, committed) =
        (files(&folder.path().join("example")), files(&workspace().join("reports/example")));
    assert_eq!(fresh.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>(), "run `make example`");
    for (name, text) in &fresh {
        assert!(committed[name] == *text, "reports/example/{name} is out of date: run `make example`");
    }
}
