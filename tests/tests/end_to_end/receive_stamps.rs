//! On servers that send no stamps, the kernel's tell the delay: on every arm, and as the simulator's own do.

use crate::spec::on_simulator;
use end_to_end::{Simulator, arms, binary, run_arm};
use std::process::Command;
use std::time::Duration;
use tandem_records::{ArmReport, Client, Connection, DelaySource, Phase, RequestRow, TrialSpec};

/// Between two tokens. A stamp taken for the token before or after would be off by as much.
const GAP: [&str; 4] = ["--itl-ms", "20", "--ttft-ms", "20"];

/// What the medians of two trials may differ by. The kernel's stamp lies between the simulator's and the arm's: the true
/// difference is a write's way through loopback, some microseconds; the rest is what a busy machine adds.
const AGREEMENT: Duration = Duration::from_millis(8);

/// Arms whose receipt names the hyper client.
fn arms_on_hyper() -> impl Iterator<Item = String> {
    arms().into_iter().filter(|arm| {
        let receipt = Command::new(binary(arm)).arg("--version").output().expect("the arm starts").stdout;
        String::from_utf8(receipt).expect("text").contains("client hyper: ")
    })
}

fn report(arm: &str, spec: &TrialSpec) -> ArmReport {
    let run = run_arm(arm, spec);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arm}");
    run.report.expect("a report")
}

fn measured(report: &ArmReport) -> impl Iterator<Item = &RequestRow> {
    report.requests.iter().filter(|row| row.phase != Phase::Warmup)
}

/// Median over the requests of their median delay.
fn median_delay(report: &ArmReport) -> Duration {
    let mut delays: Vec<u64> = measured(report).map(|row| row.delay_p50_ns.expect("a delay")).collect();
    delays.sort_unstable();
    Duration::from_nanos(delays[delays.len() / 2])
}

#[test]
fn both_references_tell_the_same_delay_on_every_arm() {
    let (stamping, silent) =
        (Simulator::start(2, &GAP), Simulator::start(2, &[&GAP[..], &["--no-write-stamp"]].concat()));
    for arm in arms_on_hyper() {
        let spec = |simulator: &Simulator, receive_stamps| TrialSpec {
            agents: 4,
            receive_stamps,
            ..on_simulator(&simulator.urls, &[25])
        };
        let by_server = report(&arm, &spec(&stamping, false));
        let by_kernel = report(&arm, &spec(&silent, true));
        let by_nobody = report(&arm, &spec(&silent, false));
        for (report, source) in [
            (&by_server, DelaySource::Sim),
            (&by_kernel, DelaySource::Kernel),
            (&by_nobody, DelaySource::None),
        ] {
            assert!(measured(report).all(|row| row.delay_source == source), "{arm}: not all {source:?}");
            assert!(
                measured(report).all(|row| row.delay_max_ns.is_some() == (source != DelaySource::None)),
                "{arm}"
            );
        }
        // The same seeds: however it is read, it is the same text.
        let texts = |report: &ArmReport| measured(report).map(|row| row.digest.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&by_kernel), texts(&by_nobody), "{arm}");
        let (sim, kernel) = (median_delay(&by_server), median_delay(&by_kernel));
        assert!(sim.abs_diff(kernel) < AGREEMENT, "{arm}: by the server {sim:?}, by the kernel {kernel:?}");
    }
}

#[test]
fn the_servers_own_stamp_is_preferred() {
    let simulator = Simulator::start(1, &GAP);
    let spec = TrialSpec { receive_stamps: true, ..on_simulator(&simulator.urls, &[4]) };
    assert!(measured(&report("smol", &spec)).all(|row| row.delay_source == DelaySource::Sim));
}

#[test]
fn fresh_connections_capped_reads_and_coalesced_writes_keep_their_stamps() {
    let args = [&GAP[..], &["--no-write-stamp", "--coalesce", "4"]].concat();
    let simulator = Simulator::start(2, &args);
    for arm in arms_on_hyper() {
        for (connection, read_cap) in [(Connection::Fresh, 0), (Connection::Prepared, 100)] {
            let spec = TrialSpec {
                receive_stamps: true,
                connection,
                read_cap: Some(read_cap),
                ..on_simulator(&simulator.urls, &[16])
            };
            let report = report(&arm, &spec);
            for row in measured(&report) {
                let expected = (Some(16), DelaySource::Kernel);
                assert_eq!(
                    (row.output_tokens, row.delay_source),
                    expected,
                    "{arm} {connection} {read_cap}: {row:?}"
                );
            }
        }
    }
}

#[test]
fn a_client_that_reads_by_itself_refuses() {
    let spec = TrialSpec {
        receive_stamps: true,
        client: Some(Client::Reqwest),
        ..on_simulator(&["http://127.0.0.1:9".to_string()], &[4])
    };
    let run = run_arm("smol", &spec);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    for word in ["--receive-stamps", "--client hyper or lean", "reqwest"] {
        assert!(run.stderr.contains(word), "no '{word}' in {}", run.stderr);
    }
}
