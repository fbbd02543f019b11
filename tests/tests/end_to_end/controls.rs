//! The instrument measures known situations right: the control table of the design, on every arm.
//!
//! Streams are long (25 tokens of 20 ms), so that a busy machine moves a factor by a few percent at most.

use crate::spec::on_simulator;
use analyzer::metrics::{Factors, factorise, times};
use end_to_end::{Simulator, arms, clients, run_arm};
use tandem_records::{PhaseOrder, TrialSpec};

/// What a factor may be off by: 25 ms of 500, far more than a scheduler takes and far less than any effect here.
const TOLERANCE: f64 = 0.05;

/// Trials of which one must be right.
const TRIES: usize = 3;

/// One gap before the first token.
const PACED: [&str; 4] = ["--itl-ms", "20", "--ttft-ms", "20"];
/// No wait before the first token: durations are proportional to lengths.
const PROPORTIONAL: [&str; 4] = ["--itl-ms", "20", "--ttft-ms", "0"];
const ONE_GPU: [&str; 4] = ["--capacity", "shared", "--factor", "2.6"];

struct Expected {
    balance: f64,
    overlap: f64,
    isolation: f64,
    efficiency: f64,
    ratio_tr115: f64,
}

fn measure(arm: &str, spec: &TrialSpec) -> Factors {
    let run = run_arm(arm, spec);
    assert_eq!(run.code, Some(0), "{arm}: {} {:?}", run.stderr, run.report.map(|r| r.error));
    let report = run.report.expect("a report");
    let times = times(&report.agents, spec.agents).expect("complete rows");
    factorise(&times.solo, &times.concurrent, times.makespan).expect("sound durations")
}

/// What is off by more than the tolerance, if anything.
fn off(got: Factors, expected: &Expected) -> Option<String> {
    let product = got.balance * got.overlap * got.isolation;
    assert!((product - got.efficiency).abs() < 1e-12, "the factors do not multiply out");
    let factors = [
        ("balance", got.balance, expected.balance),
        ("overlap", got.overlap, expected.overlap),
        ("isolation", got.isolation, expected.isolation),
        ("efficiency", got.efficiency, expected.efficiency),
        ("ratio_tr115", got.ratio_tr115, expected.ratio_tr115),
    ];
    let is_off = |(_, got, expected): &&(&str, f64, f64)| (got - expected).abs() > TOLERANCE;
    let found = factors.iter().find(is_off)?;
    Some(format!("{} is {:.4}, expected {}", found.0, found.1, found.2))
}

/// Runs one control on every arm, in both phase orders in turn.
fn control(what: &str, ports: usize, args: &[&str], change: impl Fn(&mut TrialSpec), expected: Expected) {
    let simulator = Simulator::start(ports, args);
    for (number, arm) in arms().iter().enumerate() {
        let mut spec = on_simulator(&simulator.urls, &[25]);
        spec.client = Some(clients(arm)[0]);
        spec.phase_order = if number % 2 == 0 { PhaseOrder::SoloFirst } else { PhaseOrder::ConcurrentFirst };
        change(&mut spec);
        // A machine that others share may stall for a tenth of a trial. That moves one trial; an instrument that is wrong
        // is wrong in every one.
        let tries: Vec<String> = (0..TRIES).map_while(|_| off(measure(arm, &spec), &expected)).collect();
        assert!(tries.len() < TRIES, "{arm}, {what}: {}", tries.join("; then "));
    }
}

#[test]
fn equal_work_on_independent_servers() {
    let expected = Expected { balance: 1.0, overlap: 1.0, isolation: 1.0, efficiency: 1.0, ratio_tr115: 1.0 };
    control("equal work", 2, &PACED, |_| (), expected);
}

#[test]
fn one_permit_for_two_agents() {
    let expected = Expected { balance: 1.0, overlap: 0.5, isolation: 1.0, efficiency: 0.5, ratio_tr115: 0.5 };
    control("one permit", 2, &PACED, |spec| spec.permits = Some(1), expected);
}

#[test]
fn lengths_two_to_one() {
    let expected =
        Expected { balance: 0.75, overlap: 1.0, isolation: 1.0, efficiency: 0.75, ratio_tr115: 0.75 };
    control("lengths 2:1", 2, &PROPORTIONAL, |spec| spec.tokens = vec![30, 15], expected);
}

#[test]
fn one_gpu_behind_both_servers() {
    let expected =
        Expected { balance: 1.0, overlap: 1.0, isolation: 0.385, efficiency: 0.385, ratio_tr115: 1.0 };
    control("shared", 2, &[PACED, ONE_GPU].concat(), |_| (), expected);
}

#[test]
fn one_gpu_behind_both_servers_and_lengths_two_to_one() {
    let expected =
        Expected { balance: 0.75, overlap: 1.0, isolation: 0.556, efficiency: 0.417, ratio_tr115: 0.861 };
    let args = [PROPORTIONAL, ONE_GPU].concat();
    control("shared, lengths 2:1", 2, &args, |spec| spec.tokens = vec![30, 15], expected);
}

#[test]
fn both_agents_on_one_serial_server() {
    let expected =
        Expected { balance: 1.0, overlap: 1.0, isolation: 0.5, efficiency: 0.5, ratio_tr115: 0.75 };
    control("serial", 1, &[&PACED[..], &["--capacity", "serial"]].concat(), |_| (), expected);
}
