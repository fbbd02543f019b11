//! Plan to report through the real driver, simulator, arms and analyzer.

use end_to_end::{binary, workspace};
use std::fs;
use std::process::Command;

#[test]
fn a_plan_becomes_a_run_and_a_run_becomes_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let (runs, reports) = (folder.path().join("runs"), folder.path().join("reports"));
    let swept = Command::new(binary("sweep"))
        .current_dir(workspace())
        .args(["--plan", "smoke", "--run", "e2e", "--runs-dir"])
        .arg(&runs)
        .output()
        .expect("sweep");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&swept.stdout).into_owned(),
        String::from_utf8_lossy(&swept.stderr).into_owned(),
    );
    assert!(swept.status.success(), "{stdout}{stderr}");
    for file in ["plan.csv", "trials.csv", "agents.csv", "requests.csv", "manifest.json"] {
        assert!(fs::metadata(runs.join("e2e").join(file)).expect(file).len() > 0, "{file} is empty");
    }
    let manifest = fs::read_to_string(runs.join("e2e/manifest.json")).expect("the manifest");
    for arm in end_to_end::arms() {
        assert!(manifest.contains(&format!("arm: {arm}")), "no receipt of {arm} in the manifest");
    }

    let reported = Command::new(binary("analyzer"))
        .current_dir(workspace())
        .args(["report", "--run", "e2e", "--runs-dir"])
        .arg(&runs)
        .arg("--out")
        .arg(&reports)
        .output()
        .expect("analyzer");
    assert!(reported.status.success(), "{}", String::from_utf8_lossy(&reported.stderr));
    let report = fs::read_to_string(reports.join("e2e/README.md")).expect("the report");
    assert!(report.contains("\n# Do the runtimes differ?\n"), "{report}");
    for chart in ["efficiency.svg", "difference.svg", "factors.svg", "run-order.svg"] {
        assert!(report.contains(chart), "the report does not show {chart}");
        let svg = fs::read_to_string(reports.join("e2e").join(chart)).expect(chart);
        assert!(svg.contains("<title") && svg.contains("<desc"), "{chart} says nothing to a screen reader");
    }
    assert!(!report.contains("NaN"), "{report}");
}

#[test]
fn a_client_that_an_arm_does_not_link_is_refused_before_the_first_trial() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = fs::read_to_string(workspace().join("data/plans/smoke.toml")).expect("the plan");
    let (file, runs) = (folder.path().join("reqwest.toml"), folder.path().join("runs"));
    fs::write(&file, plan.replace("client = \"hyper\"", "client = \"reqwest\"")).expect("a plan");
    let swept = Command::new(binary("sweep")).arg("--plan").arg(&file).arg("--runs-dir").arg(&runs).output();
    let swept = swept.expect("sweep");
    let stderr = String::from_utf8_lossy(&swept.stderr);
    assert_eq!(swept.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("error: arm smol-1kb links no client reqwest; valid for it: hyper, lean;"),
        "{stderr}"
    );
    assert!(fs::read_dir(&runs).map_or(0, Iterator::count) == 0, "nothing is left behind");
}
