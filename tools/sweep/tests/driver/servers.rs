//! Real servers: what is checked before the run and around each trial.

use crate::support::{Bench, Responder, answered, chat, fixed_answer, ok, plan_of_two, serve};
use std::net::TcpListener;
use tandem_records::{ServerKind, Status};

fn bench() -> Bench {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("two", &plan_of_two(1, "{ num_ctx = 512 }"));
    bench
}

#[test]
fn a_server_that_cannot_be_used_ends_with_3_and_leaves_no_run() {
    let bench = bench();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let done = bench.run(&["--plan", "two", "--servers", &url, "--run", "r"]).expect(3);
    assert!(done.message().contains(&format!("server {url} cannot be used")), "{}", done.stderr);
    assert!(done.message().contains("ollama serve"), "{}", done.stderr);

    let (one, two) = (Responder::start(&["tiny", "mid"]), Responder::start(&["big"]));
    let done = bench.run(&["--plan", "two", "--servers", &one.url, "--model", "huge"]).expect(3);
    assert!(
        done.message().contains("has no model huge; those it has: mid:latest, tiny:latest")
            || done.message().contains("those it has: tiny:latest, mid:latest"),
        "{}",
        done.stderr
    );
    let done = bench.run(&["--plan", "two", "--servers", &one.url]).expect(2);
    assert!(done.message().contains("name one with --model: mid:latest, tiny:latest"), "{}", done.stderr);
    let done = bench.run(&["--plan", "two", "--servers", &format!("{},{}", one.url, two.url)]).expect(3);
    assert!(done.message().contains("no model in common"), "{}", done.stderr);
    assert_eq!(std::fs::read_dir(bench.path("runs")).unwrap().count(), 0);
}

#[test]
fn a_simulator_that_is_not_built_is_named() {
    let done = bench().run(&["--plan", "two"]).expect(3);
    assert!(
        done.message().contains("there is no ollama-sim in") && done.message().contains("build it"),
        "{}",
        done.stderr
    );
}

#[test]
fn the_model_is_loaded_before_and_looked_at_around_each_trial() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
    let heads = server.requests();
    let count = |part: &str| heads.iter().filter(|head| head.contains(part)).count();
    assert_eq!((count("GET /api/version"), count("GET /api/tags")), (1, 1));
    assert_eq!(count("GET /api/ps"), 1 + 6, "one look after the check, two a trial");
    // The check is the trials' own request; four of its streams tell of the slots.
    assert_eq!(count("\"num_predict\":16"), 2, "{heads:?}");
    assert_eq!(
        count("\"num_ctx\":512"),
        heads.iter().filter(|head| head.contains("POST /api/generate")).count()
    );

    server.reload_all_the_time();
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "s"]).expect(4);
    let rows = bench.trials("s");
    assert!(
        rows.iter().all(|row| row.status == Status::Reloaded && row.error.contains("size_vram")),
        "{rows:?}"
    );
    assert!(rows.iter().all(|row| row.makespan_ns.is_some()), "the observation is kept");
}

#[test]
fn openai_servers_are_asked_in_their_own_dialect_only() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    bench.run(&["--plan", "two", "--servers", &server.url, "--api", "openai", "--run", "r"]).expect(0);
    // What tells of residency is asked in Ollama's dialect, where the server is one.
    let is_known = |head: &String| {
        [" /v1/", " /api/version", " /api/ps", " /api/show"].iter().any(|path| head.contains(path))
    };
    assert!(server.requests().iter().all(is_known), "{:?}", server.requests());
    assert_eq!(bench.manifest("r").servers[0].kind, ServerKind::Openai);
    bench.run(&["--run", "r"]).expect(0);
}

#[test]
fn proxies_are_not_asked() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    let mut command = bench.sweep(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    let done = command
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .output()
        .unwrap();
    crate::support::Finished::of(done).expect(0);
}

#[test]
fn what_is_no_ollama_server_is_said_without_its_page_and_without_library_words() {
    let bench = bench();
    let page = "<!DOCTYPE html>\n<html><title>\u{1b}]0;title\u{7}404</title></html>";
    for (answer, why) in [
        (
            format!("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n{page}"),
            "not an Ollama server (HTTP 404); ",
        ),
        (
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{page}"),
            "not an Ollama server (an answer that is no JSON); ",
        ),
        (
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"name\":1}".to_string(),
            "not an Ollama server (an answer of another kind); ",
        ),
        (
            "HTTP/1.1 500 Oh\r\nConnection: close\r\n\r\n{\"error\":\"disk\"}".to_string(),
            "HTTP 500: disk; try it by hand",
        ),
        (String::new(), "no answer within 5 s; start it (OLLAMA_HOST="),
    ] {
        let url = fixed_answer(answer.leak());
        let done = bench.run(&["--plan", "two", "--servers", &url]).expect(3);
        assert!(
            done.message().starts_with(&format!("server {url} cannot be used: {why}")),
            "{}",
            done.stderr
        );
    }
    assert_eq!(std::fs::read_dir(bench.path("runs")).unwrap().count(), 0);
}

