//! Known faults of clients show their sign in the factors or in TTFT.
//!
//! The bounds are physical and wide: half a factor, several gaps. A busy machine moves them by a few percent.

use crate::spec::on_simulator;
use analyzer::metrics::{Factors, factorise, times};
use end_to_end::{Simulator, arms, binary, run_arm, runtimes, workspace};
use std::collections::BTreeSet;
use std::process::Command;
use tandem_records::{ArmReport, Length, Phase, PhaseOrder, RequestRow, TrialSpec};

const GAP_NS: u64 = 20_000_000;
/// One gap before the first token, as in the plan's sets.
const PACED: [&str; 4] = ["--itl-ms", "20", "--ttft-ms", "20"];

fn report(arm: &str, spec: &TrialSpec) -> ArmReport {
    let run = run_arm(arm, spec);
    assert_eq!(run.code, Some(0), "{arm}: {} {:?}", run.stderr, run.report.map(|r| r.error));
    run.report.expect("a report")
}

fn factors(report: &ArmReport) -> Factors {
    let times = times(&report.agents, 2).expect("complete rows");
    factorise(&times.solo, &times.concurrent, times.makespan).expect("sound durations")
}

fn measured(report: &ArmReport) -> impl Iterator<Item = &RequestRow> {
    report.requests.iter().filter(|row| row.phase != Phase::Warmup)
}

fn within(what: &str, value: f64, least: f64, most: f64) {
    assert!((least..=most).contains(&value), "{what} is {value:.3}, expected {least} to {most}");
}

/// The sign of agents that ran one after the other in the client.
fn agents_take_turns(arm: &str) {
    let simulator = Simulator::start(2, &PACED);
    for order in [PhaseOrder::SoloFirst, PhaseOrder::ConcurrentFirst] {
        let mut spec = on_simulator(&simulator.urls, &[25]);
        spec.phase_order = order;
        let got = factors(&report(arm, &spec));
        within(&format!("{arm}: overlap"), got.overlap, 0.4, 0.6);
        within(&format!("{arm}: ratio_tr115"), got.ratio_tr115, 0.4, 0.6);
        within(&format!("{arm}: isolation"), got.isolation, 0.8, 1.2);
        within(&format!("{arm}: balance"), got.balance, 0.8, 1.0);
    }
}

#[test]
fn a_mutex_across_the_agent_halves_overlap() {
    agents_take_turns("mutex-across-agent");
}

#[test]
fn the_mutex_is_a_default_that_the_command_line_overrides() {
    let simulator = Simulator::start(2, &PACED);
    let mut spec = on_simulator(&simulator.urls, &[25]);
    spec.permits = Some(2);
    within("overlap", factors(&report("mutex-across-agent", &spec)).overlap, 0.8, 1.0);
}

#[test]
fn blocking_inside_a_task_halves_overlap() {
    agents_take_turns("blocking-inside-task");
}

#[test]
fn holding_back_1024_bytes_shows_in_ttft_and_gaps_and_not_in_the_factors() {
    let simulator = Simulator::start(2, &PACED);
    let spec = on_simulator(&simulator.urls, &[25]);
    let (held, plain) = (report("hold-back-1024", &spec), report("tokio-default", &spec));
    // Least over agents and phases: a busy machine only ever adds.
    let ttft = |report: &ArmReport| measured(report).filter_map(|row| row.ttft_ns).min().expect("tokens");
    assert!(
        ttft(&held) >= ttft(&plain) + 3 * GAP_NS,
        "TTFT {} ns held back, {} ns without",
        ttft(&held),
        ttft(&plain)
    );
    for row in measured(&held) {
        let (usual, longest) = (row.itl_p50_ns.expect("gaps"), row.itl_max_ns.expect("gaps"));
        assert!(usual < GAP_NS / 2 && longest > 3 * GAP_NS, "no bursts: {row:?}");
        assert_eq!(row.output_tokens, Some(25), "held back, not lost");
    }
    let got = factors(&held);
    within("overlap", got.overlap, 0.9, 1.0);
    within("isolation", got.isolation, 0.9, 1.1);
}

#[test]
fn agents_joined_in_one_task_slow_each_other_and_spawned_ones_do_less() {
    let simulator = Simulator::start(2, &PACED);
    let spec = on_simulator(&simulator.urls, &[25]);
    let of = |arm| factors(&report(arm, &spec));
    let (joined, spawned) = (of("joined-agents"), of("spawned-agents"));
    // 20 ms of 2 x 16: .63 but for the ends.
    within("joined: isolation", joined.isolation, 0.4, 0.85);
    within("joined: overlap", joined.overlap, 0.9, 1.0);
    assert!(spawned.isolation > joined.isolation, "spawned {spawned:?}, joined {joined:?}");
}

#[test]
fn free_lengths_are_all_that_the_studys_number_sees() {
    let simulator =
        Simulator::start(2, &[&PACED[..], &["--tokens", "20", "--length-spread", "0.6"]].concat());
    let mut balances = Vec::new();
    // Another seed for each arm: five pairs of lengths.
    for (seed, arm) in (1..).zip(runtimes()) {
        let mut spec = on_simulator(&simulator.urls, &[20]);
        (spec.length, spec.seed) = (Length::Free, seed);
        let report = report(&arm, &spec);
        let lengths = |phase| -> Vec<Option<u64>> {
            report.requests.iter().filter(|row| row.phase == phase).map(|row| row.output_tokens).collect()
        };
        assert_eq!(lengths(Phase::Concurrent), lengths(Phase::Solo), "{arm}: a length is the request's own");
        let got = factors(&report);
        within(&format!("{arm}: ratio_tr115 / balance"), got.ratio_tr115 / got.balance, 0.95, 1.05);
        within(&format!("{arm}: overlap x isolation"), got.overlap * got.isolation, 0.9, 1.1);
        balances.push(got.balance);
    }
    assert!(balances.iter().any(|&balance| balance < 0.9), "all lengths are near each other: {balances:?}");
}

#[test]
fn fixtures_say_what_they_are_and_are_no_arms() {
    let folder = workspace().join("tools/pathologies/src/bin");
    let sources = std::fs::read_dir(folder).expect("the fixtures");
    let names: BTreeSet<String> = sources
        .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into())
        .collect();
    assert!(names.len() >= 5, "{names:?}");
    assert!(arms().iter().all(|arm| !names.contains(arm)), "a fixture among the arms: {:?}", arms());
    for name in names {
        let output = Command::new(binary(&name)).arg("--version").output().expect("it starts");
        let receipt = String::from_utf8(output.stdout).expect("text");
        assert!(receipt.contains(&format!("\narm: {name}\n")), "{receipt}");
        assert!(
            receipt.contains("\nclient hyper: hyper 1.") && !receipt.contains("not in the lock"),
            "{receipt}"
        );
    }
}
