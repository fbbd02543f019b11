//! Plans of micro workloads: their rows, their order, their mistakes.

use crate::support::Bench;
use std::fs;
use tandem_records::{AgentRow, MicroRow, PlanRow, Status, Table, Workload};

/// A plan of micro workloads on two fake arms.
fn plan(blocks: u32, sets: &str) -> String {
    format!(
        "description = \"micro workloads of two fake arms\"\nblocks = {blocks}\nseed = 7\nbaseline = \"arm-a\"\n\
         margin_efficiency = 0.005\nmargin_log_time = 0.05\n\n{sets}"
    )
}

const SPAWN: &str = "[[micro]]\nworkload = \"spawn\"\narms = [\"arm-a\", \"arm-b\"]\n";
const HTTP: &str = "[[micro]]\nworkload = \"http\"\nblocks = 1\narms = [\"arm-a\", \"arm-b\"]\nclient = [\"hyper\", \"reqwest\"]\n";

#[test]
fn every_batch_of_every_trial_is_a_row_and_an_arm_is_told_what_to_do() {
    let bench = Bench::with_arms(&["arm-a"]).with_simulator();
    bench.noting_arm("arm-b");
    bench.plan("micro", &plan(2, &format!("{SPAWN}\n{HTTP}")));
    let done = bench.run(&["--plan", "micro", "--run", "r"]).expect(0);
    assert!(done.stdout.contains("12 trials ok, 0 failed of 12"), "{}", done.stdout);
    let planned: Vec<PlanRow> = bench.planned("r");
    let mut cells: Vec<&str> = planned.iter().map(|row| row.cell.as_str()).collect();
    cells.sort_unstable();
    cells.dedup();
    assert_eq!(cells, ["http/http/hyper", "http/http/reqwest", "spawn/spawn"]);
    assert!(planned.iter().all(|row| row.scenario.is_empty() && row.ideal_ns.is_none()));

    let trials = bench.trials("r");
    assert!(trials.iter().all(|row| row.status.is_ok() && row.makespan_ns.is_none()));
    let rows: Vec<MicroRow> = bench.rows("r");
    assert_eq!(rows.len(), 12 * 4, "three batches and one of nothing each");
    for trial in &trials {
        let own: Vec<&MicroRow> = rows.iter().filter(|row| row.trial == trial.trial).collect();
        let cases: Vec<&str> = own.iter().map(|row| row.case.as_str()).collect();
        assert_eq!(cases, ["empty", "known", "known", "known"]);
        assert!(own.iter().all(|row| (row.attempt, row.block) == (1, trial.block)));
        assert!(own.iter().all(|row| row.arm == trial.arm && row.workload == trial.workload));
    }
    assert!(bench.rows::<AgentRow>("r").is_empty());
    let lines = bench.command_lines("arm-b");
    assert!(lines.iter().any(|line| line.contains("--workload spawn")), "{lines:?}");
}

#[test]
fn an_interrupted_run_goes_on_with_no_batch_twice() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("micro", &plan(2, SPAWN));
    bench.run(&["--plan", "micro", "--run", "r"]).expect(0);
    let folder = bench.path("runs").join("r");
    let whole: Vec<MicroRow> = bench.rows("r");
    // As after a power cut in the middle of the last trial: its batches are there in part, its row is not.
    let cut = |file: &str, lines: usize| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let kept: Vec<&str> = text.lines().take(1 + lines).collect();
        fs::write(folder.join(file), kept.join("\n") + "\n").unwrap();
    };
    cut("trials.csv", 5);
    cut(MicroRow::FILE, 5 * 4 + 2);
    bench.run(&["--run", "r"]).expect(0);
    let again: Vec<MicroRow> = bench.rows("r");
    let key = |row: &MicroRow| (row.trial, row.attempt, row.case.clone(), row.batch);
    let keys = |rows: &[MicroRow]| {
        let mut keys: Vec<_> = rows.iter().map(key).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&again), keys(&whole));
}

#[test]
fn a_trial_that_fails_has_a_status_and_its_next_attempt_counts() {
    let bench = Bench::with_arms(&["arm-a"]).with_simulator();
    let arm = bench.path("bin").join("arm-b");
    let fake = crate::support::example("fake");
    let script = format!(
        "#!/bin/bash\n[ \"$1\" = --version ] && exec -a arm-b {0} \"$@\"\n[ -e {1} ] && exec -a arm-b {0} \"$@\"\ntouch {1}; exit 9\n",
        fake.display(),
        bench.path("once").display()
    );
    fs::write(&arm, script).unwrap();
    fs::set_permissions(&arm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bench.plan("micro", &plan(1, SPAWN));
    bench.run(&["--plan", "micro", "--run", "r"]).expect(4);
    let failed = bench.trials("r").into_iter().find(|row| !row.status.is_ok()).unwrap();
    assert_eq!((failed.arm.as_str(), failed.status), ("arm-b", Status::ArmFailed));
    bench.run(&["--run", "r"]).expect(0);
    let rows: Vec<MicroRow> = bench.rows("r");
    let of_failed: Vec<u32> =
        rows.iter().filter(|row| row.trial == failed.trial).map(|row| row.attempt).collect();
    assert_eq!(of_failed, [2; 4]);
}

#[test]
fn mistakes_in_a_plan_of_micro_workloads_are_named() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    let agents = "[[sets]]\nname = \"fakes\"\narms = [\"arm-a\"]\nclient = \"hyper\"\nagents = [2]\nworkload = \"stream\"\n\
                  scenario = \"chimera_homo\"\ntokens = [100]\n";
    for (sets, wanted) in [
        (
            SPAWN.replace("spawn", "stream"),
            "micro: workload stream has agents and belongs into [[sets]]; valid are spawn, yield,",
        ),
        (SPAWN.replace("spawn", "spwan"), "unknown variant `spwan`"),
        (SPAWN.replace("workload", "wokload"), "unknown field `wokload`"),
        (format!("{SPAWN}agents = [2]\n"), "unknown field `agents`"),
        (format!("{SPAWN}\n{SPAWN}"), "sets: name: \"spawn\" stands there twice"),
        (format!("{SPAWN}\n{agents}"), "micro: a plan of micro workloads has no other sets"),
        (
            agents.replace("\"stream\"", "\"spawn\""),
            "set fakes: workload spawn has no agents and belongs into [[micro]]",
        ),
        (SPAWN.replace("\"arm-a\", ", ""), "arms: the baseline arm-a must be one of them"),
        (String::new(), "at least one [[sets]] or [[micro]] is needed"),
    ] {
        bench.plan("bad", &plan(2, &sets));
        let done = bench.run(&["--plan", "bad"]).expect(2);
        assert!(done.message().contains(wanted), "{sets}: {}", done.stderr);
    }
    bench.plan("micro", &plan(2, SPAWN));
    let done = bench.run(&["--plan", "micro", "--servers", "http://127.0.0.1:1"]).expect(2);
    assert!(done.message().contains("sim"), "{}", done.stderr);
}

#[test]
fn a_run_with_agents_has_no_file_of_batches() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("two", &crate::support::plan_of_two(1, "{}"));
    bench.run(&["--plan", "two", "--run", "r"]).expect(0);
    assert!(bench.trials("r").iter().all(|row| row.workload == Workload::Stream));
    assert!(!bench.path("runs").join("r").join(MicroRow::FILE).exists());
}
