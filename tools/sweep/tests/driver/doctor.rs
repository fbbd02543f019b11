//! The doctor on simulators that behave as servers do: apart, on one GPU, one stream at a time, unlike each other.

use crate::support::{Bench, Finished, Responder, Simulator, serve};
use serde_json::Value;
use std::process::Command;

fn doctor(args: &[&str]) -> Finished {
    let bench = Bench::with_arms(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_doctor"));
    command.arg("--runs-dir").arg(bench.path("runs")).args(args);
    Finished::of(command.output().unwrap())
}

/// State, what was seen and remedy of the findings whose check begins so.
fn findings(done: &Finished, check: &str) -> Vec<(String, String, String)> {
    let all: Vec<Value> = serde_json::from_str(done.stdout.trim()).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    all.iter()
        .filter(|finding| text(finding, "check").starts_with(check))
        .map(|finding| (text(finding, "state"), text(finding, "seen"), text(finding, "remedy")))
        .collect()
}

fn one(done: &Finished, check: &str) -> (String, String, String) {
    let found = findings(done, check);
    assert_eq!(found.len(), 1, "{check}: {}", done.stdout);
    found.into_iter().next().unwrap()
}

#[test]
fn servers_that_share_a_gpu_or_serve_one_at_a_time_are_told_from_those_that_do_not() {
    for (args, gpu, slots) in [
        (["--capacity", "independent"].as_slice(), "no: ", "two streams at once"),
        (&["--capacity", "shared", "--factor", "2.6"], "yes: ", "two streams at once"),
        (&["--capacity", "serial"], "no: ", "one: a second stream waits"),
    ] {
        let simulator = Simulator::start(args);
        let done = doctor(&["--servers", &simulator.servers, "--json"]).expect(0);
        let (state, seen, remedy) = one(&done, "one GPU behind both");
        // A busy machine may keep it from being told, never make it the opposite.
        assert!(seen.starts_with(gpu) || seen.starts_with("cannot tell: "), "{args:?}: {seen}");
        assert_eq!(state == "warning", !remedy.is_empty(), "{args:?}");
        let slot_findings = findings(&done, "parallel slots of ");
        assert_eq!(slot_findings.len(), 2);
        assert!(
            slot_findings.iter().all(|(_, seen, _)| seen.starts_with(slots)),
            "{args:?}: {slot_findings:?}"
        );
        assert_eq!(findings(&done, "server http://127.0.0.1:").len(), 2);
        assert!(one(&done, "model").1.starts_with("sim:latest on all, digest "), "{}", done.stdout);
    }
}

#[test]
fn what_stands_in_the_way_is_a_problem_with_a_remedy_and_exit_code_3() {
    let done = doctor(&["--servers", "http://127.0.0.1:9,http://127.0.0.1:10", "--json"]).expect(3);
    for (state, _, remedy) in findings(&done, "server http://127.0.0.1:") {
        assert!(state == "problem" && remedy.contains("ollama serve"), "{remedy}");
    }
    let server = Responder::start(&["tiny"]);
    let done = doctor(&["--servers", &server.url, "--model", "big", "--json"]).expect(3);
    let (state, seen, _) = one(&done, "model");
    assert!(state == "problem" && seen.contains("has no model big; those it has: tiny"), "{seen}");
    let busy = Simulator::start(&["--fault", "busy"]);
    let done = doctor(&["--servers", &busy.servers, "--json"]).expect(3);
    assert!(
        findings(&done, "stream of ")
            .iter()
            .all(|(state, seen, _)| state == "problem" && seen.contains("HTTP 503"))
    );
}

#[test]
fn the_text_for_people_has_one_line_a_finding_and_a_sum() {
    let done = doctor(&["--servers", "sim"]).expect(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    let sum = lines.last().unwrap();
    assert!(sum.contains(" ok, ") && sum.ends_with(" 0 problems"), "{}", done.stdout);
    let is_known =
        |line: &&str| ["ok ", "unknown ", "warning ", "-> "].iter().any(|start| line.starts_with(start));
    assert!(lines[..lines.len() - 1].iter().all(is_known), "{}", done.stdout);
    let done = doctor(&["--servers", "nonsense"]).expect(2);
    assert!(done.message().contains("valid are sim, ollama"), "{}", done.stderr);
}
