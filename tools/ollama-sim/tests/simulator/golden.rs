//! The simulator's bytes against those of real servers, after [`crate::normal`].

use crate::capture::{self, Exchange};
use crate::normal::normal;
use crate::sim::{Sim, config, instant};
use ollama_sim::{Config, Ollama};

const GENERATE: &str = "ollama-0.32.15-generate.txt";
const CHAT: &str = "ollama-0.32.15-chat.txt";
const ERRORS: &str = "ollama-0.32.15-errors.txt";
const META: &str = "ollama-0.32.15-meta.txt";
const LOAD: &str = "ollama-0.32.15-load-ps.txt";
const EDGE: &str = "ollama-0.32.15-edge.txt";
const PACED: &str = "ollama-0.32.15-paced.txt";
const THINKING: &str = "ollama-0.24.0-thinking.txt";
const QUEUE: &str = "ollama-0.24.0-queue.txt";
const LOAD_0_24: &str = "ollama-0.24.0-load.txt";

fn tiny() -> Config {
    Config { models: vec!["tiny".into()], write_stamp: false, ..instant() }
}

/// The server of the captures of v0.24.0: one slot, one model, which thinks for `thinking` tokens or cannot.
fn v0_24(model: &str, thinking: Option<u32>) -> Config {
    let (models, ollama) = (vec![model.into()], Ollama::V0_24_0);
    Config { models, ollama, thinking, slots: Some(1), write_stamp: false, ..instant() }
}

/// Titles of a capture's exchanges that begin so.
fn titles(file: &str, begin: &str) -> Vec<String> {
    let all = capture::read(file).into_iter().map(|exchange| exchange.title);
    all.filter(|title| title.starts_with(begin)).collect()
}

/// Sends the captured requests to a fresh simulator and compares the answers.
fn check(file: &str, titles: &[impl AsRef<str>], config: &Config) {
    for title in titles.iter().map(AsRef::as_ref) {
        let exchange = capture::find(file, title);
        let answers = replay(&exchange, config);
        for ((_, real), simulated) in exchange.rounds.iter().zip(&answers) {
            let (real, simulated) = (normal(real), normal(simulated));
            assert_eq!(simulated, real, "{file}: {title}\n--- simulated\n{simulated}\n--- real\n{real}");
        }
    }
}

/// The simulator's bytes for each request of an exchange, all on one connection.
fn replay(exchange: &Exchange, config: &Config) -> Vec<Vec<u8>> {
    let sim = Sim::start(1, config.clone());
    let mut client = sim.client(0);
    let mut rounds = Vec::new();
    for (request, _) in &exchange.rounds {
        client.send(request);
        let answer = client.answer(request.starts_with(b"HEAD "));
        let mut bytes = answer.head.into_bytes();
        let chunked = String::from_utf8_lossy(&bytes).contains("chunked");
        for chunk in &answer.chunks {
            if chunked {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            }
            bytes.extend(chunk);
            if chunked {
                bytes.extend(b"\r\n");
            }
        }
        if chunked {
            bytes.extend(b"0\r\n\r\n");
        }
        rounds.push(bytes);
    }
    rounds
}

#[test]
fn generate() {
    let titles = [
        "generate, stream, model not loaded",
        "generate, stream, loaded",
        "Connection: close",
        "two requests on one",
        "raw=true",
        "stream=false",
        "Accept-Encoding: gzip",
    ];
    check(GENERATE, &titles, &tiny());
}

#[test]
fn paced_streams_have_the_same_bytes() {
    let config = Config { models: vec!["mid".into()], write_stamp: false, ..config(2, 1) };
    check(PACED, &["generate, 24 tokens", "chat, 24 tokens"], &config);
}

#[test]
fn chat() {
    check(CHAT, &["chat, stream", "chat, stream=false", "chat, two turns"], &tiny());
}

#[test]
fn openai() {
    check(
        CHAT,
        &["OpenAI /v1/chat/completions stream", "OpenAI /v1/chat/completions not", "OpenAI /v1/models"],
        &tiny(),
    );
}

#[test]
fn thinking_on_every_endpoint() {
    let titles = titles(THINKING, "thinker ");
    assert_eq!(titles.len(), 8, "{titles:?}");
    // All twelve tokens of the captures are thinking.
    check(THINKING, &titles, &v0_24("thinker", Some(100)));
    check(THINKING, &["small (no thinking)"], &v0_24("small", None));
}

#[test]
fn streams_of_a_server_with_one_slot() {
    check(QUEUE, &titles(QUEUE, ""), &v0_24("large", None));
}

