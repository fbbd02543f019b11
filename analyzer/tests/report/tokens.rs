//! Runs that keep the raw stamps of every token: what the report draws from them, and the command that prints them.

use crate::common::{ARMS, Recipe, Synthetic};
use crate::read_back;
use analyzer::analysis::{Settings, analyse};
use analyzer::charts::{Chart, draw_all};
use analyzer::load::load;
use analyzer::tokens::Added;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tandem_records::{
    DelaySource, STAMPS_FOLDER, StampsHeader, StampsRequest, StampsWriter, TokenStamps, TrialRow, stamps_file,
};

const GAP_NS: u64 = 5_000_000;
const TOKENS: u64 = 50;

/// A run in a folder, with a file of stamps for every trial.
fn written(run: &Synthetic, runs: &Path) -> PathBuf {
    let folder = run.write(runs);
    std::fs::create_dir(folder.join(STAMPS_FOLDER)).unwrap();
    for row in &run.trials {
        write_stamps(run, row, &folder, Some);
    }
    folder
}

/// Writes a trial's file: every request's tokens seen 10, 20, … µs after they were written.
fn write_stamps(run: &Synthetic, row: &TrialRow, folder: &Path, reference: impl Fn(u64) -> Option<u64>) {
    let (run_id, trial, attempt) = (row.run_id.clone(), row.trial, row.attempt);
    let mut writer = StampsWriter::new(Vec::new(), &StampsHeader { run_id, trial, attempt }).unwrap();
    for request in run.requests.iter().filter(|request| request.trial == row.trial) {
        let (phase, agent, call, start_ns) = (request.phase, request.agent, request.call, request.start_ns);
        let tokens = (0..TOKENS as u32).map(|place| {
            let k = place + 1;
            let written = start_ns + u64::from(k) * GAP_NS;
            let delay = u64::from(k) * 10_000;
            let stamp = reference(delay).map(|_| NonZeroU64::new(written).unwrap());
            TokenStamps { seen_ns: written + delay, written_ns: stamp, received_ns: None }
        });
        writer.request(&StampsRequest { phase, agent, call, start_ns }, tokens).unwrap();
    }
    let path = folder.join(STAMPS_FOLDER).join(stamps_file(row.trial, row.attempt));
    std::fs::write(path, writer.finish().unwrap()).unwrap();
}

fn one_block() -> Synthetic {
    Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() })
}

/// The chart of delays and what could not be read.
fn ecdf(folder: &Path) -> (Chart, Vec<(String, String)>) {
    let run = load(folder).unwrap();
    let analysis = analyse(&run, Settings::new(&run.manifest, None, None, None).unwrap()).unwrap();
    let charts = draw_all(&analysis).unwrap();
    let findings = run.shown_findings().iter().map(|found| (found.file.clone(), found.reason.clone()));
    (charts.into_iter().find(|chart| chart.file == "ecdf.svg").unwrap(), findings.collect())
}

#[test]
fn the_chart_shows_every_token_where_the_run_keeps_its_stamps() {
    let (run, runs) = (one_block(), tempfile::tempdir().unwrap());
    let folder = written(&run, runs.path());
    let (chart, findings) = ecdf(&folder);
    assert_eq!(findings, []);
    assert!(chart.caption.contains("From the raw stamps that this run keeps"), "{}", chart.caption);
    let tokens = ARMS.len() as u64 * 2 * TOKENS;
    for text in [
        "Delay: every token",
        &format!("{tokens} tokens, from the server&apos;s stamp"),
        "Gap error: every gap",
        &format!("{} gaps, from the server&apos;s stamp", tokens - 2 * ARMS.len() as u64),
        "each step is one token",
    ] {
        assert!(chart.svg.contains(text), "{text:?} in {}", chart.svg);
    }
    if let Some(keep) = std::env::var_os("KEEP_CHARTS") {
        std::fs::write(Path::new(&keep).join("tokens.svg"), &chart.svg).unwrap();
    }
    // The same rows without the folder: each request's quantiles.
    std::fs::remove_dir_all(folder.join(STAMPS_FOLDER)).unwrap();
    let (chart, _) = ecdf(&folder);
    assert!(chart.caption.contains("a step is a request"), "{}", chart.caption);
}

