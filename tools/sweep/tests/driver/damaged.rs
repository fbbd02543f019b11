//! Files that a power cut or a person damaged between two sittings: sound rows stay, lost trials are measured again, and the
//! driver says so.

use crate::support::{Bench, Responder, plan_of_two};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use tandem_records::{AgentRow, FootprintRow, RequestRow, TrialRow};

const TRIALS: usize = 12;

struct Damaged {
    bench: Bench,
    _server: Responder,
}

impl Damaged {
    /// A whole run r, and then this done to the bytes of one of its files.
    fn new(file: &str, damage: impl Fn(&mut Vec<u8>)) -> Damaged {
        let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
        bench.plan("two", &plan_of_two(4, "{}"));
        bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
        let damaged = Damaged { bench, _server: server };
        let mut bytes = fs::read(damaged.file(file)).unwrap();
        damage(&mut bytes);
        fs::write(damaged.file(file), bytes).unwrap();
        damaged
    }

    fn file(&self, name: &str) -> PathBuf {
        self.bench.path("runs").join("r").join(name)
    }

    /// The run goes on and is whole; returns the notes, and checks that so many trials stayed as they were.
    fn resumed(&self, before: &[TrialRow], stayed: Range<usize>) -> String {
        let done = self.bench.run(&["--run", "r"]).expect(0);
        assert!(done.stdout.contains(&format!("{TRIALS} trials ok, 0 failed")), "{}", done.stdout);
        self.bench.assert_complete("r");
        let after = self.bench.trials("r");
        let same = before.iter().filter(|row| after.contains(row)).count();
        assert!(stayed.contains(&same), "{same} of {TRIALS} trials stayed: {}", done.stderr);
        // Once mended, nothing is left to do.
        let again = self.bench.run(&["--run", "r"]).expect(0);
        assert!(!again.stderr.contains("note: "), "{}", again.stderr);
        assert_eq!(self.bench.trials("r"), after);
        done.stderr
    }
}

fn zero(range: Range<usize>) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[range.clone()].fill(0)
}

/// A run that nobody damaged, for the rows of its trials.
fn trials_before(damaged: &Damaged) -> Vec<TrialRow> {
    damaged.bench.trials("r")
}

#[test]
fn a_zeroed_start_or_middle_loses_the_trials_that_it_covers_and_no_other() {
    for (file, range) in [
        ("agents.csv", 0..900),
        ("agents.csv", 2_000..3_000),
        ("requests.csv", 0..1_500),
        ("requests.csv", 4_096..8_192),
    ] {
        let damaged = Damaged::new(file, zero(range.clone()));
        let before = trials_before(&damaged);
        let notes = damaged.resumed(&before, 5..TRIALS);
        let line = if range.start == 0 { "line 1 on" } else { "on, as a power cut leaves them" };
        assert!(notes.contains(&format!("{file} holds zeros from line ")) && notes.contains(line), "{notes}");
        assert!(
            notes.contains("note: rows of trial") && notes.contains(" are missing: measured again"),
            "{notes}"
        );
    }
}

#[test]
fn zeroed_rows_of_trials_are_measured_again_with_all_that_belongs_to_them() {
    let whole = Damaged::new("trials.csv", |_| {});
    let before = trials_before(&whole);
    whole.resumed(&before, TRIALS..TRIALS + 1);
    let header = fs::read_to_string(whole.file("trials.csv")).unwrap().lines().next().unwrap().len();
    let ranges: [fn(usize, usize) -> Range<usize>; 3] =
        [|header, _| 0..header + 100, |_, length| length / 2..length / 2 + 10, |_, length| 0..length];
    for range in ranges {
        let mut bytes = fs::read(whole.file("trials.csv")).unwrap();
        // Each trial that is measured again has other digits.
        let length = bytes.len();
        let range = range(header, length);
        zero(range.clone())(&mut bytes);
        fs::write(whole.file("trials.csv"), &bytes).unwrap();
        let done = whole.bench.run(&["--run", "r"]).expect(0);
        assert!(done.stdout.contains(&format!("{TRIALS} trials ok, 0 failed")), "{}", done.stdout);
        // A file of nothing but zeros has no line at all.
        assert_eq!(
            done.stderr.contains("trials.csv holds zeros from line "),
            range.end < length,
            "{}",
            done.stderr
        );
        whole.bench.assert_complete("r");
    }
}

#[test]
fn a_file_that_was_cut_or_removed_costs_its_trials_and_they_are_measured_again() {
    for file in ["agents.csv", "requests.csv"] {
        let damaged = Damaged::new(file, |bytes| {
            // At the end of a line: nothing looks torn.
            let half = bytes.len() / 2;
            let end = half + bytes[half..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
            bytes.truncate(end);
        });
        let before = trials_before(&damaged);
        let notes = damaged.resumed(&before, 4..8);
        assert!(
            notes.contains("note: rows of trials 5, 6, ") || notes.contains("note: rows of trials 6, 7, "),
            "{notes}"
        );

        let damaged = Damaged::new(file, |_| {});
        let before = trials_before(&damaged);
        fs::remove_file(damaged.file(file)).unwrap();
        let notes = damaged.resumed(&before, 0..1);
        assert!(notes.contains("note: rows of trials 0, 1, 2, "), "{notes}");
    }
}

#[test]
fn a_line_that_a_person_broke_is_still_named_and_stays() {
    let damaged = Damaged::new("agents.csv", |bytes| {
        let at = bytes.len() / 2;
        let comma = at + bytes[at..].iter().position(|byte| *byte == b',').unwrap();
        bytes[comma] = b';';
    });
    let bytes = fs::read(damaged.file("agents.csv")).unwrap();
    let done = damaged.bench.run(&["--run", "r"]).expect(2);
    assert!(
        done.message().contains("agents.csv line ") && done.message().contains(" cells in place of "),
        "{}",
        done.stderr
    );
    assert_eq!(fs::read(damaged.file("agents.csv")).unwrap(), bytes);
}

#[test]
fn what_the_processes_hold_stands_once_for_each_block() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let options =
        r#"{ fake_status = { "arm-a" = "no_done", "arm-b" = "no_done" }, fake_failing_attempts = 1 }"#;
    bench.plan("two", &plan_of_two(3, options));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(4);
    let of = || -> Vec<u32> { bench.rows::<FootprintRow>("r").iter().map(|row| row.trial).collect() };
    assert_eq!(of(), [2, 5, 8]);
    bench.run(&["--run", "r"]).expect(0);
    assert_eq!(of(), [2, 5, 8], "all trials are measured again, and all looks are taken again");
    bench.run(&["--run", "r"]).expect(0);
    assert_eq!(of(), [2, 5, 8]);
    assert_eq!(bench.rows::<AgentRow>("r").len(), 2 * 9 * 6);
    assert_eq!(bench.rows::<RequestRow>("r").len(), 2 * 9 * 6);
}