#[test]
fn loads_and_what_is_resident_after_them() {
    let titles = ["unload: keep_alive 0", "first request: loads", "second request", "/v1 with a prompt"];
    check(LOAD_0_24, &titles, &v0_24("small", None));
    let exchange = capture::find(LOAD_0_24, "/api/ps after the unload");
    let sim = Sim::start(1, v0_24("large", None));
    sim.client(0).post("/api/generate", r#"{"model":"large","prompt":"x","options":{"num_predict":2}}"#);
    let mut client = sim.client(0);
    let (request, real) = &exchange.rounds[0];
    client.send(request);
    let answer = client.answer(false);
    assert_eq!(normal(&[answer.head.into_bytes(), answer.body].concat()), normal(real));
}

#[test]
fn errors_are_equal_byte_for_byte() {
    let titles = titles(ERRORS, "");
    assert!(titles.len() > 15, "{titles:?}");
    check(ERRORS, &titles, &tiny());
}

#[test]
fn errors_of_the_older_server_differ_where_its_dialect_does() {
    // The simulator speaks v0.32.15; v0.13.5 differs in these: the name it echoes, an error in chunks, and an
    // evaluation time of zero, which is left out.
    const DIFFERENT: [&str; 3] = ["model not found (show)", "bad format", "unknown option (ignored?)"];
    for exchange in capture::read("ollama-0.13.5-errors.txt") {
        if DIFFERENT.contains(&exchange.title.as_str()) {
            continue;
        }
        check("ollama-0.13.5-errors.txt", &[&exchange.title], &tiny());
    }
}

#[test]
fn meta() {
    // Not /api/show: it lists a real model's tensors.
    check(META, &["GET /", "GET /api/version", "GET /api/tags", "GET /api/ps"], &tiny());
    check("ollama-0.13.5-meta.txt", &["HEAD /", "GET /"], &tiny());
}

#[test]
fn heads_without_a_body_are_equal() {
    let sim = Sim::start(1, tiny());
    for title in ["HEAD /", "HEAD /api/tags"] {
        let exchange = capture::find(META, title);
        let mut client = sim.client(0);
        client.send(&exchange.rounds[0].0);
        let names = |head: &str| {
            head.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let real = String::from_utf8(exchange.rounds[0].1.clone()).unwrap();
        assert_eq!(names(&client.answer(true).head), names(&real), "{title}");
        // Nothing follows the head.
        assert_eq!(client.get("/").text(), "Ollama is running");
    }
}

#[test]
fn load_keep_alive_and_unload() {
    let titles = [
        "load only: generate",
        "load only: chat",
        "keep_alive 10m",
        "keep_alive -1",
        "unload: keep_alive 0",
        "ps after unload",
        "chat unload",
    ];
    check(LOAD, &titles, &tiny());
}

#[test]
fn edges() {
    let titles = [
        "num_predict 1",
        "HTTP/1.0 request",
        "request body sent with Transfer-Encoding",
        "no Content-Type header",
    ];
    check(EDGE, &titles, &tiny());
}

#[test]
fn an_expecting_client_is_told_to_continue() {
    let exchange = capture::find(EDGE, "Expect: 100-continue");
    let (request, real) = &exchange.rounds[0];
    let sim = Sim::start(1, tiny());
    let mut client = sim.client(0);
    client.send(request);
    let line = client.answer(false).head;
    assert!(real.starts_with(line.as_bytes()), "{line:?}");
    assert_eq!(client.answer(false).chunks.len(), 3);
}

#[test]
fn completions_follow_the_shape_of_ollamas_source() {
    let sim = Sim::start(1, tiny());
    let body = r#"{"model":"tiny","prompt":"hi","max_tokens":2,"stream":true,"stream_options":{"include_usage":true}}"#;
    let answer = sim.client(0).post("/v1/completions", body);
    let first = answer.text().lines().next().unwrap();
    let shape = r#","choices":[{"text":""#;
    assert!(first.starts_with("data: {\"id\":\"cmpl-") && first.contains(shape), "{first}");
    assert!(first.ends_with(r#""system_fingerprint":"fp_ollama","usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#), "{first}");
    assert_eq!(answer.chunks.len(), 3);
    let last = String::from_utf8(answer.chunks[2].clone()).unwrap();
    assert!(
        last.contains(r#""finish_reason":"length""#) && last.contains(r#""completion_tokens":2"#),
        "{last}"
    );
    assert!(last.ends_with("\n\ndata: [DONE]\n\n"));
    let whole = sim.client(0).post("/v1/completions", r#"{"model":"tiny","prompt":"hi","max_tokens":2}"#);
    assert_eq!(whole.words(), answer.words());
}

#[test]
fn openai_errors_have_openais_shape() {
    let sim = Sim::start(1, tiny());
    let answer = sim.client(0).post("/v1/completions", r#"{"model":"nope","prompt":"hi"}"#);
    assert_eq!(answer.status(), 404);
    assert_eq!(
        answer.text(),
        "{\"error\":{\"message\":\"model 'nope' not found\",\"type\":\"not_found_error\",\"param\":null,\"code\":null}}\n"
    );
}
