//! Connections: reuse, pipelining, slow readers, broken requests.

use crate::client::{generate, post};
use crate::sim::{Sim, config, instant};
use std::time::Duration;

#[test]
fn a_second_request_on_the_same_connection() {
    let sim = Sim::start(1, config(10, 2));
    let mut client = sim.client(0);
    let first = client.post("/api/generate", &generate("x", 5));
    let second = client.post("/api/generate", &generate("x", 5));
    assert_eq!(first.words(), second.words());
    assert_eq!(client.get("/api/version").status(), 200);
}

#[test]
fn requests_sent_ahead_are_answered_in_order() {
    let sim = Sim::start(1, config(10, 2));
    let mut client = sim.client(0);
    let ahead: String = (1..=5).map(|n| post("/api/generate", &generate("x", n))).collect();
    client.send(ahead + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for n in 1..=5 {
        assert_eq!(client.answer(false).chunks.len(), n + 1);
    }
    assert_eq!(client.answer(false).text(), "Ollama is running");
}

#[test]
fn more_requests_ahead_than_the_read_ahead_holds() {
    let sim = Sim::start(1, config(30, 1));
    let mut client = sim.client(0);
    let long = "y".repeat(50_000);
    for n in 1..=4 {
        client.send(post("/api/generate", &generate(&long, n)));
    }
    for n in 1..=4 {
        assert_eq!(client.answer(false).chunks.len(), n + 1);
    }
}

/// Half a request of 30 MiB.
fn half(client: &mut crate::client::Client, bytes: usize) {
    client.send("POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 31457280\r\n\r\n");
    client.send(vec![b' '; bytes]);
}

#[test]
fn half_sent_bodies_hold_no_more_memory_than_two_whole_ones() {
    let sim = Sim::start(1, config(1, 1));
    let mut clients = [(); 3].map(|()| sim.client(0));
    let [first, second, third] = &mut clients;
    half(first, 20 << 20);
    half(second, 20 << 20);
    half(third, 29 << 20);
    assert_eq!(third.answer(false).status(), 413);
    assert_eq!(sim.client(0).post("/api/generate", &generate("x", 2)).status(), 200, "an ordinary request");
    // What the first holds counts until it is complete.
    first.send(vec![b' '; 10 << 20]);
    assert_eq!(first.answer(false).status(), 400, "no JSON, but read to its end");
    drop(clients);
    for _ in 0..3 {
        let mut client = sim.client(0);
        half(&mut client, 29 << 20);
    }
    assert_eq!(sim.client(0).post("/api/generate", &generate("x", 2)).status(), 200);
}

#[test]
fn a_reader_that_sleeps_loses_nothing() {
    let sim = Sim::start(1, instant());
    let mut client = sim.client(0);
    client.send(post("/api/generate", &generate("x", 60_000)));
    std::thread::sleep(Duration::from_millis(200));
    let answer = client.answer(false);
    assert_eq!(answer.chunks.len(), 60_001);
    assert_eq!(answer.objects().last().unwrap()["eval_count"], 60_000);
    // The context of the final record stays within num_ctx, as on a real server.
    assert_eq!(answer.objects().last().unwrap()["context"].as_array().unwrap().len(), 4096);
}

#[test]
fn a_paced_reader_that_sleeps_loses_nothing() {
    let sim = Sim::start(1, ollama_sim::Config { coalesce: 100, ..config(0, 0) });
    let mut client = sim.client(0);
    client.send(post("/api/generate", &generate("x", 30_000)));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(client.answer(false).chunks.len(), 30_001);
}

#[test]
fn a_large_body_in_small_pieces() {
    let sim = Sim::start(1, instant());
    let mut client = sim.client(0);
    let request = post("/api/generate", &generate(&"z".repeat(300_000), 2));
    for piece in request.as_bytes().chunks(10_000) {
        client.send(piece);
    }
    assert_eq!(client.answer(false).chunks.len(), 3);
}

#[test]
fn bytes_that_are_no_request_end_the_connection_after_an_answer() {
    let sim = Sim::start(1, instant());
    for (bytes, status) in [
        ("\u{1}\u{2}\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(80_000)), 431),
        ("POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n".to_owned(), 413),
    ] {
        let mut client = sim.client(0);
        client.send(&bytes);
        let answer = client.answer(false);
        assert_eq!(answer.status(), status, "{bytes:.40}");
        assert!(answer.head.contains("Connection: close"));
    }
    assert_eq!(sim.client(0).get("/").status(), 200);
}

#[test]
fn a_client_that_asked_for_it_sees_the_connection_close() {
    let sim = Sim::start(1, instant());
    let mut client = sim.client(0);
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(client.answer(false).head.contains("Connection: close"));
    assert!(!client.fill());
}

#[test]
fn many_streams_over_two_ports() {
    let sim = Sim::start(2, config(150, 20));
    let mut clients: Vec<_> = (0..200).map(|i| sim.client(i % 2)).collect();
    for client in &mut clients {
        client.send(post("/api/generate", &generate("x", 10)));
    }
    for client in &mut clients {
        assert_eq!(client.answer(false).chunks.len(), 11);
    }
    let report = sim.stop();
    assert_eq!((report.streams, report.tokens), (200, 2000));
    assert!(report.streams_open_max > 1);
}
