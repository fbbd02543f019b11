//! Bytes of servers.

use std::ops::ControlFlow;
use tandem_core::bench::{Body, Head, Step};
use tandem_core::http::{MAX_HEAD_BYTES, Method};
use tandem_core::wire::{Decoder, Recorder, Told};
use tandem_records::{Api, Status};

/// Where a stream is cut: by its own bytes, so that the fuzzer can choose.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut pieces) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((usize::from(rest[0]) % 23 + 1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Thinking and answer, what was written when, what the server tells, and how it ended.
type Heard = ([String; 2], Vec<Option<u64>>, Told, Result<(), Status>);

fn hear(api: Api, pieces: &[&[u8]]) -> Heard {
    let (mut decoder, mut recorder) = (Decoder::new(api), Recorder::default());
    let mut read = || {
        for piece in pieces {
            if decoder.push(piece, &mut recorder)? == ControlFlow::Break(()) {
                break;
            }
        }
        decoder.finish(&mut recorder)
    };
    let ended = read().map_err(|error| {
        assert!(!error.message.is_empty() && error.message.len() < 4000, "{}", error.message);
        error.status
    });
    let written = recorder.pieces.iter().map(|piece| piece.written_ns.map(u64::from)).collect();
    ([recorder.thinking, recorder.answer], written, recorder.told, ended)
}

fn any_cut_tells_the_same(api: Api, bytes: &[u8]) {
    let whole = hear(api, &[bytes]);
    assert_eq!(hear(api, &pieces(bytes)), whole);
    let one_by_one: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear(api, &one_by_one), whole);
    let said: usize = whole.0.iter().map(String::len).sum();
    assert!(said <= bytes.len() * 3, "a stream says no more than it holds");
}

/// Ollama's lines: any cut of any stream gives the same tokens, the same end and the same error.
pub fn ndjson(bytes: &[u8]) {
    any_cut_tells_the_same(Api::Ollama, bytes);
}

/// The same of OpenAI's events.
pub fn sse(bytes: &[u8]) {
    any_cut_tells_the_same(Api::Openai, bytes);
}

/// What a chunked body holds, and whether its end came; an error where it is none.
pub fn dechunk(pieces: &[&[u8]]) -> (Vec<u8>, Result<bool, ()>) {
    let (mut body, mut waiting, mut decoded) = (Body::chunked(), Vec::new(), Vec::new());
    for piece in pieces {
        waiting.extend_from_slice(piece);
        loop {
            match body.step(&waiting) {
                Err(_) => return (decoded, Err(())),
                Ok(Step::End { .. }) => return (decoded, Ok(true)),
                Ok(Step::More { skip }) => {
                    waiting.drain(..skip);
                    assert!(waiting.len() <= 32 * 1024, "what waits for its end is bounded");
                    break;
                }
                Ok(Step::Data { skip, length }) => {
                    assert!(length > 0);
                    decoded.extend_from_slice(&waiting[skip..skip + length]);
                    waiting.drain(..skip + length);
                }
            }
        }
    }
    (decoded, Ok(false))
}

/// The chunked coding: any cut gives the same bytes and the same end.
pub fn chunked(bytes: &[u8]) {
    let whole = dechunk(&[bytes]);
    assert_eq!(dechunk(&pieces(bytes)), whole);
    assert!(whole.0.len() <= bytes.len());
}

/// A response's head: what is read from its beginning stays so whatever follows.
pub fn head(bytes: &[u8]) {
    for method in [Method::Head, Method::Post] {
        match Head::read(bytes, method) {
            Ok(Some(head)) => {
                assert!(head.length <= bytes.len().min(MAX_HEAD_BYTES) && head.answer.status >= 100);
                assert_eq!(Head::read(&bytes[..head.length], method), Ok(Some(head.clone())));
                let longer = [bytes, b"\r\nHTTP/1.1 500 x\r\n\r\n"].concat();
                assert_eq!(Head::read(&longer, method), Ok(Some(head)));
            }
            Ok(None) => assert!(bytes.len() < MAX_HEAD_BYTES),
            Err(error) => assert!(matches!(error.status, Status::Malformed | Status::TooLarge)),
        }
    }
}