#[test]
fn a_damaged_file_is_named_with_its_reason_and_the_others_are_drawn() {
    let run = Synthetic::make(&Recipe { blocks: 2, ..Recipe::default() });
    let runs = tempfile::tempdir().unwrap();
    let folder = written(&run, runs.path());
    let place = |trial: u32| folder.join(STAMPS_FOLDER).join(stamps_file(trial, 1));
    let bytes = std::fs::read(place(0)).unwrap();
    std::fs::write(place(0), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::copy(place(2), place(1)).unwrap();
    let (chart, findings) = ecdf(&folder);
    let wanted = [
        ("tokens/0-1.stamps", "ends early; whole requests before that: 1; not read"),
        ("tokens/1-1.stamps", "is of run \"made-up\", trial 2, attempt 1; not read"),
    ];
    assert_eq!(findings, wanted.map(|(file, reason)| (file.to_owned(), reason.to_owned())));
    assert!(chart.svg.contains("2 of 12 trials without stamps"), "{}", chart.svg);
    // An arm without any stamps would be missing from the picture: then all are shown by their requests.
    for row in run.trials.iter().filter(|row| row.arm == "smol") {
        std::fs::remove_file(place(row.trial)).unwrap();
    }
    let (chart, findings) = ecdf(&folder);
    assert!(chart.caption.contains("a step is a request") && findings.len() >= 3, "{findings:?}");
}

#[test]
fn a_token_without_a_reference_leaves_its_trial_without_delays() {
    let (run, runs) = (one_block(), tempfile::tempdir().unwrap());
    let folder = written(&run, runs.path());
    write_stamps(&run, &run.trials[0], &folder, |delay| (delay > 10_000).then_some(delay));
    let read = load(&folder).unwrap();
    let sample = |place: usize| read.trials[place].tokens.as_ref().unwrap();
    assert_eq!((sample(0).tokens, sample(0).added.is_some()), (2 * TOKENS, false));
    let Added { source, delays, gap_errors } = sample(1).added.as_ref().unwrap();
    assert_eq!((*source, delays.total()), (DelaySource::Sim, 2 * TOKENS));
    // Each token is seen 10 µs later than the one before.
    assert_eq!((gap_errors.total(), gap_errors.values().count()), (2 * (TOKENS - 1), 1));
    assert!((gap_errors.quantile(0.5).unwrap() - 10_000.0).abs() < 40.0);
    // 25 of 50 at each of two agents: the exact value is 250 µs.
    assert!((delays.quantile(0.5).unwrap() - 250_000.0).abs() < 1_000.0);
    assert!(read_back(&run).trials.iter().all(|trial| trial.tokens.is_none()));
}

fn analyzer(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer")).current_dir(folder).args(args).output().unwrap()
}

#[test]
fn the_command_prints_every_token_and_goes_on_behind_a_damaged_file() {
    let (run, place) = (one_block(), tempfile::tempdir().unwrap());
    let folder = written(&run, &place.path().join("data/runs"));
    let done = analyzer(place.path(), &["tokens", "made-up", "--csv"]);
    assert_eq!((done.status.code(), done.stderr.as_slice()), (Some(0), &b""[..]));
    let text = String::from_utf8(done.stdout).unwrap();
    let mut lines = text.lines();
    let header = "run_id,trial,attempt,phase,agent,call,token,seen_ns,written_ns,received_ns";
    assert_eq!(lines.next(), Some(header));
    assert_eq!(lines.next(), Some("made-up,0,1,solo,0,0,0,5010000,5000000,"));
    assert_eq!(text.lines().count(), 1 + ARMS.len() * 4 * TOKENS as usize);

    let first = folder.join(STAMPS_FOLDER).join("0-1.stamps");
    let by_file = analyzer(place.path(), &["tokens", first.to_str().unwrap()]);
    let table = String::from_utf8(by_file.stdout).unwrap();
    assert_eq!(table.lines().count(), 2);
    assert!(table.contains(" server ") && table.contains("100 "), "{table}");

    let bytes = std::fs::read(&first).unwrap();
    std::fs::write(&first, &bytes[..bytes.len() - 1]).unwrap();
    let done = analyzer(place.path(), &["tokens", "made-up", "--csv"]);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(2), text.len()), "what is whole is printed");
    let message = String::from_utf8(done.stderr).unwrap();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("0-1.stamps: ends early; whole requests before that: 4"), "{message}");

    std::fs::remove_dir_all(folder.join(STAMPS_FOLDER)).unwrap();
    let done = analyzer(place.path(), &["tokens", "made-up"]);
    let message = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(
        message.trim_end().ends_with("make a run that keeps them with: make sweep TOKENS=1"),
        "{message}"
    );
}
