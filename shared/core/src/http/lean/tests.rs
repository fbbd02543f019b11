//! The lean client against hyper, a plain reference decoder, hostile bytes and awkward sockets.

use super::*;
use crate::http::framing::{BadFraming, Body, Step};
use crate::http::{Hyper, MAX_HEAD_BYTES};
use crate::scripted::{self, PAUSE, SILENCE, Scripted};
use futures_lite::future;
use hyper::rt::{Read, ReadBufCursor, Write};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Cuts `bytes` at the places given.
fn cut(bytes: &[u8], cuts: &[Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|at| at.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).filter(|w| w[0] < w[1]).map(|w| bytes[w[0]..w[1]].to_vec()).collect()
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..6)
}

/// The data decoded, and the bytes behind the body if it is complete.
fn decode(mut body: Body, pieces: &[Vec<u8>]) -> (Vec<u8>, Result<Option<Vec<u8>>, BadFraming>) {
    let (mut data, mut received) = (Vec::new(), Vec::new());
    let mut pieces = pieces.iter();
    loop {
        match body.step(&received) {
            Err(bad) => return (data, Err(bad)),
            Ok(Step::Data { skip, length }) => {
                assert!(length > 0, "a piece is never empty");
                data.extend_from_slice(&received[skip..skip + length]);
                received.drain(..skip + length);
            }
            Ok(Step::End { skip }) => {
                received.drain(..skip);
                received.extend(pieces.flatten());
                return (data, Ok(Some(received)));
            }
            Ok(Step::More { skip }) => {
                received.drain(..skip);
                match pieces.next() {
                    Some(piece) => received.extend_from_slice(piece),
                    None => return (data, Ok(None)),
                }
            }
        }
    }
}

/// The chunked coding read from the whole input at once; `None` for anything but a complete and well-formed body
/// without trailers.
fn reference(mut bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut data = Vec::new();
    loop {
        let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let digits = line.split(';').next()?.trim_end_matches([' ', '\t']);
        let known = digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && !line.contains(['\r', '\n']);
        let size = usize::try_from(u64::from_str_radix(digits, 16).ok().filter(|_| known)?).ok()?;
        bytes = &bytes[end + 2..];
        data.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size..)?.strip_prefix(b"\r\n")?;
        if size == 0 {
            return Some((data, bytes.to_vec()));
        }
    }
}

