//! Good inputs: what real servers sent, the plans, the committed runs.

use std::fs;
use std::path::PathBuf;
use tandem_records::{Phase, StampsHeader, StampsRequest, StampsWriter, TokenStamps};
use wire_captures::{Exchange, exchanges};
use wire_cases::{Case, cases};

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn streams(of: &str, bytes: impl Fn(&Exchange) -> Vec<u8>) -> Vec<Vec<u8>> {
    let found = exchanges().into_iter().filter(|exchange| exchange.path().starts_with(of));
    found.map(|exchange| bytes(&exchange)).filter(|bytes| !bytes.is_empty()).collect()
}

/// Heads and what follows them of the streams that the cases of one dialect answer with.
fn case_streams(api: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let of_api: Vec<Case> = cases().into_iter().filter(|case| case.speaks(api)).collect();
    of_api.into_iter().flat_map(|case| case.streams().map(split_head).collect::<Vec<_>>())
}

/// Splits behind the last head: answers like 103 come before another.
fn split_head(mut head: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let mut length = 0;
    while head[length..].starts_with(b"HTTP/") {
        length += head[length..].windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    }
    let body = head.split_off(length);
    (head, body)
}

fn is_chunked(head: &[u8]) -> bool {
    String::from_utf8_lossy(head).to_ascii_lowercase().contains("chunked")
}

/// Bodies of the cases of one dialect.
fn case_bodies(api: &str) -> impl Iterator<Item = Vec<u8>> {
    case_streams(api)
        .map(|(head, body)| if is_chunked(&head) { crate::streams::dechunk(&[&body]).0 } else { body })
}

pub fn ndjson() -> Vec<Vec<u8>> {
    streams("/api/", Exchange::body).into_iter().chain(case_bodies("ollama")).collect()
}

pub fn sse() -> Vec<Vec<u8>> {
    streams("/v1/", Exchange::body).into_iter().chain(case_bodies("openai")).collect()
}

pub fn chunked() -> Vec<Vec<u8>> {
    let framed = |exchange: &Exchange| match is_chunked(exchange.head().as_bytes()) {
        true => exchange.response().split_off(exchange.head().len()),
        false => Vec::new(),
    };
    let mut seeds = streams("/", framed);
    seeds.extend(case_streams("openai").filter(|(head, _)| is_chunked(head)).map(|(_, body)| body));
    seeds.push(b"5;x=y\r\nabcde\r\n0\r\na: b\r\n\r\n".to_vec());
    seeds
}

pub fn heads() -> Vec<Vec<u8>> {
    let of_cases = ["ollama", "openai"].into_iter().flat_map(case_streams).map(|(head, _)| head);
    streams("/", |exchange| exchange.head().into_bytes()).into_iter().chain(of_cases).collect()
}

pub fn plans() -> Vec<Vec<u8>> {
    let files = fs::read_dir(workspace().join("data/plans")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

pub fn faults() -> Vec<Vec<u8>> {
    let kinds = ollama_sim::fault::Kind::ALL.iter().map(|kind| kind.name().to_owned());
    let more = ["pause=20@request=3,token=4,port=1", "close=17@p=0.25", "refuse@from=10,until=20"];
    kinds.chain(more.map(String::from)).map(String::into_bytes).collect()
}

fn example(name: &str) -> String {
    fs::read_to_string(workspace().join("data/example").join(name)).unwrap()
}

pub fn manifests() -> Vec<Vec<u8>> {
    vec![example("manifest.json").into_bytes()]
}

/// The header and the rows of the first trials of a committed table.
fn first_trials(name: &str) -> String {
    const TRIALS: u32 = 60;
    let text = example(name);
    let is_first =
        |line: &&str| line.split(',').nth(2).and_then(|n| n.parse().ok()).is_none_or(|n: u32| n < TRIALS);
    text.lines().filter(is_first).map(|line| format!("{line}\n")).collect()
}

/// The files of a small sound run but for trials.csv.
pub fn small_run() -> &'static [(&'static str, String)] {
    static FILES: std::sync::OnceLock<Vec<(&'static str, String)>> = std::sync::OnceLock::new();
    FILES.get_or_init(|| {
        let tables = ["plan.csv", "agents.csv", "requests.csv"].map(|name| (name, first_trials(name)));
        [("manifest.json", example("manifest.json"))].into_iter().chain(tables).collect()
    })
}

pub fn trials_csv() -> Vec<Vec<u8>> {
    vec![first_trials("trials.csv").into_bytes()]
}

pub fn any_csv() -> Vec<Vec<u8>> {
    let texts = [
        "arm,value\na,1\nb,2.5\na,-3e2\n",
        "value\r\n1\r\n2\r\n",
        "\"arm\",\"value\"\n\"a, \"\"b\"\"\",\"1\"\n\"c\nd\",2\n",
        "arm,value\na,\nb,NaN\n,3\na,1e999\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub fn study_csv() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(workspace().join("data/reference/tr115/runs.csv")).unwrap();
    vec![text.lines().take(61).map(|line| format!("{line}\n")).collect::<String>().into_bytes()]
}

pub fn token_stamps() -> Vec<Vec<u8>> {
    let header = StampsHeader { run_id: "r".into(), trial: 1, attempt: 1 };
    let mut writer = StampsWriter::new(Vec::new(), &header).unwrap();
    for agent in 0..2 {
        let request = StampsRequest { phase: Phase::Concurrent, agent, call: 0, start_ns: 1000 };
        let tokens = (0..20u32).map(u64::from).map(|n| TokenStamps {
            seen_ns: 2000 + n * 1000,
            written_ns: std::num::NonZeroU64::new(if agent == 0 { 1990 + n * 1000 } else { 0 }),
            received_ns: None,
        });
        writer.request(&request, tokens).unwrap();
    }
    vec![writer.finish().unwrap()]
}
