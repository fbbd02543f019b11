//! An arm that is no Rust program: same driver, same servers, same rows.

use end_to_end::{binary, workspace};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// One short stream per agent and phase, so that the two arms' texts can be compared.
const PLAN: &str = r#"
description = "Python's client beside the baseline, one block"
blocks = 1
seed = 115
baseline = "tokio-default"
margin_efficiency = 0.005
margin_log_time = 0.05

[[sets]]
name = "peers"
arms = ["tokio-default", "python-httpx"]
client = "hyper"
client_of = { python-httpx = "httpx" }
agents = 2
workload = "stream"
scenario = "chimera_homo"
tokens = 12
sim = { ttft_ms = 20, itl_ms = 5 }
"#;

#[test]
fn the_python_arm_writes_the_rows_of_the_others_for_the_same_work() {
    let _ = binary("python-httpx"); // made by `make python-httpx`, which `make test` calls
    let folder = tempfile::tempdir().expect("a folder");
    let (plan, runs) = (folder.path().join("peers.toml"), folder.path().join("runs"));
    fs::write(&plan, PLAN).expect("a plan");
    let swept = Command::new(binary("sweep"))
        .current_dir(workspace())
        .arg("--plan")
        .arg(&plan)
        .args(["--run", "peers", "--runs-dir"])
        .arg(&runs)
        .output()
        .expect("sweep");
    assert!(swept.status.success(), "{}", String::from_utf8_lossy(&swept.stderr));

    let mut reader = csv::Reader::from_path(runs.join("peers/trials.csv")).expect("trials.csv");
    let trials: Vec<tandem_records::TrialRow> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let mut reader = csv::Reader::from_path(runs.join("peers/requests.csv")).expect("requests.csv");
    let requests: Vec<tandem_records::RequestRow> =
        reader.deserialize().map(|row| row.expect("a row")).collect();
    assert_eq!(trials.len(), 3, "the baseline, the same once more, and the Python arm");
    let work = |arm: &str| -> BTreeMap<_, _> {
        let trial = trials.iter().find(|row| row.arm == arm).expect(arm).trial;
        let of_trial = requests.iter().filter(|row| row.trial == trial);
        of_trial
            .map(|row| ((row.phase, row.agent, row.call), (row.output_tokens, row.digest.clone())))
            .collect()
    };
    assert_eq!(work("python-httpx"), work("tokio-default"), "equal seeds, equal prompts, equal text");
    let python = trials.iter().find(|row| row.arm == "python-httpx").expect("its row");
    assert!(python.cpu_ns.is_some() && python.peak_rss_bytes.is_some() && python.startup_ns.is_some());
    let manifest = fs::read_to_string(runs.join("peers/manifest.json")).expect("the manifest");
    assert!(manifest.contains("client httpx: httpx 0."), "the receipt names the client: {manifest}");
}
