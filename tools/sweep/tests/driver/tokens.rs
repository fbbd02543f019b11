//! `--tokens`: a file of raw stamps for every attempt of every trial, also after an interruption.

use crate::support::{Bench, Responder, plan_of_two};
use std::fs;
use std::path::Path;
use tandem_records::{STAMPS_FOLDER, StampsReader, stamps_file};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_attempt_keeps_its_stamps_and_a_resumed_run_goes_on_with_it() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let options = r#"{ fake_status = { arm-b = "reset" }, fake_failing_attempts = 1 }"#;
    bench.plan("two", &plan_of_two(1, options));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r", "--tokens"]).expect(4);
    assert!(bench.manifest("r").command.ends_with(" --tokens"), "{}", bench.manifest("r").command);
    bench.run(&["--run", "r"]).expect(0);
    bench.assert_complete("r");
    let folder = bench.path("runs").join("r").join(STAMPS_FOLDER);
    let trials = bench.trials("r");
    let mut wanted: Vec<String> = trials.iter().map(|row| stamps_file(row.trial, row.attempt)).collect();
    wanted.sort();
    assert_eq!((names(&folder), wanted.len()), (wanted, 4));
    for row in &trials {
        let reader = StampsReader::open(&folder.join(stamps_file(row.trial, row.attempt))).unwrap();
        let header = reader.header().clone();
        assert_eq!((header.run_id.as_str(), header.trial, header.attempt), ("r", row.trial, row.attempt));
        assert_eq!(reader.map(Result::unwrap).count(), 6, "two agents, three phases");
    }
}

#[test]
fn without_the_option_nothing_is_kept_and_a_run_does_not_change_its_mind() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.noting_arm("arm-b");
    bench.plan("two", &plan_of_two(1, "{}"));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
    assert!(!bench.path("runs").join("r").join(STAMPS_FOLDER).exists());
    assert!(bench.command_lines("arm-b").iter().all(|line| !line.contains("--token-stamps")));
    let done = bench.run(&["--run", "r", "--tokens"]).expect(2);
    assert!(done.message().starts_with("run r keeps no token stamps, --tokens asks for them"));
}

#[test]
fn an_arm_of_another_language_is_not_asked_for_them() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.noting_arm("arm-b");
    let plan = plan_of_two(1, "{}")
        .replace("client = \"hyper\"", "client = \"hyper\"\nclient_of = { arm-b = \"httpx\" }");
    bench.plan("two", &plan);
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r", "--tokens"]).expect(0);
    assert!(bench.command_lines("arm-b").iter().all(|line| !line.contains("--token-stamps")));
    assert_eq!(names(&bench.path("runs").join("r").join(STAMPS_FOLDER)).len(), 2, "the baseline, twice");
}
