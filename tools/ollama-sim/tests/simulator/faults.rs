//! Every fault, as a client sees its bytes.

use crate::client::{Client, generate, post};
use crate::sim::{Sim, config};
use ollama_sim::Config;
use ollama_sim::fault::Kind;
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A simulator with one fault, and eight tokens a millisecond apart.
fn with(fault: &str) -> Sim {
    Sim::start(1, Config { faults: vec![fault.parse().unwrap()], ..config(5, 1) })
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
    /// Still open after a third of a second of silence.
    Open,
}

/// Everything that comes in answer to one request.
fn all(client: &mut Client) -> (Vec<u8>, End) {
    client.socket.set_read_timeout(Some(Duration::from_millis(330))).unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 65536]);
    loop {
        match client.socket.read(&mut buffer) {
            Ok(0) => return (bytes, End::Closed),
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (bytes, End::Reset),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return (bytes, End::Open);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn struck(fault: &str) -> (String, End) {
    let sim = with(fault);
    let mut client = sim.client(0);
    client.send(post("/api/generate", &generate("x", 8)));
    let (bytes, end) = all(&mut client);
    assert_eq!(sim.stop().faults.values().sum::<u64>(), 1, "{fault}");
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// Tokens, final records and terminators of an answer.
fn parts(text: &str) -> (usize, usize, usize) {
    (count(text, "\"done\":false"), count(text, "\"done\":true"), count(text, "\r\n0\r\n\r\n"))
}

#[test]
fn a_stream_is_broken_off_as_the_fault_says() {
    for (fault, tokens, end) in [
        ("reset", 4, End::Reset),
        ("reset@token=7", 7, End::Reset),
        ("reset@token=0", 0, End::Reset),
        ("close", 4, End::Closed),
        ("close@token=0", 0, End::Closed),
        ("stall", 4, End::Open),
        ("bad-chunk", 4, End::Closed),
    ] {
        let (text, seen) = struck(fault);
        // A reset may throw away what the client has not read.
        let fits = if seen == End::Reset { parts(&text).0 <= tokens } else { parts(&text) == (tokens, 0, 0) };
        assert!(fits && seen == end, "{fault}: {seen:?} {text}");
    }
    assert!(struck("bad-chunk").0.ends_with("\r\nzz\r\nno chunk\r\n"));
}

#[test]
fn a_close_after_any_number_of_bytes_leaves_exactly_these() {
    let sound = {
        let sim = Sim::start(1, Config { write_stamp: false, ..config(0, 0) });
        let mut client = sim.client(0);
        client.send(post("/api/generate", &generate("x", 3)));
        all(&mut client).0.len()
    };
    let faults = (1..=sound).map(|n| format!("close={n}@request={n}").parse().unwrap()).collect();
    let sim = Sim::start(1, Config { write_stamp: false, faults, ..config(0, 0) });
    for bytes in 1..=sound {
        let mut client = sim.client(0);
        client.send(post("/api/generate", &generate("x", 3)));
        let (seen, end) = all(&mut client);
        // The durations of the final record differ by a few digits from answer to answer.
        let is_whole = seen.ends_with(b"\r\n0\r\n\r\n") && bytes > sound - 20;
        assert!(seen.len() == bytes || is_whole, "{} of {bytes}", seen.len());
        assert_eq!(end, End::Closed);
    }
}

#[test]
fn faults_at_the_very_ends_of_a_stream_strike_there_and_nowhere_else() {
    // The head is not the chunk that is torn, and where no token is left there is nothing to put into one chunk.
    for fault in ["split-chunk-size@token=0", "coalesced@token=8", "not-json@token=8", "not-json@token=0"] {
        let (text, end) = struck(fault);
        assert_eq!((parts(&text), end), ((8, 1, 1), End::Open), "{fault}: {text}");
        assert_eq!(count(&text, "HTTP/1.1 200 OK"), 1, "{fault}");
    }
    // Also inside one write of several tokens.
    let faults = vec!["reset@token=3,request=2".parse().unwrap(), "close@token=3".parse().unwrap()];
    let sim = Sim::start(1, Config { faults, coalesce: 8, ..config(5, 1) });
    let mut client = sim.client(0);
    client.send(post("/api/generate", &generate("x", 8)));
    let (bytes, end) = all(&mut client);
    assert_eq!((parts(&String::from_utf8_lossy(&bytes)), end), ((3, 0, 0), End::Closed));
}

#[test]
fn a_stream_ends_without_what_the_fault_leaves_out() {
    let (text, _) = struck("no-done");
    assert_eq!(parts(&text), (8, 0, 1), "{text}");
    let (text, _) = struck("error-line");
    assert_eq!(parts(&text), (4, 0, 1), "{text}");
    assert!(
        text.contains("{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n")
    );
    let (text, _) = struck("cut-length");
    assert_eq!((parts(&text), count(&text, "\"response\":\" the\"")), ((31, 0, 1), 31), "{text}");
    let (text, _) = struck("no-metrics");
    assert_eq!(parts(&text), (8, 1, 1), "{text}");
    assert!(!text.contains("eval_count") && !text.contains("duration"), "{text}");
}

#[test]
fn lines_that_are_wrong_stand_in_a_stream_that_goes_on() {
    for (fault, part) in [
        ("not-json", "\r\nthis is no JSON\n"),
        ("wrong-shape", "{\"model\":[\"sim\"],\"response\":{\"text\":1}"),
        ("long-line=5000", &"x".repeat(4900)),
        ("out-of-range", "\"eval_count\":99999999999999999999999,"),
    ] {
        let (text, _) = struck(fault);
        assert!(text.contains(part) && count(&text, "\r\n0\r\n\r\n") == 1, "{fault}: {text}");
        assert_eq!(count(&text, "HTTP/1.1 200 OK"), 1, "{fault}");
    }
    // To write that much takes longer than the silence that ends the others.
    let sim = with("long-line@token=0");
    assert!(sim.client(0).post("/api/generate", &generate("x", 8)).body.len() > 100_000_000);
}

#[test]
fn other_answers_come_in_place_of_the_stream() {
    for (fault, start, part, end) in [
        (
            "busy",
            "HTTP/1.1 503 Service Unavailable\r\n",
            "{\"error\":\"server busy, please try again.  maximum pending",
            End::Open,
        ),
        (
            "http-500",
            "HTTP/1.1 500 Internal Server Error\r\n",
            "{\"error\":\"llama runner process",
            End::Open,
        ),
        ("http-404", "HTTP/1.1 404 Not Found\r\n", "{\"error\":\"model 'sim' not found\"}", End::Open),
        ("redirect", "HTTP/1.1 307 ", "\r\nLocation: /api/generate\r\n", End::Closed),
        ("big-headers=70000", "HTTP/1.1 200 OK\r\n", "\r\nX-Fill-69: xxxx", End::Closed),
        ("compressed", "HTTP/1.1 200 OK\r\n", "\r\nContent-Encoding: gzip\r\n", End::Closed),
        ("garbage", "\u{fffd}", "", End::Closed),
    ] {
        let (text, seen) = struck(fault);
        assert!(text.starts_with(start) && text.contains(part) && seen == end, "{fault}: {seen:?} {text}");
    }
    for (fault, right) in [("length-too-long", false), ("length-too-short", true)] {
        let (text, _) = struck(fault);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let said: usize = head.rsplit_once("Content-Length: ").unwrap().1.parse().unwrap();
        assert_eq!(said < body.len(), right, "{fault}: {said} {}", body.len());
        assert_eq!(count(body, "\"done\":false"), 3);
    }
}

#[test]
fn late_and_torn_streams_say_the_same_as_sound_ones() {
    let ask = |faults: Vec<&str>, tokens| {
        let faults = faults.into_iter().map(|fault| fault.parse().unwrap()).collect();
        let sim = Sim::start(1, Config { faults, ..config(5, 1) });
        let began = Instant::now();
        let mut client = sim.client(0);
        let answer = client.post("/api/generate", &generate("x", tokens));
        assert_eq!(client.post("/api/generate", &generate("x", tokens)).words(), answer.words());
        (answer, began.elapsed(), client.reads.len(), sim.stop())
    };
    let (sound, ..) = ask(vec![], 200);
    for fault in ["split-utf8", "split-escape", "split-chunk-size", "coalesced"] {
        let (answer, _, _, report) = ask(vec![&format!("{fault}@request=1")], 200);
        assert_eq!((answer.words(), report.streams), (sound.words(), 2), "{fault}");
        let chunks = if fault == "coalesced" { 102 } else { 201 };
        assert_eq!(answer.chunks.len(), chunks, "{fault}");
    }
    for fault in ["pause=150", "slow-headers=150"] {
        let (answer, took, _, report) = ask(vec![&format!("{fault}@request=1")], 20);
        assert_eq!(answer.chunks.len(), 21);
        assert!(took >= Duration::from_millis(150), "{fault}: {took:?}");
        assert!(report.late_p50_ns.unwrap() < 100_000_000, "what follows a pause is not late: {report:?}");
    }
}

#[test]
fn a_write_is_torn_where_the_fault_says() {
    for (fault, torn) in [
        ("split-utf8", [0xc2..=0xff].as_slice()),
        ("split-escape", &[b'\\'..=b'\\']),
        ("split-chunk-size", &[b'0'..=b'9', b'a'..=b'f']),
    ] {
        let sim = Sim::start(1, Config { faults: vec![fault.parse().unwrap()], ..config(5, 4) });
        let mut client = sim.client(0);
        client.send(post("/api/generate", &generate("x", 400)));
        client.socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut ends = Vec::new();
        let mut buffer = vec![0; 65536];
        loop {
            let length = client.socket.read(&mut buffer).unwrap();
            let read = &buffer[..length];
            ends.push(read[length - 1]);
            if read.ends_with(b"0\r\n\r\n") {
                break;
            }
        }
        assert!(ends.iter().any(|end| torn.iter().any(|range| range.contains(end))), "{fault}: {ends:?}");
    }
}

#[test]
fn an_answer_without_an_end_goes_on_for_ever_and_takes_nothing_from_others() {
    const FIELD: &str = "X-Fill: never the last one\r\n";
    for (fault, before, part) in [
        ("endless-head", "HTTP/1.1 200 OK\r\nX-Fill", FIELD),
        ("endless-interim", "HTTP/1.1 102", "HTTP/1.1 102 Processing\r\n\r\n"),
        ("endless-refusal", "HTTP/1.1 500", "13\r\nno memory is left; \r\n"),
        ("endless-tokens", "HTTP/1.1 200", "\"response\":\" the\",\"done\":false"),
        ("endless-text", "HTTP/1.1 200", "the the the the the "),
        ("endless-lines", "HTTP/1.1 200", "8\r\n\n\n\n\n\n\n\n\n\r\n"),
        ("endless-size", "HTTP/1.1 200", "0000000000000000"),
        ("endless-extension", "HTTP/1.1 200", "xxxxxxxxxxxxxxxx"),
        ("endless-trailers", "HTTP/1.1 200", FIELD),
        ("endless-rest", "HTTP/1.1 200", "8\r\n\n\n\n\n\n\n\n\n\r\n"),
    ] {
        let sim = with(&format!("{fault}@request=1"));
        let mut struck = sim.client(0);
        struck.send(post("/api/generate", &generate("x", 8)));
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; 65536]);
        while bytes.len() < 8 << 20 {
            let length = struck.socket.read(&mut buffer).unwrap();
            assert!(length > 0, "{fault} ends after {} bytes", bytes.len());
            bytes.extend_from_slice(&buffer[..length]);
        }
        let start = String::from_utf8_lossy(&bytes[..4096]);
        let (_, is_done, _) = parts(&start);
        assert!(start.starts_with(before) && is_done == usize::from(fault == "endless-rest"), "{start}");
        assert!(String::from_utf8_lossy(&bytes[7 << 20..]).contains(part), "{fault}");
        // The struck client reads on all the while, as fast as it can.
        let reader =
            std::thread::spawn(
                move || while struck.socket.read(&mut buffer).is_ok_and(|length| length > 0) {},
            );
        let other = sim.client(0).post("/api/generate", &generate("y", 8));
        assert_eq!((other.status(), other.chunks.len()), (200, 9), "{fault}");
        sim.stop();
        reader.join().unwrap();
    }
}

#[test]
fn conditions_choose_the_request_the_port_and_the_time() {
    let faults = ["busy@request=2", "http-404@port=1", "http-500@from=60000"];
    let faults = faults.map(|fault| fault.parse().unwrap()).to_vec();
    let sim = Sim::start(2, Config { faults, ..config(0, 0) });
    let ask = |port| sim.client(port).post("/api/generate", &generate("x", 2)).status();
    assert_eq!([ask(0), ask(0), ask(0), ask(1), ask(0)], [200, 503, 200, 404, 200]);
    assert_eq!(sim.client(0).get("/api/version").status(), 200, "only requests for tokens are struck");
    let report = sim.report("");
    let counts: Vec<(&str, u64)> = report.faults.iter().map(|(fault, n)| (fault.as_str(), *n)).collect();
    assert_eq!(counts, [("busy@request=2", 1), ("http-404@port=1", 1), ("http-500@from=60000", 0)]);
}

#[test]
fn a_share_of_the_requests_is_struck_and_always_the_same_ones() {
    let fates = || {
        let sim = with("busy@p=0.5");
        let mut client = sim.client(0);
        (0..40)
            .map(|n| client.post("/api/generate", &generate(&format!("prompt {n}"), 1)).status())
            .collect::<Vec<_>>()
    };
    let first = fates();
    assert_eq!(first, fates());
    let busy = first.iter().filter(|status| **status == 503).count();
    assert!((8..=32).contains(&busy), "{busy}");
}

#[test]
fn connections_are_refused_and_taken_again() {
    let sim = with("refuse@from=200,until=600");
    let addr = sim.client(0).socket.peer_addr().unwrap();
    let mut kept = sim.client(0);
    let refused = |wanted: bool| {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let error = TcpStream::connect(addr).err().map(|error| error.kind());
            if (error == Some(ErrorKind::ConnectionRefused)) == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "{error:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    refused(true);
    assert_eq!(kept.get("/").status(), 200, "a connection that exists lives on");
    refused(false);
    assert_eq!(sim.client(0).get("/").status(), 200);
    drop(sim);
    // From the second request on, for good.
    let sim = with("refuse@request=2");
    let mut client = sim.client(0);
    assert_eq!(client.post("/api/generate", &generate("x", 1)).status(), 200);
    let error = TcpStream::connect(client.socket.peer_addr().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn every_kind_is_tried_here() {
    let here = include_str!("faults.rs");
    for kind in Kind::ALL {
        assert!(here.contains(&format!("\"{}", kind.name())), "{} has no test", kind.name());
    }
}