/// Chunks, each with what stands behind its size.
fn chunked() -> impl Strategy<Value = Vec<u8>> {
    let extension = prop_oneof![6 => Just(String::new()), 1 => "[ \t]{0,2};[ -~]{0,9}", 1 => "[ \t]{1,3}"];
    let chunk = (proptest::collection::vec(any::<u8>(), 1..50), extension, any::<bool>());
    (proptest::collection::vec(chunk, 0..6), proptest::collection::vec(any::<u8>(), 0..5)).prop_map(
        |(chunks, rest)| {
            let mut bytes = Vec::new();
            for (data, extension, upper) in chunks {
                let size = if upper { format!("{:02X}", data.len()) } else { format!("{:x}", data.len()) };
                bytes.extend_from_slice(format!("{size}{extension}\r\n").as_bytes());
                bytes.extend_from_slice(&data);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
            bytes.extend_from_slice(&rest);
            bytes
        },
    )
}

/// Overwrites a byte with one that means something to HTTP.
fn damage(bytes: &mut [u8], damages: &[(Index, u8)]) {
    for (at, byte) in damages.iter().filter(|_| !bytes.is_empty()).copied().collect::<Vec<_>>() {
        let at = at.index(bytes.len());
        bytes[at] = byte;
    }
}

fn damages(most: usize) -> impl Strategy<Value = Vec<(Index, u8)>> {
    proptest::collection::vec((any::<Index>(), select(&b"\r\n0a;: \tx\xff"[..])), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn chunks_are_decoded_as_the_reference_does(bytes in chunked(), damages in damages(3), cuts in cuts()) {
        let mut bytes = bytes;
        damage(&mut bytes, &damages);
        let (data, rest) = decode(Body::chunked(), &cut(&bytes, &cuts));
        match (reference(&bytes), rest) {
            (Some(expected), Ok(Some(rest))) => prop_assert_eq!((data, rest), expected),
            (None, Ok(Some(_))) => {
                // The reference knows no trailers: whatever is behind them, it is the same without a cut.
                prop_assert_eq!(decode(Body::chunked(), &[bytes.clone()]).0, data);
                prop_assert!(!damages.is_empty());
            }
            (Some(_), other) => prop_assert!(false, "{:?} of {:?}", other, String::from_utf8_lossy(&bytes)),
            (None, _) => prop_assert!(!damages.is_empty(), "{:?}", String::from_utf8_lossy(&bytes)),
        }
    }

    #[test]
    fn cuts_do_not_matter_to_any_body(
        bytes in prop_oneof![chunked().boxed(), proptest::collection::vec(select(&b"01a;\r\n \xff"[..]), 0..40).boxed()],
        cuts in cuts(), length in 0u64..60,
    ) {
        for body in [Body::chunked(), Body::of_length(length), Body::until_close()] {
            prop_assert_eq!(decode(body, &cut(&bytes, &cuts)), decode(body, std::slice::from_ref(&bytes)));
        }
    }
}

#[test]
fn limits_of_the_chunked_coding_hold_wherever_it_is_cut() {
    let long = |before: &str, fill: &str, after: &str| format!("{before}{}{after}", fill.repeat(20_000));
    for bad in [
        "\r\n".to_string(),
        "x\r\n".into(),
        "5\n12345".into(),
        "5\rx".into(),
        "5 5\r\n".into(),
        "5;a\nb\r\n".into(),
        "2\r\nabc".into(),
        "2\r\nab\n".into(),
        "10000000000000000\r\n".into(),
        "0\r\nnot a field\r\n\r\n".into(),
        long("0;", "x", "\r\n\r\n"),
        long("0\r\na: ", "x", "\r\n\r\n"),
        long("0\r\n", "a: b\r\n", "\r\n"),
    ] {
        let start = &bad[..bad.len().min(30)];
        let one_by_one: Vec<Vec<u8>> = bad.bytes().map(|byte| vec![byte]).collect();
        let whole = decode(Body::chunked(), &[bad.clone().into_bytes()]);
        assert!(whole.1.is_err(), "{start:?}: {whole:?}");
        assert_eq!(decode(Body::chunked(), &one_by_one), whole, "{start:?}");
    }
    let good = b"0;a=b\r\nexpires: never\r\nx: y\r\n\r\nrest";
    assert_eq!(decode(Body::chunked(), &[good.to_vec()]), (vec![], Ok(Some(b"rest".to_vec()))));
    for (zeros, after) in
        [("0".repeat(20_000), "\r\n\r\nrest"), ("0".repeat(20_000), "2;x\r\nab\r\n0\r\n\r\nrest")]
    {
        let data = if after.contains("ab") { b"ab".to_vec() } else { vec![] };
        let bytes = (zeros + after).into_bytes();
        assert_eq!(
            decode(Body::chunked(), std::slice::from_ref(&bytes)),
            (data.clone(), Ok(Some(b"rest".to_vec())))
        );
        let in_pieces: Vec<Vec<u8>> = bytes.chunks(7).map(<[u8]>::to_vec).collect();
        assert_eq!(decode(Body::chunked(), &in_pieces), (data, Ok(Some(b"rest".to_vec()))));
    }
    // More than is ever there, and no overflow on the way.
    let endless = b"ffffffffffffffff\r\nabc".to_vec();
    assert_eq!(decode(Body::chunked(), &[endless]), (b"abc".to_vec(), Ok(None)));
}

/// Status of the answer and its body, or the status of the error; then the connections opened for two requests.
type Told = (Result<(u16, Vec<u8>), Status>, usize);

/// Asks twice for what the two connections have to say.
fn tell<C: Client<Scripted>>(method: Method, pieces: &[Vec<u8>]) -> Told {
    scripted::play([pieces.to_vec(), pieces.to_vec()]);
    future::block_on(async {
        let mut client = C::new(&Target::parse("http://127.0.0.1:1").unwrap(), Reading::default()).unwrap();
        let mut opened = usize::from(client.connect().await.unwrap().is_some());
        let answer = answer(&mut client, method).await.map_err(|error| error.status);
        opened += usize::from(client.connect().await.unwrap().is_some());
        (answer, opened)
    })
}

async fn answer<C: Client<Scripted>>(client: &mut C, method: Method) -> Result<(u16, Vec<u8>), RequestError> {
    let status = client.send(method, "/", Bytes::from_static(b"{}")).await?.status;
    let mut body = Vec::new();
    while let Some(chunk) = client.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

/// As both clients tell it, which must be the same.
fn both(method: Method, pieces: &[Vec<u8>]) -> Told {
    let lean = tell::<Lean<Scripted>>(method, pieces);
    let text = String::from_utf8_lossy(&pieces.concat()).into_owned();
    assert_eq!(lean, tell::<Hyper<Scripted>>(method, pieces), "lean | hyper of {text:?}");
    lean
}

fn told(response: &str) -> Told {
    both(Method::Post, &[response.as_bytes().to_vec(), SILENCE.to_vec()])
}

#[test]
fn a_body_ends_as_its_head_says() {
    let ok = |body: &str| Ok((200, body.as_bytes().to_vec()));
    for (response, answer, opened) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab", ok("ab"), 1),
        ("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", ok(""), 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\nContent-Length: 2\r\n\r\nab", ok("ab"), 1),
        ("HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nab", ok("ab"), 2),
        ("HTTP/1.1 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 2\r\n\r\nab", ok("ab"), 2),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nab", ok("ab"), 2),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nab", ok("ab"), 1),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", ok("ab"), 1),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: x, chunked\r\ncontent-length: 9\r\n\r\n0\r\n\r\n", ok(""), 1),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\na: b\r\n\r\n",
            ok("ab"),
            1,
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na",
            ok("a"),
            1,
        ),
        ("HTTP/1.1 204 None\r\ncontent-length: 5\r\n\r\n", Ok((204, vec![])), 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", ok("a"), 2),
    ] {
        assert_eq!(told(response), (answer, opened), "{response:?}");
    }
    let until_close = |head: &str| both(Method::Post, &[format!("{head}\r\n\r\nab").into_bytes()]);
    assert_eq!(until_close("HTTP/1.1 200 OK"), (ok("ab"), 2));
    assert_eq!(until_close("HTTP/1.0 200 OK\r\nconnection: keep-alive"), (ok("ab"), 2));
    assert_eq!(until_close("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip"), (ok("ab"), 2));
    let head_only = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n".to_vec();
    assert_eq!(both(Method::Head, &[head_only, SILENCE.to_vec()]), (ok(""), 1));
}

#[test]
fn bad_heads_get_the_same_status_as_from_hyper() {
    let fields = |count: usize| {
        let fields: String = (0..count).map(|i| format!("a{i}: b\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{fields}content-length: 0\r\n\r\n")
    };
    let long =
        |bytes: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\na: {}\r\n\r\n", "x".repeat(bytes));
    for (response, status) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nab".to_string(), Status::Malformed),
        ("HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nab".into(), Status::Malformed),
        ("HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\nab".into(), Status::Malformed),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nab".into(), Status::Malformed),
        ("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into(), Status::Malformed),
        ("HTTP/1.1 099 Odd\r\n\r\n".into(), Status::Malformed),
        ("HTTP/2.0 200 OK\r\n\r\n".into(), Status::Malformed),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n".into(), Status::Malformed),
        ("SSH-2.0-OpenSSH_9.6\r\n".into(), Status::Malformed),
        (fields(100), Status::TooLarge),
        (long(MAX_HEAD_BYTES), Status::TooLarge),
    ] {
        assert_eq!(told(&response).0, Err(status), "{:?}", &response[..response.len().min(80)]);
    }
    for response in [fields(99), long(MAX_HEAD_BYTES - 50)] {
        assert_eq!(told(&response), (Ok((200, vec![])), 1));
    }
}

/// A response of any framing, a little damaged now and then.
fn response() -> impl Strategy<Value = Vec<u8>> {
    let status =
        select(&["200 OK", "200", "404 Not Found", "503 Busy", "204 None", "100 Continue", "9 X"][..]);
    let fields = proptest::collection::vec(
        select(
            &[
                "Content-Length: 3",
                "content-length: 30",
                "content-length: 0",
                "Transfer-Encoding: chunked",
                "transfer-encoding: gzip",
                "Connection: close",
                "connection: keep-alive",
                "x: y",
                "bad field",
                "a:",
            ][..],
        ),
        0..4,
    );
    let body = prop_oneof![chunked().boxed(), proptest::collection::vec(any::<u8>(), 0..40).boxed()];
    (select(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/3"][..]), status, fields, body).prop_map(
        |(version, status, fields, body)| {
            let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
            let mut bytes = format!("{version} {status}\r\n{fields}\r\n").into_bytes();
            bytes.extend(body);
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_response_is_told_as_by_hyper(response in response(), damages in damages(3), cuts in cuts()) {
        let mut response = response;
        damage(&mut response, &damages);
        // hyper reads a head that came in pieces only at its end, so that an early close hides what was wrong with it.
        let whole = tell::<Hyper<Scripted>>(Method::Post, &[response.clone()]);
        let lean = tell::<Lean<Scripted>>(Method::Post, &cut(&response, &cuts));
        prop_assert_eq!(lean, whole, "lean, cut | hyper, whole: {:?}", String::from_utf8_lossy(&response));
    }

    #[test]
    fn garbage_is_an_error_or_a_response_but_never_a_panic(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..80), 0..5),
        head in any::<bool>(),
    ) {
        let mut pieces = pieces;
        if head {
            pieces.insert(0, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec());
        }
        let (answer, _) = tell::<Lean<Scripted>>(Method::Post, &pieces);
        prop_assert!(!matches!(answer, Err(status) if !matches!(status, Status::Reset | Status::Malformed)));
    }
}

#[test]
fn a_chunk_that_is_not_waited_for_is_not_lost() {
    let mut pieces = vec![b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()];
    for byte in b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n" {
        pieces.extend([PAUSE.to_vec(), vec![*byte]]);
    }
    scripted::play([pieces]);
    let mut client =
        Lean::<Scripted>::new(&Target::parse("http://127.0.0.1:1").unwrap(), Reading::default()).unwrap();
    future::block_on(async {
        client.connect().await.unwrap();
        client.send(Method::Post, "/", Bytes::new()).await.unwrap();
        let (mut body, mut given_up) = (Vec::new(), 0);
        loop {
            match future::poll_once(client.chunk()).await {
                None => given_up += 1,
                Some(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Some(end) => break assert_eq!(end, Ok(None)),
            }
        }
        assert_eq!((body.as_slice(), given_up), (&b"abcde"[..], 22));
    });
}

#[test]
fn one_http_chunk_is_one_chunk() {
    let response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    scripted::play([vec![response.into()]]);
    let mut client =
        Lean::<Scripted>::new(&Target::parse("http://127.0.0.1:1").unwrap(), Reading::default()).unwrap();
    future::block_on(async {
        client.connect().await.unwrap();
        client.send(Method::Post, "/", Bytes::new()).await.unwrap();
        for expected in [Some("ab"), Some("c"), None, None] {
            assert_eq!(client.chunk().await.unwrap(), expected.map(Bytes::from));
        }
    });
}

/// A socket that says what it is told to and takes what it likes.
struct Awkward {
    received: VecDeque<Vec<u8>>,
    /// Result of each write; afterwards none is taken.
    writes: VecDeque<io::Result<usize>>,
}

impl Read for Awkward {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut space: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.received.pop_front() {
            Some(bytes) => {
                space.put_slice(&bytes);
                Poll::Ready(Ok(()))
            }
            None => Poll::Pending,
        }
    }
}

impl Write for Awkward {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.writes.pop_front() {
            Some(result) => Poll::Ready(result.map(|taken| taken.min(bytes.len()))),
            None => Poll::Pending,
        }
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn awkward(
    received: &[&str],
    writes: Vec<io::Result<usize>>,
) -> (Poll<Result<u16, RequestError>>, Connection<Awkward>) {
    let received = received.iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut connection = Connection::new(Awkward { received, writes: writes.into() });
    connection.ask(Method::Post, "/", "host: host\r\n", b"{}");
    let answer = connection.poll_answer(&mut Context::from_waker(std::task::Waker::noop()));
    (answer.map_ok(|answer| answer.status), connection)
}

#[test]
fn an_answer_before_the_end_of_the_request_counts_and_ends_the_connection() {
    const ANSWER: &str = "HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n";
    let broken = || Err(io::Error::from(io::ErrorKind::BrokenPipe));
    for writes in [vec![Ok(3)], vec![Ok(3), broken()], vec![Ok(1), Ok(1000)]] {
        let whole = writes.len() == 2 && writes[1].is_ok();
        let (answer, mut connection) = awkward(&[ANSWER], writes);
        assert!(matches!(answer, Poll::Ready(Ok(413))), "{answer:?}");
        let end = connection.poll_chunk(&mut Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(end, Poll::Ready(Ok(None))), "{end:?}");
        assert_eq!(connection.is_idle(), whole);
    }
    let (answer, _) = awkward(&[], vec![Ok(3), broken()]);
    assert!(matches!(answer, Poll::Ready(Err(RequestError { status: Status::Reset, .. }))), "{answer:?}");
    let (answer, _) = awkward(&[], vec![Ok(0)]);
    assert!(matches!(answer, Poll::Ready(Err(RequestError { status: Status::Reset, .. }))), "{answer:?}");
    assert!(awkward(&["HTTP/1.1 200"], vec![Ok(1000)]).0.is_pending());
}

#[test]
fn memory_is_read_into_again_once_its_pieces_are_dropped() {
    let mut buffer = buffer::Buffer::new();
    let token = vec![b'x'; 100];
    let mut places = Vec::new();
    for _ in 0..10_000 {
        let mut socket = Awkward { received: [token.clone()].into(), writes: VecDeque::new() };
        let read = buffer.poll_read(&mut socket, &mut Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(read, Poll::Ready(Ok(100))), "{read:?}");
        let piece = buffer.take(100);
        assert_eq!(piece, token);
        places.push(piece.as_ptr() as usize);
    }
    let span = places.iter().max().unwrap() - places.iter().min().unwrap();
    assert!(span < 4096, "{span} bytes between the first and the last place");
}
