//! What a sweep does with the calibration of its machine.

use crate::support::Bench;
use std::fs;
use tandem_records::{Calibration, Injected, Machine, SCHEMA_VERSION};

const PLAN: &str = r#"
description = "two arms"
blocks = 1
seed = 1
baseline = "one"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "pair"
arms = ["one", "two"]
client = "hyper"
agents = 2
workload = "stream"
scenario = "chimera_homo"
tokens = 4
[sets.sim]
ttft_ms = 1
itl_ms = 1
"#;

fn bench() -> Bench {
    let bench = Bench::with_arms(&["one", "two"]).with_simulator();
    bench.plan("pair", PLAN);
    bench
}

fn calibration(machine: Machine, read: f64) -> Calibration {
    Calibration {
        schema_version: SCHEMA_VERSION,
        run_id: "calibration-1".into(),
        measured_utc: "2026-11-25T10:00:00Z".into(),
        machine,
        git_revision: String::new(),
        costs: None,
        late_p50_ns: Some(60e3),
        late_p99_ns: Some(200e3),
        late_max_ns: Some(900e3),
        least_concurrency: Some(1.0),
        aa_efficiency: None,
        aa_delay_ns: None,
        injected: vec![Injected {
            what: "delay".into(),
            unit: "µs".into(),
            truth: 200.0,
            estimate: Some(read),
            ci: Some((read - 5.0, read + 5.0)),
            tolerance: 2.0,
        }],
    }
}

#[test]
fn without_one_the_run_says_so_and_its_manifest_holds_none() {
    let bench = bench();
    let run = bench.run(&["--plan", "pair", "--run", "a"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("not calibrated on this machine: make calibrate"), "{}", run.stderr);
    assert_eq!(bench.manifest("a").calibration, None);
}

#[test]
fn one_of_this_machine_goes_into_the_manifest_and_warns_of_gaps_that_are_too_short() {
    let bench = bench();
    bench.run(&["--plan", "pair", "--run", "a"]);
    let machine = bench.manifest("a").machine;
    let write = |c: &Calibration| {
        fs::write(bench.path("calibration.json"), serde_json::to_string(c).unwrap()).unwrap();
    };

    let sound = calibration(machine.clone(), 201.0);
    write(&sound);
    let run = bench.run(&["--plan", "pair", "--run", "b"]);
    assert_eq!(bench.manifest("b").calibration, Some(sound));
    assert!(run.stderr.contains("token gaps under 2.0 ms"), "{}", run.stderr);
    assert!(!run.stderr.contains("did not recover"), "{}", run.stderr);

    write(&calibration(machine.clone(), 300.0));
    let run = bench.run(&["--plan", "pair", "--run", "c"]);
    assert!(run.stderr.contains("did not recover every known effect"), "{}", run.stderr);

    write(&calibration(Machine { cpus: machine.cpus + 1, ..machine }, 201.0));
    let run = bench.run(&["--plan", "pair", "--run", "d"]);
    assert_eq!(bench.manifest("d").calibration, None);
    assert!(run.stderr.contains("speaks of another machine"), "{}", run.stderr);

    fs::write(bench.path("calibration.json"), "{").unwrap();
    let run = bench.run(&["--plan", "pair", "--run", "e"]);
    assert_eq!((run.code, bench.manifest("e").calibration), (Some(0), None));
    assert!(run.stderr.contains("is no calibration"), "{}", run.stderr);
}
