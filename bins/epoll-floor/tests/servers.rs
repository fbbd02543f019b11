//! The arm against servers that behave and servers that do not: the same statuses as every other arm.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;
use tandem_records::{ArmReport, Phase, RequestRow, Status};

const PROVED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n";
const STREAM: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Body chunks of lines, with the end of the body.
fn chunked(lines: &[&str]) -> String {
    let chunk = |line: &&str| format!("{:x}\r\n{line}\n\r\n", line.len() + 1);
    format!("{STREAM}{}0\r\n\r\n", lines.iter().map(chunk).collect::<String>())
}

fn whole() -> String {
    chunked(&[
        r#"{"response":"one","done":false}"#,
        r#"{"response":" two","done":false}"#,
        r#"{"response":"","done":true,"done_reason":"length"}"#,
    ])
}

/// A server that reads one request after the other and hands each to `answer`, with whether it is a HEAD request, until
/// that says that the connection is over.
fn serve(answer: impl Fn(bool, &mut TcpStream) -> bool + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), answer.clone());
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(is_head) = read_request(&mut reader) {
                    if !answer(is_head, &mut stream) {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// Reads a request with its body; `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead) -> Option<bool> {
    let (mut line, mut is_head, mut length) = (String::new(), None, 0);
    while reader.read_line(&mut line).ok()? > 0 {
        is_head = is_head.or(Some(line.starts_with("HEAD ")));
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            reader.read_exact(&mut vec![0; length]).ok()?;
            return is_head;
        }
        line.clear();
    }
    None
}

/// Writes; the arm may be gone.
fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).is_ok()
}

/// A server that proves connections and answers each POST with these bytes, and then closes if it is told so.
fn answering(bytes: impl Into<Vec<u8>>, close: bool) -> String {
    let bytes: Vec<u8> = bytes.into();
    serve(move |is_head, stream| send(stream, if is_head { PROVED } else { &bytes }) && (is_head || !close))
}

fn run(url: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_epoll-floor"));
    command.args([
        "--server",
        url,
        "--model",
        "m",
        "--server-kind",
        "sim",
        "--cache",
        "none",
        "--tokens",
        "2",
    ]);
    command.args(more).output().unwrap()
}

fn report(url: &str, more: &[&str]) -> ArmReport {
    let output = run(url, more);
    let text = String::from_utf8(output.stdout).unwrap();
    let report: ArmReport = serde_json::from_str(text.lines().last().unwrap_or_default())
        .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(output.status.code(), Some(if report.status.is_ok() { 0 } else { 4 }), "{}", report.error);
    report
}

fn rows(report: &ArmReport, phase: Phase) -> Vec<&RequestRow> {
    report.requests.iter().filter(|row| row.phase == phase).collect()
}

