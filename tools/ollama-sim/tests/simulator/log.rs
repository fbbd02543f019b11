//! The log of the streams, against what a client saw.

use crate::client::{Client, generate, post};
use crate::sim::{Sim, config, instant};
use ollama_sim::{Config, LogTo};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A file of its own for each test, which is gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> File {
        File(std::env::temp_dir().join(format!("ollama-sim-{}-{name}.csv", std::process::id())))
    }

    fn config(&self, tokens: bool, config: Config) -> Config {
        Config { log: Some(LogTo { file: self.0.clone(), tokens }), ..config }
    }

    /// Its lines by column; no cell of it is ever quoted.
    fn lines(&self) -> Vec<HashMap<String, String>> {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let names = lines.next().unwrap();
        lines
            .map(|cells| {
                assert_eq!(cells.len(), names.len(), "{cells:?}");
                names.iter().cloned().zip(cells).collect()
            })
            .collect()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn number(line: &HashMap<String, String>, column: &str) -> u64 {
    line[column].parse().unwrap_or_else(|_| panic!("{column} of {line:?}"))
}

/// A request that names itself.
fn named(id: &str, tokens: u32) -> String {
    post("/api/generate", &generate("x", tokens)).replacen("\r\n", &format!("\r\nX-Request-ID: {id}\r\n"), 1)
}

#[test]
fn a_line_tells_the_stamps_that_the_client_got() {
    let file = File::new("stamps");
    let sim = Sim::start(2, file.config(true, config(20, 4)));
    let mut client = sim.client(1);
    let port = client.socket.peer_addr().unwrap().port();
    client.send(named("a-1.b_2", 5));
    let answer = client.answer(false);
    sim.stop();
    let lines = file.lines();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let written: Vec<u64> =
        answer.objects().iter().map(|object| object["sim_write_ns"].as_u64().unwrap()).collect();
    assert_eq!((line["request_id"].as_str(), line["status"].as_str()), ("a-1.b_2", "done"));
    assert_eq!((number(line, "port"), number(line, "tokens")), (port.into(), 5));
    assert_eq!(number(line, "first_write_ns"), written[0]);
    assert_eq!(number(line, "last_write_ns"), written[5]);
    let tokens: Vec<u64> = line["token_writes_ns"].split(' ').map(|ns| ns.parse().unwrap()).collect();
    assert_eq!(tokens, written[..5]);
    assert!(number(line, "first_write_ns") - number(line, "request_ns") >= 20_000_000);
    assert!(number(line, "end_ns") >= written[5]);
    number(line, "late_max_ns");
    assert_eq!(line["digest"], format!("{:016x}", xxhash_rust::xxh3::xxh3_64(answer.words().as_bytes())));
}

#[test]
fn a_client_that_goes_leaves_a_line_without_an_end() {
    let file = File::new("cancelled");
    let sim = Sim::start(1, file.config(false, config(1, 5)));
    let mut client = sim.client(0);
    client.send(named("gone", 1000));
    client.take_until(b"\"response\"");
    drop(client);
    sim.client(0).post("/api/generate", &generate("x", 40));
    sim.stop();
    let lines = file.lines();
    let line = &lines[0];
    assert_eq!((line["status"].as_str(), line["last_write_ns"].as_str()), ("cancelled", ""));
    assert!((1..1000).contains(&number(line, "tokens")), "{line:?}");
    assert!(!line.contains_key("token_writes_ns"));
    assert_eq!(lines[1]["status"], "done");
}

#[test]
fn a_quiet_simulator_has_written_its_lines() {
    let file = File::new("quiet");
    let sim = Sim::start(1, file.config(false, instant()));
    for _ in 0..3 {
        sim.client(0).post("/api/generate", &generate("x", 2));
    }
    let began = Instant::now();
    while file.lines().len() < 3 {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", file.lines());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(sim.stop().streams, 3);
    assert_eq!(file.lines().len(), 3);
}

#[test]
fn an_id_that_would_spoil_the_file_is_left_out() {
    let file = File::new("ids");
    let sim = Sim::start(1, file.config(false, instant()));
    let long = "x".repeat(65);
    for id in ["a,b", "\"", "=1+1", long.as_str()] {
        let mut client: Client = sim.client(0);
        client.send(named(id, 2));
        client.answer(false);
    }
    sim.stop();
    assert!(file.lines().iter().all(|line| line["request_id"].is_empty()), "{:?}", file.lines());
    assert_eq!(file.lines().len(), 4);
}

#[test]
fn a_file_that_cannot_be_made_ends_the_program() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_ollama-sim"))
        .args(["--log", "/nonexistent/streams.csv"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("--log") && message.lines().count() == 1, "{message}");
}
