//! On real sockets: only the kernel can tell when it received a byte.

use crate::exchange::{Exchange, Protocol, Session};
use crate::http::{Client, Hyper, Method, Reading, Target, keep_stamping};
use crate::polled::{Polled, serve, token};
use crate::wire::Piece;
use crate::{WallOffset, now_ns};
use bytes::Bytes;
use futures_lite::future;
use std::io::Write;
use std::num::NonZeroU64;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;
use tandem_records::{Api, Endpoint, Stage};

/// A conversion is off by half a pair of clock readings; a pair that no interrupt hit takes far less.
const CLOCK_ERROR_NS: u64 = 20_000;

fn reading(cap_bytes: u32) -> Reading {
    Reading { cap_bytes, stamps: Some(WallOffset::read()) }
}

/// A response of this server, read on a connection that has carried a HEAD.
fn respond(url: &str, reading: Reading) -> Exchange {
    let _stamping = keep_stamping().unwrap();
    let protocol = Protocol {
        api: Api::Ollama,
        endpoint: Endpoint::Generate,
        path: "/api/generate",
        timeout: Duration::from_secs(60),
        reading,
    };
    let client = Hyper::<Polled>::new(&Target::parse(url).unwrap(), reading).unwrap();
    let mut session = Session::<Polled, _>::new(client, protocol);
    future::block_on(async {
        session.prepare().await.unwrap();
        session.exchange(Stage::Stream, Bytes::from_static(b"{}"), Default::default()).await
    })
}

/// The three stamps of a token.
fn stamps(token: &Piece) -> (u64, u64, u64) {
    let of = |stamp: Option<NonZeroU64>| stamp.expect("a stamp").get();
    (of(token.written_ns), of(token.received_ns), token.seen_ns)
}

#[test]
fn every_token_is_written_then_received_then_seen() {
    let url = serve(|socket| {
        for _ in 0..60 {
            socket.write_all(token(true).as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
    });
    // A cap of 16 bytes needs several reads for a line: the last one completes it.
    for cap_bytes in [0, 1024, 16] {
        let exchange = respond(&url, reading(cap_bytes));
        assert_eq!((exchange.error, exchange.recorder.pieces.len()), (None, 60), "cap {cap_bytes}");
        for token in &exchange.recorder.pieces {
            let (written, received, seen) = stamps(token);
            assert!(
                written <= received + CLOCK_ERROR_NS && received <= seen + CLOCK_ERROR_NS,
                "cap {cap_bytes}: written {written}, received {received}, seen {seen}"
            );
        }
    }
}

#[test]
fn without_stamps_asked_for_there_are_none() {
    let url = serve(|socket| socket.write_all(token(true).as_bytes()).unwrap());
    let exchange = respond(&url, Reading::default());
    assert_eq!(exchange.recorder.pieces[0].received_ns, None);
    assert!(exchange.recorder.pieces[0].written_ns.is_some());
}

#[test]
fn tokens_of_one_read_share_its_stamp_and_a_later_read_does_not_reach_back() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let url = serve(move |socket| {
        let both = token(true) + &token(true);
        socket.write_all(both.as_bytes()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        socket.write_all(token(true).as_bytes()).unwrap();
    });
    let mut client = Hyper::<Polled>::new(&Target::parse(&url).unwrap(), reading(0)).unwrap();
    future::block_on(async {
        client.connect().await.unwrap();
        client.send(Method::Post, "/api/generate", Bytes::from_static(b"{}")).await.unwrap();
        client.chunk().await.unwrap().expect("the first token");
        let first_ns = client.received_ns().expect("a stamp");
        // The third token lies in the socket before the second is asked for: hyper must not read it yet.
        let before_ns = now_ns();
        go.send(()).unwrap();
        thread::sleep(Duration::from_millis(20));
        client.chunk().await.unwrap().expect("the second token");
        assert_eq!(client.received_ns(), Some(first_ns), "both came in one read");
        client.chunk().await.unwrap().expect("the third token");
        let third_ns = client.received_ns().expect("a stamp");
        assert!(first_ns < before_ns && before_ns < third_ns, "{first_ns} {before_ns} {third_ns}");
    });
}
