//! Every micro workload on every arm, once: the plan as it is committed, then its report. Bounds are physical, no figure
//! is judged.

use end_to_end::{bin_dir, binary, runtimes, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use tandem_records::{MicroRow, Table, TrialRow, Workload};

#[test]
fn every_workload_runs_on_every_arm_and_the_report_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(binary("sweep"))
        .current_dir(workspace())
        .args(["--plan", "micro", "--blocks", "1", "--run", "micro", "--bin-dir"])
        .arg(bin_dir())
        .arg("--runs-dir")
        .arg(folder.path())
        .output()
        .expect("the sweep starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    let run = folder.path().join("micro");

    let mut reader = csv::Reader::from_path(run.join(TrialRow::FILE)).expect("the trials");
    let trials: Vec<TrialRow> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let ran: BTreeSet<(Workload, &str)> =
        trials.iter().map(|row| (row.workload, row.runtime.as_str())).collect();
    let arms = runtimes();
    for workload in Workload::ALL.iter().filter(|workload| workload.is_micro()) {
        for arm in &arms {
            assert!(ran.contains(&(*workload, arm)), "plan micro has no {workload} on {arm}");
        }
    }
    let mut reader = csv::Reader::from_path(run.join(MicroRow::FILE)).expect("the batches");
    let batches: Vec<MicroRow> = reader.deserialize().map(|row| row.expect("a row")).collect();
    check_bounds(&batches);
    check_threads_and_facts(&batches);
    check_report(folder.path());
}

/// Of an operation: what no machine undercuts, and what none takes that still works.
fn check_bounds(batches: &[MicroRow]) {
    let bounds: [(Workload, &str, f64, f64); 12] = [
        (Workload::Spawn, "batch 10000/inside", 20.0, 1e6),
        (Workload::Spawn, "serial/outside", 20.0, 10e6),
        (Workload::Yield, "inside", 1.0, 1e6),
        (Workload::Wake, "task and thread", 100.0, 10e6),
        (Workload::Memory, "task/1000000/resident", 50.0, 5_000.0),
        (Workload::Streams, "hyper/allocated", 500.0, 1e6),
        (Workload::Startup, "first poll", 100.0, 1e9),
        (Workload::Startup, "whole process", 100e3, 10e9),
        (Workload::Http, "hyper/64", 1e3, 100e6),
        (Workload::Bridge, "shared/trivial/100", 5.0, 1e6),
        (Workload::Bridge, "lazy/flow/1", 10e3, 10e9),
        (Workload::Blocking, "100 ms unblock/max", 1e3, 10e9),
    ];
    for (workload, case, least, most) in bounds {
        let of_case: Vec<&MicroRow> =
            batches.iter().filter(|row| row.workload == workload && row.case == case).collect();
        let arms: BTreeSet<&str> = of_case.iter().map(|row| row.runtime.as_str()).collect();
        assert_eq!(arms.len(), runtimes().len(), "{workload} {case} is told by {arms:?} alone");
        for row in of_case {
            let whole = row.bytes.or(row.elapsed_ns).expect("a value") as f64;
            let each = whole / row.operations as f64;
            assert!((least..most).contains(&each), "{workload} {case} on {}: {each}", row.runtime);
        }
    }
    // A blocked executor of one thread passes no token on for as long as it is blocked.
    let longest =
        |row: &&MicroRow| row.case == "100 ms on the executor/max" && row.runtime == "tokio-localset";
    let delay_ns = batches.iter().find(longest).and_then(|row| row.elapsed_ns).expect("a delay");
    assert!(delay_ns > 50_000_000, "{delay_ns} ns");
}

fn check_threads_and_facts(batches: &[MicroRow]) {
    let mut workers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in batches.iter().filter(|row| row.workload == Workload::Workers && row.case != "empty") {
        workers.entry(&row.runtime).or_default().insert(&row.case);
    }
    for (arm, cases) in workers {
        let wanted: &[&str] = if arm == "tokio-localset" { &["1"] } else { &["1", "2", "4", "8"] };
        assert!(cases.iter().eq(wanted), "{arm}: {cases:?}");
    }
    let facts = batches.iter().filter(|row| row.workload == Workload::Behaviour && row.case != "empty");
    for row in facts.filter(|row| row.case != "dropping the handle of a task ends the task") {
        assert_eq!(row.operations, 1, "{} does not hold on {}", row.case, row.runtime);
    }
}

fn check_report(folder: &Path) {
    let output = Command::new(binary("analyzer"))
        .args(["report", "--run", "micro", "--runs-dir"])
        .arg(folder)
        .arg("--out")
        .arg(folder.join("reports"))
        .output()
        .expect("the analyzer starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(folder.join("reports/micro/README.md")).expect("the page");
    for heading in ["Spawn", "Memory of a sleeping task", "Timer", "Workers", "A blocking call", "Behaviour"]
    {
        assert!(page.contains(&format!("\n## {heading}\n")), "no chapter {heading}");
    }
    for wrong in ["NaN", "inf", "no batch of nothing"] {
        assert!(!page.contains(wrong), "{wrong} in the report");
    }
    let charts = page.lines().filter(|line| line.starts_with("![")).count();
    assert_eq!(charts, 11, "one for each workload with a cost");
}
