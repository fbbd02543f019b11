//! The program itself: its two lines of output and its exit codes.

use ollama_sim::Report;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ollama-sim"))
}

#[test]
fn it_prints_where_it_listens_and_at_the_end_its_report() {
    let mut child = program()
        .args(["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--profile", "instant"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: serde_json::Value = serde_json::from_str(&out.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["version"], ollama_sim::VERSION);
    let urls = first["listening"].as_array().unwrap();
    assert_eq!(urls.len(), 2);
    let addr = urls[1].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    assert_eq!(crate::client::Client::connect(addr).get("/api/tags").status(), 200);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let report: Report = serde_json::from_str(&out.next().unwrap().unwrap()).unwrap();
    assert_eq!(report.streams, 0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_taken_port_is_named_with_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let output = program().args(["--listen", &addr]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains(&addr) && message.lines().count() == 1, "{message}");
}

#[test]
fn a_wrong_option_is_a_usage_error_that_lists_the_values() {
    let output = program().args(["--profile", "slow"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("instant, fast, tr115"));
}
