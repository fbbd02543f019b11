use super::varint::{put, take};
use super::*;
use proptest::prelude::*;

type Request = (StampsRequest, Vec<TokenStamps>);

fn header() -> StampsHeader {
    StampsHeader { run_id: "20260101-quick".into(), trial: 115, attempt: 2 }
}

fn bytes_of(header: &StampsHeader, requests: &[Request]) -> Vec<u8> {
    let mut writer = StampsWriter::new(Vec::new(), header).unwrap();
    for (request, tokens) in requests {
        writer.request(request, tokens.iter().copied()).unwrap();
    }
    writer.finish().unwrap()
}

/// What can be read, and why no more.
fn read(bytes: &[u8]) -> (Vec<Request>, Option<StampsError>) {
    let mut reader = match StampsReader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut requests = Vec::new();
    let error = loop {
        match reader.next() {
            Some(Ok(request)) => requests.push(request),
            Some(Err(error)) => break Some(error),
            None => break None,
        }
    };
    assert!(reader.next().is_none(), "nothing comes after the end or an error");
    (requests, error)
}

/// A paced stream: gaps near 20 ms, seen 60 to 400 µs after it was written, received about 10 µs after.
fn paced(agent: u32, tokens: u64, kernel: bool) -> Request {
    let start_ns = 5_000_000_000_000 + u64::from(agent) * 1_000_003;
    let token = |k: u64| {
        let written = start_ns + (k + 1) * 20_000_000 + (k * 7_919) % 90_000;
        TokenStamps {
            seen_ns: written + 60_000 + (k * 104_729) % 340_000,
            written_ns: NonZeroU64::new(written),
            received_ns: NonZeroU64::new(written + 6_000 + (k * 31) % 9_000).filter(|_| kernel),
        }
    };
    let request = StampsRequest { phase: Phase::Concurrent, agent, call: 0, start_ns };
    (request, (0..tokens).map(token).collect())
}

#[test]
fn a_token_takes_under_ten_bytes() {
    for (kernel, most) in [(false, 7.3), (true, 9.9)] {
        let requests: Vec<Request> = (0..16).map(|agent| paced(agent, 100, kernel)).collect();
        let bytes = bytes_of(&header(), &requests);
        assert!((bytes.len() as f64) < 1600.0 * most, "{} bytes", bytes.len());
        let (found, error) = read(&bytes);
        assert!(error.is_none() && found == requests);
    }
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_requests_and_says_that_it_ends_early() {
    let requests: Vec<Request> = (0..3).map(|agent| paced(agent, 5, agent == 1)).collect();
    let bytes = bytes_of(&header(), &requests);
    for end in 0..bytes.len() {
        let (found, error) = read(&bytes[..end]);
        assert!(requests.starts_with(&found));
        let told = error.map(|error| error.to_string());
        assert_eq!(
            told,
            Some(format!("ends early; whole requests before that: {}", found.len())),
            "cut at {end}"
        );
    }
}

#[test]
fn a_changed_byte_is_never_read_as_another_stamp() {
    let requests: Vec<Request> = (0..3).map(|agent| paced(agent, 5, true)).collect();
    let bytes = bytes_of(&header(), &requests);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            let (found, error) = read(&bytes);
            assert!(error.is_some(), "byte {at} bit {bit}");
            assert!(requests.starts_with(&found), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn what_is_no_such_file_is_told_in_one_line() {
    let good = bytes_of(&header(), &[paced(0, 2, false)]);
    let told = |bytes: &[u8]| read(bytes).1.unwrap().to_string();
    assert_eq!(told(b"run_id,trial,attempt"), "is no file of token stamps");
    let mut newer = good.clone();
    newer[VERSION_AT] = b'2';
    assert_eq!(told(&newer), "has version '2' of the format, this program reads 1");
    let mut longer = good.clone();
    longer.push(0);
    assert_eq!(told(&longer), "is damaged, bytes stand behind its end; whole requests before that: 1");
    // A length that no request has does not become memory.
    let mut hostile = MAGIC.to_vec();
    put(&mut hostile, u64::MAX);
    assert_eq!(told(&hostile), "is damaged, a request is too long; whole requests before that: 0");
    assert!(read(&[MAGIC.as_slice(), &[0xff; 40]].concat()).1.is_some());
}

#[test]
fn more_tokens_than_a_reader_takes_are_refused_by_the_writer() {
    let (request, token) = (paced(0, 1, false).0, paced(0, 1, false).1[0]);
    let mut writer = StampsWriter::new(std::io::sink(), &header()).unwrap();
    let error = writer.request(&request, vec![token; MOST_TOKENS + 1].into_iter()).unwrap_err();
    assert!(error.to_string().contains("2000001 tokens"), "{error}");
}

fn any_token() -> impl Strategy<Value = TokenStamps> {
    (any::<u64>(), any::<Option<NonZeroU64>>(), any::<Option<NonZeroU64>>())
        .prop_map(|(seen_ns, written_ns, received_ns)| TokenStamps { seen_ns, written_ns, received_ns })
}

fn any_request() -> impl Strategy<Value = Request> {
    let phase = prop_oneof![Just(Phase::Warmup), Just(Phase::Solo), Just(Phase::Concurrent)];
    let request = (phase, any::<u32>(), any::<u32>(), any::<u64>())
        .prop_map(|(phase, agent, call, start_ns)| StampsRequest { phase, agent, call, start_ns });
    (request, proptest::collection::vec(any_token(), 0..20))
}

proptest! {
    #[test]
    fn what_was_written_reads_back(
        run_id in ".{0,40}", trial: u32, attempt: u32,
        requests in proptest::collection::vec(any_request(), 0..8),
    ) {
        let header = StampsHeader { run_id, trial, attempt };
        let bytes = bytes_of(&header, &requests);
        let reader = StampsReader::new(bytes.as_slice()).unwrap();
        prop_assert_eq!(reader.header(), &header);
        let (found, error) = read(&bytes);
        prop_assert!(error.is_none());
        prop_assert_eq!(found, requests);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        with_magic: bool, bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let file = if with_magic { [MAGIC.as_slice(), &bytes].concat() } else { bytes };
        read(&file);
    }

    #[test]
    fn no_payload_makes_the_reader_panic(payload in proptest::collection::vec(any::<u8>(), 1..100)) {
        let mut file = bytes_of(&header(), &[]);
        file.truncate(file.len() - 2);
        put(&mut file, payload.len() as u64);
        file.extend_from_slice(&payload);
        file.extend_from_slice(&(xxhash_rust::xxh3::xxh3_64(&payload) as u32).to_le_bytes());
        let (found, error) = read(&file);
        prop_assert!(error.is_some() && found.len() <= 1);
    }

    #[test]
    fn numbers_read_back(number in 0..=u128::from(u64::MAX) + 1) {
        let mut bytes = Vec::new();
        put(&mut bytes, number);
        let mut rest = bytes.as_slice();
        prop_assert_eq!(take(&mut rest), Some(number));
        prop_assert!(rest.is_empty() && bytes.len() <= 10);
    }
}
