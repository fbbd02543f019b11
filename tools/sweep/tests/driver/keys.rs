//! The key of OpenAI-type servers: shown to them, and to nobody else.

use crate::support::{Bench, Finished, Responder, fixed_answer, plan_of_two};
use std::fs;
use std::path::Path;

const KEY: &str = "sk-tandem-0123456789";

/// Files below a folder that hold the key.
fn holding_key(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                return holding_key(&path);
            }
            let bytes = fs::read(&path).unwrap();
            let holds = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
            holds.then(|| path.display().to_string()).into_iter().collect()
        })
        .collect()
}

#[test]
fn it_reaches_servers_of_openais_kind_only_and_stands_in_no_file_output_or_command_line() {
    let (bench, server) = (Bench::with_arms(&["arm-b"]), Responder::start(&["tiny"]));
    bench.noting_arm("arm-a");
    bench.plan("two", &plan_of_two(1, "{}"));
    for (api, shown) in [("openai", true), ("ollama", false)] {
        let asked = server.keys().len();
        let mut sweep = bench.sweep(&["--plan", "two", "--servers", &server.url, "--api", api, "--run", api]);
        let done = Finished::of(sweep.env("TANDEM_API_KEY", KEY).output().unwrap()).expect(0);
        let keys = server.keys().split_off(asked);
        let wanted = if shown { format!("Bearer {KEY}") } else { String::new() };
        assert!(!keys.is_empty() && keys.iter().all(|key| *key == wanted), "{api}: {keys:?}");
        assert!(!done.stdout.contains(KEY) && !done.stderr.contains(KEY));
    }
    assert_eq!(holding_key(&bench.path("runs")), [""; 0]);
    let lines = bench.command_lines("arm-a");
    assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains(KEY)), "{lines:?}");
    // Of all children only the trials on such servers inherit it: neither receipts nor other trials.
    let with_key = fs::read_to_string(bench.path("arm-a.with-key")).unwrap();
    let wanted: Vec<&String> = lines.iter().filter(|line| line.contains("--api openai")).collect();
    assert_eq!(with_key.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_server_that_wants_one_is_told_from_others_and_a_bad_key_is_not_repeated() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("two", &plan_of_two(1, "{}"));
    let closed = fixed_answer("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let args = ["--plan", "two", "--servers", &closed, "--api", "openai"];
    let done = bench.run(&args).expect(3);
    assert!(
        done.message().ends_with("HTTP 401; put its key into the environment variable TANDEM_API_KEY"),
        "{}",
        done.stderr
    );
    let bad = format!("{KEY} and more");
    let done = Finished::of(bench.sweep(&args).env("TANDEM_API_KEY", &bad).output().unwrap()).expect(2);
    assert!(
        done.message().starts_with("TANDEM_API_KEY holds characters") && !done.stderr.contains(KEY),
        "{}",
        done.stderr
    );
}

#[test]
fn a_server_that_repeats_it_does_not_bring_it_to_terminal_or_files() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("two", &plan_of_two(1, "{}"));
    let body = format!("{{\"error\":{{\"message\":\"unknown key Bearer {KEY}\"}}}}");
    let place = format!("http://127.0.0.1:1/login?key={KEY}");
    for (head, shown) in [
        ("400 Bad Request".to_owned(), "unknown key Bearer (key)"),
        (format!("302 Found\r\nLocation: {place}"), "login?key=(key)"),
    ] {
        let answer =
            format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        let url = fixed_answer(answer.leak());
        let mut sweep = bench.sweep(&["--plan", "two", "--servers", &url, "--api", "openai", "--model", "m"]);
        let done = Finished::of(sweep.env("TANDEM_API_KEY", KEY).output().unwrap()).expect(3);
        assert!(done.stderr.contains(shown), "{}", done.stderr);
        assert!(!done.stdout.contains(KEY) && !done.stderr.contains(KEY), "{}", done.stderr);
    }
    if bench.path("runs").exists() {
        assert_eq!(holding_key(&bench.path("runs")), [""; 0]);
    }
}