#[test]
fn texts_of_servers_and_arms_do_not_steer_the_terminal() {
    let (bench, named) = (bench(), Responder::start(&["mid", r"ti\u001b[2J\nny"]));
    let done = bench.run(&["--plan", "two", "--servers", &named.url]).expect(2);
    assert!(done.message().contains(r"ti\u{1b}[2J ny:latest"), "{}", done.stderr);

    let server = Responder::start(&["tiny"]);
    let options =
        r#"{ fake_status = "server_error", fake_error = "\u001b]0;title\u0007gone\r\n  for good\u009b2J" }"#;
    bench.plan("two", &plan_of_two(1, options));
    let done = bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(4);
    let wanted = r"\u{1b}]0;title\u{7}gone for good\u{9b}2J";
    assert!(done.stderr.contains(&format!("server_error: {wanted}\n")), "{}", done.stderr);
    for text in [&done.stdout, &done.stderr] {
        assert!(text.lines().all(|line| !line.contains(char::is_control)), "{text:?}");
    }
    assert!(bench.trials("r").iter().all(|row| row.error == wanted));
    assert!(bench.rows::<tandem_records::RequestRow>("r").iter().all(|row| row.error == wanted));
}

#[test]
fn a_server_named_twice_is_refused_before_anything_is_asked() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    let done = bench.run(&["--plan", "two", "--servers", &format!("{0},{0}/", server.url)]).expect(2);
    let wanted = format!("server {} is named twice; name it once: agents share it", server.url);
    assert_eq!((done.message(), server.requests().len()), (wanted.as_str(), 0));
}

#[test]
fn one_server_under_two_names_is_refused() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    let by_name = server.url.replace("127.0.0.1", "localhost");
    let done = bench.run(&["--plan", "two", "--servers", &format!("{},{by_name}", server.url)]).expect(2);
    let wanted =
        format!("server {by_name} is named twice, before as {}; name it once: agents share it", server.url);
    assert_eq!((done.message(), server.requests().len()), (wanted.as_str(), 0));
}

#[test]
fn what_a_server_tells_of_itself_is_recorded() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
    let record = &bench.manifest("r").servers[0];
    assert_eq!((record.on_this_machine, record.size_vram_bytes), (Some(true), Some(1000)));
    assert!(bench.trials("r").iter().all(|row| row.context_length == Some(4096)));
}

/// Ollama's server in OpenAI's dialect; `ps` is what it has loaded.
fn ollama_v1(ps: &'static str) -> String {
    serve(move |path, _| match path {
        "/api/version" => ok(r#"{"version":"0.24.0"}"#),
        "/api/ps" => ok(ps),
        "/v1/models" => ok(r#"{"data":[{"id":"m"}]}"#),
        "/v1/chat/completions" => ok(&chat(16)),
        _ => answered("404 Not Found", ""),
    })
}

#[test]
fn a_server_that_loads_its_model_for_each_request_is_told_before_and_in_each_trial() {
    let over =
        r#"{"models":[{"name":"m:latest","size":5,"size_vram":0,"expires_at":"2026-12-01T02:18:28Z"}]}"#;
    for ps in [r#"{"models":[]}"#, r#"{"models":null}"#, over] {
        let (bench, url) = (bench(), ollama_v1(ps));
        let done =
            bench.run(&["--plan", "two", "--servers", &url, "--api", "openai", "--run", "r"]).expect(4);
        let note = format!("server {url} unloads the model after a request (OLLAMA_KEEP_ALIVE=0)");
        assert!(done.stderr.contains(&format!("note: {note}")), "{}", done.stderr);
        assert!(bench.manifest("r").notes.iter().any(|told| told.starts_with(&note)));
        let rows = bench.trials("r");
        assert!(rows.iter().all(|row| row.status == Status::Reloaded), "{rows:?}");
        assert!(
            rows.iter()
                .all(|row| row.error.contains("each request loads it; the latest first token came after"))
        );
    }
    let stays =
        r#"{"models":[{"name":"m:latest","size":5,"size_vram":0,"expires_at":"2999-12-01T02:18:28Z"}]}"#;
    let done = bench().run(&["--plan", "two", "--servers", &ollama_v1(stays), "--api", "openai"]).expect(0);
    assert!(!done.stderr.contains("unloads"), "{}", done.stderr);
}
