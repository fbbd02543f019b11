//! A longer run leaves driver and simulators as they were: memory and open files.

use end_to_end::{bin_dir, binary, workspace};
use std::collections::BTreeMap;
use std::process::Command;
use tandem_records::{FootprintRow, Table};

#[test]
fn driver_and_simulators_hold_no_more_after_many_trials() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("short-soak.toml");
    let text = std::fs::read_to_string(workspace().join("data/plans/soak.toml")).expect("the plan");
    let short = text
        .replace("agents = 64", "agents = 16")
        .replace("tokens = 60", "tokens = 20")
        .replace("ttft_ms = 20\nitl_ms = 20", "ttft_ms = 5\nitl_ms = 2");
    std::fs::write(&plan, short).expect("a plan");
    let output = Command::new(binary("sweep"))
        .current_dir(workspace())
        .args(["--blocks", "10", "--run", "soak", "--plan"])
        .arg(&plan)
        .arg("--bin-dir")
        .arg(bin_dir())
        .arg("--runs-dir")
        .arg(folder.path())
        .output()
        .expect("the sweep starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.path().join("soak").join(FootprintRow::FILE);
    let rows: Vec<FootprintRow> = csv::Reader::from_path(path)
        .expect("the file")
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect();
    let mut of_process: BTreeMap<&str, Vec<&FootprintRow>> = BTreeMap::new();
    for row in &rows {
        of_process.entry(&row.process).or_default().push(row);
    }
    assert_eq!(of_process.len(), 2, "the driver and one simulator");
    for (process, rows) in of_process {
        assert_eq!(rows.len(), 10, "{process}: one row a block");
        let (second, last) = (rows[1], rows[9]);
        assert!(last.rss_bytes <= second.rss_bytes + (2 << 20), "{process}: {second:?} {last:?}");
        assert!(last.open_files <= second.open_files, "{process}: {second:?} {last:?}");
    }
}
