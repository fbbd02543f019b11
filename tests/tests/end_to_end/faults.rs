//! Every fault of the simulator on every arm and client: the struck agent gets the status of the table, the others are well,
//! memory stays bounded, nothing panics, and the next trial is clean.
//!
//! `WRITE_FAULT_TABLE=1` (`make fault-table`) writes the table of METHODOLOGY.md.

use crate::spec::on_simulator;
use end_to_end::{Simulator, combinations, generated, run_arm};
use ollama_sim::fault::Kind;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tandem_records::{ArmReport, Client, Phase, Status, TrialSpec};

/// A fault and what becomes of the request that it strikes.
struct Expected {
    fault: &'static str,
    status: Status,
}

const fn row(fault: &'static str, status: Status) -> Expected {
    Expected { fault, status }
}

/// One row for each kind, in the order of the kinds.
const TABLE: &[Expected] = &[
    row("refuse", Status::Refused),
    row("slow-headers=200", Status::Ok),
    row("busy", Status::Busy),
    row("http-500", Status::HttpError),
    row("http-404", Status::ModelMissing),
    row("redirect", Status::HttpError),
    row("garbage", Status::Malformed),
    row("big-headers", Status::TooLarge),
    row("length-too-long", Status::Reset),
    row("length-too-short", Status::NoDone),
    row("compressed", Status::Malformed),
    row("reset", Status::Reset),
    row("close", Status::Reset),
    row("stall", Status::Timeout),
    row("pause=200", Status::Ok),
    row("error-line", Status::ServerError),
    row("no-done", Status::NoDone),
    row("cut-length", Status::NoDone),
    row("no-metrics", Status::Ok),
    row("out-of-range", Status::Ok),
    row("not-json", Status::Malformed),
    row("wrong-shape", Status::Malformed),
    row("long-line", Status::TooLarge),
    row("bad-chunk", Status::Malformed),
    row("coalesced", Status::Ok),
    row("split-utf8", Status::Ok),
    row("split-escape", Status::Ok),
    row("split-chunk-size", Status::Ok),
    row("endless-head", Status::TooLarge),
    row("endless-interim", Status::Timeout),
    row("endless-refusal", Status::HttpError),
    row("endless-tokens", Status::TooLarge),
    row("endless-text", Status::TooLarge),
    row("endless-lines", Status::Timeout),
    row("endless-size", Status::Timeout),
    row("endless-extension", Status::Malformed),
    row("endless-trailers", Status::Malformed),
    row("endless-rest", Status::Ok),
];

/// Requests before the concurrent phase of two agents (warm-up and solo), and the one that is struck.
const STRUCK_REQUEST: u32 = 6;
/// What an arm may hold in memory at most, whatever a server sends: the lines, heads and texts that it accepts, and itself.
const MOST_MEMORY_BYTES: u64 = 128 << 20;
/// reqwest's connections are Tokio's tasks, which give way after 128 reads of up to 400 KiB. A byte of framing costs hyper far more than one
/// of text, so the other agent of a single thread waits for seconds on a busy machine: its own limit must be longer.
const REQWESTS_LIMIT_MS: u64 = 40_000;
/// How long a cell may take beyond its time limit on a busy machine.
const GRACE: Duration = Duration::from_secs(20);
/// Cells at once: most of their time they wait.
const AT_ONCE: usize = 4;

fn kind(expected: &Expected) -> Kind {
    let name = expected.fault.split('=').next().expect("a name");
    *Kind::ALL.iter().find(|kind| kind.name() == name).unwrap_or_else(|| panic!("no fault is called {name}"))
}

