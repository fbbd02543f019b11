//! The doctor on simulators that behave as servers do: apart, on one GPU, one stream at a time, unlike each other.

use crate::support::{Bench, Finished, Responder, Simulator, answered, chat, ok, serve};
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
        (&["--capacity", "shared", "--factor", "2.6"], "they share CPUs, not a GPU: ", "two streams at once"),
        (&["--capacity", "serial"], "no: ", "one: a second stream waits"),
    ] {
        let simulator = Simulator::start(args);
        let done = doctor(&["--servers", &simulator.servers, "--json"]).expect(0);
        let (state, seen, remedy) = one(&done, "one GPU behind both");
        // A busy machine may keep it from being told, never make it the opposite.
        assert!(seen.starts_with(gpu) || seen.starts_with("cannot tell: "), "{args:?}: {seen}");
        assert_eq!(state == "warning", !remedy.is_empty(), "{args:?}");
        assert!(state != "ok" || seen.starts_with("no: "), "{args:?}: {seen}");
        let (state, seen, _) = one(&done, "CPUs of the servers");
        assert!(state == "warning" && seen.ends_with("(size_vram 0), and the client"), "{seen}");
        assert!(
            done.stderr.lines().count() >= 8 && done.stderr.contains(" s of at most 120 s)"),
            "{}",
            done.stderr
        );
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

#[test]
fn slow_tokens_end_within_the_time_limit_and_say_what_was_not_looked_at() {
    let slow = Simulator::start(&["--itl-ms", "150"]);
    let began = std::time::Instant::now();
    let done = doctor(&["--servers", &slow.servers, "--limit-s", "8", "--json"]).expect(0);
    let (state, seen, _) = one(&done, "streams at once");
    assert!(state == "unknown" && seen.contains("--limit-s gives more"), "{seen}");
    // Of four first streams none is longer than the limit; without it all would take two minutes.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

/// An Ollama server whose copy of the model has this digest and these files.
fn with_copy(digest: &'static str, file: &'static str) -> String {
    serve(move |path, _| match path {
        "/api/version" => ok(r#"{"version":"0.24.0"}"#),
        "/api/tags" => ok(&format!(r#"{{"models":[{{"name":"m:latest","digest":"{digest}"}}]}}"#)),
        "/api/ps" => ok(r#"{"models":[{"name":"m:latest","size":5,"size_vram":5}]}"#),
        "/api/show" => ok(&format!(r#"{{"modelfile":"FROM /{digest}/blobs/{file}\n","template":"t"}}"#)),
        _ => ok(&("{\"response\":\" one\",\"done\":false}\n".repeat(8)
            + "{\"response\":\"\",\"done\":true,\"done_reason\":\"length\"}\n")),
    })
}

#[test]
fn copies_made_apart_are_compared_by_their_layers() {
    for (other, state, words) in [
        (
            with_copy("bbbb", "sha256-1"),
            "ok",
            "m:latest on all, copies with equal layers (digests aaaa, bbbb",
        ),
        (with_copy("bbbb", "sha256-2"), "warning", "several digests: aaaa, bbbb; its layers differ"),
        (with_copy("bbbb", "m.gguf"), "warning", "several digests: aaaa, bbbb; its layers differ"),
    ] {
        let servers = format!("{},{other}", with_copy("aaaa", "sha256-1"));
        let found = one(&doctor(&["--servers", &servers, "--json"]), "model");
        assert!(found.0 == state && found.1.contains(words), "{found:?}");
    }
}

#[test]
fn a_field_that_the_sweep_leaves_out_does_not_stop_the_doctor() {
    let url = serve(|path, body| match path {
        "/v1/models" => ok(r#"{"data":[{"id":"m"}]}"#),
        "/v1/chat/completions" if body.contains("stream_options") => {
            answered("400 Bad Request", r#"{"error":{"message":"unknown field stream_options"}}"#)
        }
        "/v1/chat/completions" => ok(&chat(8)),
        _ => answered("404 Not Found", ""),
    });
    let done = doctor(&["--servers", &url, "--api", "openai", "--json"]).expect(0);
    let (state, seen, _) = one(&done, "stream of ");
    assert!(state == "warning" && seen.contains("refuses stream_options: left out"), "{seen}");
}
