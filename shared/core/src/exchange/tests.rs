//! The whole client path, from socket to row, fed with what real servers sent.

use super::*;
use crate::http::{Hyper, Lean, Reading, Target};
use crate::scripted::{self, Scripted};
use futures_lite::future;

/// Plays a response to one request: path, read cap, pieces received.
type Play = fn(&str, u32, Vec<Vec<u8>>) -> Exchange;

/// Every client whose path is the core's own, with its name.
const CLIENTS: [(&str, Play); 2] = [("hyper", play::<Hyper<Scripted>>), ("lean", play::<Lean<Scripted>>)];

fn play<C: Client<Scripted>>(path: &str, read_cap: u32, pieces: Vec<Vec<u8>>) -> Exchange {
    scripted::play([pieces]);
    ask(&mut session::<C>(path, read_cap))
}

fn ask<C: Client<Scripted>>(session: &mut Session<Scripted, C>) -> Exchange {
    future::block_on(session.exchange(Stage::Stream, Bytes::from_static(b"{}"), Recorder::with_capacity(64)))
}

fn session<C: Client<Scripted>>(path: &str, read_cap: u32) -> Session<Scripted, C> {
    let (api, endpoint) = match path {
        "/api/generate" => (Api::Ollama, Endpoint::Generate),
        "/api/chat" => (Api::Ollama, Endpoint::Chat),
        "/v1/completions" => (Api::Openai, Endpoint::Generate),
        _ => (Api::Openai, Endpoint::Chat),
    };
    let protocol = Protocol {
        api,
        endpoint,
        path: crate::wire::path(api, endpoint),
        timeout: Duration::from_secs(60),
        reading: Reading { cap_bytes: read_cap, stamps: None },
    };
    let target = Target::parse("http://127.0.0.1:1").unwrap();
    Session::new(C::new(&target, protocol.reading).unwrap(), protocol)
}

/// Text, piece count and final record read the slow way, through `serde_json::Value`.
fn slowly(capture: &wire_captures::Exchange) -> (String, usize, bool, Option<u64>) {
    let body = String::from_utf8(capture.body()).unwrap();
    let (mut text, mut pieces, mut done, mut prompt) = (String::new(), 0, false, None);
    for line in body.lines() {
        let json = line.strip_prefix("data: ").unwrap_or(line);
        let Ok(object) = serde_json::from_str::<serde_json::Value>(json) else { continue };
        let choice = &object["choices"][0];
        let thoughts = [&object["thinking"], &object["message"]["thinking"], &choice["delta"]["reasoning"]];
        let answers = [
            &object["response"],
            &object["message"]["content"],
            &choice["delta"]["content"],
            &choice["text"],
        ];
        for piece in thoughts.into_iter().chain(answers) {
            if let Some(piece) = piece.as_str().filter(|piece| !piece.is_empty()) {
                text.push_str(piece);
                pieces += 1;
            }
        }
        done |= object["done"] == true || choice["finish_reason"].is_string();
        prompt =
            prompt.or(object["prompt_eval_count"].as_u64()).or(object["usage"]["prompt_tokens"].as_u64());
    }
    (text, pieces, done, prompt)
}

fn is_stream(capture: &wire_captures::Exchange) -> bool {
    let head = capture.head().to_ascii_lowercase();
    capture.status() == Some(200)
        && (head.contains("application/x-ndjson") || head.contains("text/event-stream"))
        && ["/api/generate", "/api/chat", "/v1/chat/completions", "/v1/completions"].contains(&capture.path())
}

/// Whether the capture holds the response up to its end; some were closed by the client on purpose.
fn is_whole(capture: &wire_captures::Exchange) -> bool {
    // HTTP/1.0 has no chunks: the close is the end.
    capture.response().ends_with(b"0\r\n\r\n") || capture.title.starts_with("HTTP/1.0")
}

#[test]
fn every_captured_stream_gives_its_tokens() {
    let mut whole = 0;
    let captures = wire_captures::exchanges();
    let streams = captures.iter().filter(|c| is_stream(c));
    for (capture, (client, play)) in streams.flat_map(|c| CLIENTS.map(|client| (c, client))) {
        let name = format!("{client}: {}: {}", capture.file, capture.title);
        let (text, tokens, done, prompt_tokens) = slowly(capture);
        let got = play(capture.path(), 0, capture.received.clone());
        assert_eq!(
            (got.recorder.thinking.clone() + &got.recorder.answer, got.recorder.pieces.len()),
            (text, tokens),
            "{name}"
        );
        let status = got.outcome().0;
        match (is_whole(capture), done) {
            (true, true) => {
                assert_eq!(status, Status::Ok, "{name}: {:?}", got.error);
                assert_eq!(got.recorder.told.prompt_tokens, prompt_tokens, "{name}");
                whole += 1;
            }
            (true, false) if String::from_utf8_lossy(&capture.body()).contains("\"error\"") => {
                assert_eq!(status, Status::ServerError, "{name}")
            }
            (true, false) => assert_eq!(status, Status::NoDone, "{name}"),
            (false, _) => assert_eq!(status, Status::Reset, "{name}: {:?}", got.error),
        }
    }
    assert!(whole >= 2 * 24, "{whole} whole streams");
}