/// Tries one fault on one arm and client; the error says what was not as expected.
fn cell(expected: &Expected, arm: &str, client: Client) -> Result<(), String> {
    let kind = kind(expected);
    let refuses = kind == Kind::Refuse;
    let fault =
        if refuses { expected.fault.into() } else { format!("{}@request={STRUCK_REQUEST}", expected.fault) };
    // Only a long text has a place where a character or an escape can be torn.
    let tokens = if matches!(kind, Kind::SplitUtf8 | Kind::SplitEscape) { 300 } else { 12 };
    let simulator = Simulator::start(2, &["--ttft-ms", "2", "--itl-ms", "0.5", "--fault", &fault]);
    let idle_files = simulator.open_files();
    let mut spec = on_simulator(&simulator.urls, &[tokens]);
    spec.client = Some(client);
    spec.timeout_ms = match (expected.status, client) {
        (Status::Timeout, Client::Reqwest) if kind.is_endless() => REQWESTS_LIMIT_MS,
        (Status::Timeout, _) if kind.is_endless() => 5_000,
        (Status::Timeout, _) => 700,
        _ => 20_000,
    };
    let report = run(arm, &spec)?;
    let together = |report: &ArmReport| -> Vec<Status> {
        report.requests.iter().filter(|row| row.phase == Phase::Concurrent).map(|row| row.status).collect()
    };
    let seen = together(&report);
    let struck = seen.iter().filter(|status| **status == expected.status).count();
    let as_expected = match (refuses, expected.status) {
        (true, _) => report.requests.iter().all(|row| row.status == expected.status),
        (false, Status::Ok) => seen.len() == 2 && struck == 2,
        (false, _) => seen.len() == 2 && struck == 1 && seen.contains(&Status::Ok),
    };
    let errors: Vec<&str> =
        report.requests.iter().map(|row| row.error.as_str()).filter(|e| !e.is_empty()).collect();
    if !as_expected || report.status != expected.status {
        return Err(format!("{} and {seen:?} instead of {}: {errors:?}", report.status, expected.status));
    }
    if errors.iter().any(|error| error.len() > 1000 || error.contains('\n')) {
        return Err(format!("the error is not one short line: {errors:?}"));
    }
    if refuses {
        return Ok(());
    }
    let next = run(arm, &spec)?;
    if next.status != Status::Ok || together(&next) != [Status::Ok; 2] {
        return Err(format!("the next trial is {} ({}) and not ok", next.status, next.error));
    }
    // The arms have ended; what they left open would still be there.
    let deadline = Instant::now() + GRACE;
    while simulator.open_files() > idle_files {
        if Instant::now() > deadline {
            return Err(format!("{} connections are left", simulator.open_files() - idle_files));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn run(arm: &str, spec: &TrialSpec) -> Result<ArmReport, String> {
    let began = Instant::now();
    let run = run_arm(arm, spec);
    let (took, limit) = (began.elapsed(), Duration::from_millis(spec.timeout_ms) + GRACE);
    let report = run.report.ok_or_else(|| format!("no report; {}", run.stderr))?;
    if took > limit {
        return Err(format!("took {took:?}"));
    }
    if !run.stderr.is_empty() {
        return Err(format!("standard error: {}", run.stderr));
    }
    let code = if report.status.is_ok() { 0 } else { 4 };
    if run.code != Some(code) {
        return Err(format!("exit code {:?} with status {}", run.code, report.status));
    }
    match report.peak_rss_bytes {
        Some(bytes) if bytes <= MOST_MEMORY_BYTES => Ok(report),
        bytes => Err(format!("{bytes:?} bytes of memory")),
    }
}

#[test]
fn every_fault_gives_its_status_on_every_arm_and_client() {
    let combinations = combinations();
    let cells =
        TABLE.iter().flat_map(|row| combinations.iter().map(move |(arm, client)| (row, arm, *client)));
    let (cells, wrong) = (Mutex::new(cells), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((row, arm, client)) = cells.lock().expect("no panic inside").next() else {
                        return;
                    };
                    if let Err(error) = cell(row, arm, client) {
                        let line = format!("{} on {arm} {client}: {error}", row.fault);
                        wrong.lock().expect("no panic inside").push(line);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic inside");
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

fn table() -> String {
    let combinations = combinations().len();
    let mut text =
        "| fault | the server | the struck request | the other agent | arms × clients |\n".to_owned();
    text += "| --- | --- | --- | --- | ---: |\n";
    for row in TABLE {
        let kind = kind(row);
        let (meaning, other) = match kind {
            Kind::Refuse => (kind.meaning().split(';').next().unwrap_or_default(), "refused, too"),
            _ => (kind.meaning(), "ok"),
        };
        let status = row.status;
        text += &format!(
            "| `{}` | {meaning} | `{status}` | {other} | {combinations} of {combinations} |\n",
            row.fault
        );
    }
    text
}

#[test]
fn the_table_of_faults_in_the_methodology_is_that_of_this_test() {
    let tried: Vec<Kind> = TABLE.iter().map(kind).collect();
    assert_eq!(tried, Kind::ALL, "every kind of fault needs its row in TABLE, in the order of the kinds");
    generated("fault table", "make fault-table", "WRITE_FAULT_TABLE", &table());
}