#[test]
fn every_fault_of_a_server_has_its_status() {
    let long_line = format!(r#"{{"response":"{}"}}"#, "x".repeat(1 << 20));
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(64 << 10));
    let error = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let cut = whole().split_at(whole().len() - 20).0.to_string();
    for (bytes, close, status, said) in [
        (String::new(), true, Status::Reset, "before its response was over"),
        (cut, true, Status::Reset, "before its response was over"),
        (String::new(), false, Status::Timeout, "no end within 300 ms"),
        (STREAM.to_string(), false, Status::Timeout, "no end within 300 ms"),
        (
            error("404 Not Found", r#"{"error":"model 'm' not found"}"#),
            false,
            Status::ModelMissing,
            "'m' not found",
        ),
        (error("503 Service Unavailable", r#"{"error":"server busy"}"#), false, Status::Busy, "server busy"),
        (error("500 Oh", "no"), false, Status::HttpError, "http 500: no"),
        ("HTTP/1.0 500 Oh\r\n\r\nuntil the close".into(), true, Status::HttpError, "until the close"),
        (chunked(&[r#"{"error":"out of memory"}"#]), false, Status::ServerError, "out of memory"),
        (chunked(&[r#"{"response":"one","done":false}"#]), false, Status::NoDone, "after 1 pieces"),
        (chunked(&["<html>"]), false, Status::Malformed, "not an object"),
        (format!("{STREAM}zz\r\n"), false, Status::Malformed, "response body"),
        ("SSH-2.0-server\r\n\r\n".into(), false, Status::Malformed, "response head"),
        (chunked(&[&long_line]), false, Status::TooLarge, "a line of over"),
        (long_head, false, Status::TooLarge, "a response head of over"),
    ] {
        let limit = if status == Status::Timeout { "300" } else { "60000" };
        let report = report(&answering(bytes.clone(), close), &["--timeout-ms", limit]);
        assert_eq!(report.status, status, "{:.60}: {}", bytes, report.error);
        assert!(report.error.contains(said), "{:.60}: {}", bytes, report.error);
        assert_eq!(rows(&report, Phase::Warmup).len(), 2, "both agents tell");
        assert!(rows(&report, Phase::Solo).is_empty(), "a trial ends with a bad warm-up");
    }
}

#[test]
fn nobody_there_and_nobody_who_answers_are_told_apart() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = report(&format!("http://{gone}"), &[]);
    assert_eq!(refused.status, Status::Refused);
    assert!(refused.error.contains(&format!("connect to {gone}: ")), "{}", refused.error);
    let silent = report(&serve(|_, _| true), &["--timeout-ms", "200"]);
    assert_eq!(silent.status, Status::Timeout);
    assert!(refused.agents.iter().chain(&silent.agents).all(|row| row.start_ns.is_none()), "nobody began");
}

/// The same response as an HTTP/1.0 server writes it, which has no chunks.
fn until_close() -> String {
    let body: String =
        whole().lines().filter(|line| line.starts_with('{')).map(|line| format!("{line}\n")).collect();
    format!("HTTP/1.0 200 OK\r\n\r\n{body}")
}

#[test]
fn pieces_of_any_size_give_the_same_tokens() {
    let bytewise = serve(|is_head, stream| {
        let whole = whole();
        let bytes = if is_head { PROVED } else { whole.as_bytes() };
        bytes.iter().all(|byte| send(stream, &[*byte]))
    });
    let urls = [answering(whole(), false), bytewise, answering(until_close(), true)];
    let digests = urls.map(|url| {
        let report = report(&url, &[]);
        assert_eq!(report.status, Status::Ok, "{}", report.error);
        let rows = rows(&report, Phase::Concurrent);
        assert!(rows.iter().all(|row| row.output_tokens == Some(2) && row.done_reason == "length"));
        assert!(rows.iter().all(|row| row.ttfc_ns <= row.ttft_ns && row.ttft_ns <= row.e2e_ns), "{rows:?}");
        rows[0].digest.clone()
    });
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
}

#[test]
fn a_server_that_closes_after_every_answer_costs_no_request() {
    let closing = serve(|is_head, stream| {
        let proved = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_string();
        send(stream, if is_head { proved } else { whole() }.as_bytes());
        false
    });
    for url in [closing, answering(whole(), true)] {
        let report = report(&url, &["--agents", "3"]);
        assert_eq!(report.status, Status::Ok, "{}", report.error);
        assert_eq!(rows(&report, Phase::Concurrent).len(), 3);
        assert!(report.requests.iter().all(|row| row.connect_ns.is_none()), "connections were opened before");
    }
}

#[test]
fn a_fresh_connection_is_opened_in_the_agents_time_and_not_in_the_requests() {
    let report = report(&answering(whole(), false), &["--connection", "fresh"]);
    for row in rows(&report, Phase::Concurrent) {
        let agent = report.agents.iter().find(|a| (a.phase, a.agent) == (row.phase, row.agent)).unwrap();
        let connect_ns = row.connect_ns.expect("it was opened");
        assert!(connect_ns > 0 && row.start_ns - agent.start_ns.unwrap() >= connect_ns, "{row:?}");
    }
}

#[test]
fn a_permit_is_passed_on_when_an_agent_ends_or_fails() {
    let slow = serve(|is_head, stream| {
        thread::sleep(Duration::from_millis(if is_head { 0 } else { 20 }));
        send(stream, if is_head { PROVED.to_vec() } else { whole().into_bytes() }.as_slice())
    });
    let report = report(&slow, &["--agents", "5", "--permits", "2"]);
    assert_eq!(report.status, Status::Ok, "{}", report.error);
    let mut spans: Vec<(u64, u64)> = report
        .agents
        .iter()
        .filter(|row| row.phase == Phase::Concurrent)
        .map(|row| (row.start_ns.unwrap(), row.end_ns.unwrap()))
        .collect();
    spans.sort_unstable();
    for (start, _) in &spans {
        assert!(spans.iter().filter(|(s, e)| s <= start && start < e).count() <= 2, "{spans:?}");
    }
    assert!(spans[4].0 - spans[0].0 >= 40_000_000, "three waves: {spans:?}");
    let gave_up =
        self::report(&answering("", false), &["--agents", "5", "--permits", "2", "--timeout-ms", "50"]);
    assert_eq!(rows(&gave_up, Phase::Warmup).len(), 5);
    assert!(rows(&gave_up, Phase::Warmup).iter().all(|row| row.status == Status::Timeout));
}

#[test]
fn an_open_loop_starts_at_its_moments() {
    let report =
        report(&answering(whole(), false), &["--agents", "8", "--rate", "200", "--arrivals", "constant"]);
    let rows = rows(&report, Phase::Concurrent);
    assert_eq!(rows.len(), 8);
    for (number, row) in rows.iter().enumerate() {
        let agent = report.agents.iter().find(|a| (a.phase, a.agent) == (row.phase, row.agent)).unwrap();
        assert_eq!(row.intended_ns, Some(agent.release_ns + 5_000_000 * number as u64));
        assert!(agent.start_ns >= row.intended_ns, "never early: {row:?}");
    }
}

#[test]
fn what_it_cannot_do_is_refused_with_what_it_can() {
    for (args, said) in [
        (&["--client", "hyper"][..], "epoll-floor links no client 'hyper'; valid values: epoll"),
        (&["--workload", "report"], "epoll-floor does no --workload report; valid values: stream, flood"),
        (&["--read-cap", "1024"], "--read-cap needs --client hyper"),
        (&["--receive-stamps"], "--receive-stamps needs --client hyper"),
    ] {
        let output = run("http://127.0.0.1:1", args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(said) && output.stdout.is_empty(), "{stderr}");
    }
}