#[test]
fn a_stream_cut_at_any_byte_gives_the_same_tokens() {
    // One capture of each dialect and endpoint: cutting is the same work for the others.
    let mut seen: Vec<String> = Vec::new();
    for capture in wire_captures::exchanges().iter().filter(|c| is_stream(c) && is_whole(c) && slowly(c).2) {
        let kind = format!("{} {}", capture.file.split('-').next().unwrap(), capture.path());
        if seen.contains(&kind) {
            continue;
        }
        let (text, tokens, ..) = slowly(capture);
        let bytes = capture.response();
        for (client, play) in CLIENTS {
            let check = |read_cap: u32, pieces: Vec<Vec<u8>>, how: &str| {
                let got = play(capture.path(), read_cap, pieces);
                let found = (got.recorder.answer.as_str(), got.recorder.pieces.len(), got.outcome().0);
                assert_eq!(
                    found,
                    (text.as_str(), tokens, Status::Ok),
                    "{client} {kind} {how}: {:?}",
                    got.error
                );
            };
            for cut in 1..bytes.len() {
                check(0, vec![bytes[..cut].to_vec(), bytes[cut..].to_vec()], &format!("cut at {cut}"));
            }
            check(0, bytes.iter().map(|&byte| vec![byte]).collect(), "byte by byte");
            check(7, vec![bytes.clone()], "reads capped at 7");
        }
        seen.push(kind);
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn a_stream_that_ends_early_is_never_ok() {
    let all = wire_captures::exchanges();
    let capture = all.iter().find(|c| is_stream(c) && is_whole(c) && c.path() == "/api/generate").unwrap();
    let bytes = capture.response();
    // Behind the line feed of the final record nothing counts.
    let final_record = bytes.len() - b"\r\n0\r\n\r\n".len();
    for ((client, play), end) in CLIENTS.into_iter().flat_map(|c| (0..final_record).map(move |end| (c, end)))
    {
        let status = play(capture.path(), 0, vec![bytes[..end].to_vec()]).outcome().0;
        assert!(matches!(status, Status::Reset | Status::Malformed), "{client} ended at {end}: {status}");
    }
}

#[test]
fn refusals_of_real_servers_get_their_status() {
    for (client, play) in CLIENTS {
        check_refusals(client, play);
    }
}

fn check_refusals(client: &str, play: Play) {
    let mut seen = std::collections::BTreeMap::<Status, u32>::new();
    for capture in wire_captures::exchanges() {
        let generating = ["/api/generate", "/api/chat", "/v1/chat/completions"].contains(&capture.path());
        let Some(http @ 400..) = capture.status() else { continue };
        if !generating || !capture.request.starts_with(b"POST") {
            continue;
        }
        let (status, error) = play(capture.path(), 0, capture.received.clone()).outcome();
        let expected = match http {
            404 => Status::ModelMissing,
            503 => Status::Busy,
            _ => Status::HttpError,
        };
        assert_eq!(status, expected, "{client}: {}: {}: {error}", capture.file, capture.title);
        assert!(error.starts_with(&format!("http {http}: ")), "{error}");
        *seen.entry(status).or_default() += 1;
    }
    assert_eq!(seen.len(), 2, "no capture holds a 503: {seen:?}");
    let busy = r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#;
    let answer = format!("HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\n\r\n{busy}", busy.len());
    let (status, error) = play("/api/chat", 0, vec![answer.into_bytes()]).outcome();
    assert_eq!(status, Status::Busy);
    assert_eq!(error, "http 503: server busy, please try again.  maximum pending requests exceeded");
}

#[test]
fn a_head_of_four_kibibytes_passes_a_read_cap_of_one() {
    let padding = "x".repeat(4096);
    let line = r#"{"response":"a","done":true,"sim_write_ns":5}"#;
    let head =
        format!("HTTP/1.1 200 OK\r\nX-Padding: {padding}\r\nContent-Length: {}\r\n\r\n{line}", line.len());
    for (client, play) in CLIENTS {
        let got = play("/api/generate", 1024, vec![head.clone().into_bytes()]);
        assert_eq!(got.outcome().0, Status::Ok, "{client}: {:?}", got.error);
        assert_eq!(got.recorder.pieces[0].written_ns.unwrap().get(), 5);
    }
}

#[test]
fn hostile_responses_get_a_precise_status() {
    let ndjson = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n";
    let long_line = format!("{ndjson}Content-Length: 3000000\r\n\r\n{}", "x".repeat(3_000_000));
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1_000_000));
    let with_length = |body: &str| format!("{ndjson}Content-Length: {}\r\n\r\n{body}", body.len());
    let cases = [
        (long_line, Status::TooLarge),
        (long_head, Status::TooLarge),
        ("\u{1}\u{2}garbage\r\n\r\n".to_string(), Status::Malformed),
        (with_length("not json\n"), Status::Malformed),
        (with_length("{\"response\":5}\n"), Status::Malformed),
        (with_length("{\"something\":\"else\"}\n"), Status::NoDone),
        (with_length("{\"error\":\"out of memory\"}\n"), Status::ServerError),
        (with_length("{\"response\":\"a\",\"done\":false}\n"), Status::NoDone),
        (format!("{ndjson}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), Status::Malformed),
        (String::new(), Status::Reset),
    ];
    for (bytes, expected) in cases {
        let start: String = bytes.chars().take(120).collect();
        for (client, play) in CLIENTS {
            let got = play("/api/generate", 0, vec![bytes.clone().into_bytes()]);
            assert_eq!(got.outcome().0, expected, "{client} {start:?}: {:?}", got.error);
        }
    }
}

/// A whole answer of Ollama, the connection left open.
fn answer() -> Vec<u8> {
    let body = "{\"response\":\"a\",\"done\":false}\n{\"done\":true}\n";
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn requests_sent() -> usize {
    scripted::sent().matches("POST ").count()
}

#[test]
fn a_connection_that_closes_after_its_answer_is_replaced_once() {
    check_replacement::<Hyper<Scripted>>();
    check_replacement::<Lean<Scripted>>();
}

fn check_replacement<C: Client<Scripted>>() {
    // The close meets the second request: connection one answers, is silent until asked again, and closes.
    scripted::play([vec![answer(), scripted::SILENCE.to_vec()], vec![answer()]]);
    let mut session = session::<C>("/api/generate", 0);
    assert!(ask(&mut session).error.is_none());
    let second = ask(&mut session);
    assert_eq!((second.error.as_ref(), second.recorder.pieces.len()), (None, 1));
    assert!(second.connect_ns.is_some(), "the row tells that a connection was opened");
    assert_eq!(requests_sent(), 3);

    scripted::play([vec![answer(), scripted::SILENCE.to_vec()], vec![]]);
    let mut session = self::session::<C>("/api/generate", 0);
    assert!(ask(&mut session).error.is_none());
    assert_eq!(ask(&mut session).outcome().0, Status::Reset, "a new connection that closes too is a reset");
    assert_eq!(requests_sent(), 3);
}

#[test]
fn a_connection_that_never_answered_is_not_asked_again() {
    for (client, play) in CLIENTS {
        // A further connection would be closed at once, too: what counts is how many requests went out.
        assert_eq!(play("/api/generate", 0, vec![]).outcome().0, Status::Reset, "{client}");
        assert_eq!(requests_sent(), 1, "{client}");
    }
}

/// A server that never pauses, on a runtime whose timers never fire: what ends the request is the clock.
#[test]
fn the_time_limit_holds_where_the_server_never_pauses() {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let interim = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100_000);
    let lines = [&head[..], &b"8\r\n\n\n\n\n\n\n\n\n\r\n".repeat(200_000)].concat();
    let zeros = [&head[..], &[b'0'; 3_000_000]].concat();
    let rest = [&head[..], b"14\r\n{\"response\":\"a\"}\n\n\n\n\r\n", &[b'0'; 3_000_000]].concat();
    fn play<C: Client<Scripted>>(answer: Vec<u8>) -> (Status, usize) {
        scripted::play([vec![answer]]);
        let mut session = session::<C>("/api/generate", 0);
        session.protocol.timeout = Duration::from_nanos(1);
        let exchange = ask(&mut session);
        (exchange.outcome().0, exchange.recorder.pieces.len())
    }
    for answer in [interim, lines, zeros, rest] {
        let start = String::from_utf8_lossy(&answer[..80]).into_owned();
        for (client, (status, pieces)) in [
            ("hyper", play::<Hyper<Scripted>>(answer.clone())),
            ("lean", play::<Lean<Scripted>>(answer.clone())),
        ] {
            assert_eq!(
                (status, pieces),
                (Status::Timeout, usize::from(start.contains('{'))),
                "{client}: {start}"
            );
        }
    }
}
