//! The open loop on every real arm: who starts when, and what a client that is busy cannot hide.

use crate::spec::on_simulator;
use analyzer::metrics::open_loop;
use end_to_end::{Simulator, arms, clients, run_arm};
use tandem_records::{ArmReport, Arrivals, Phase, Status, TrialSpec};

const AGENTS: u32 = 20;

/// Responses of about 60 ms at 100 requests a second.
fn spec(simulator: &Simulator) -> TrialSpec {
    TrialSpec {
        agents: AGENTS,
        rate: Some(100.0),
        arrivals: Arrivals::Constant,
        ..on_simulator(&simulator.urls, &[5])
    }
}

fn run(arm: &str, spec: &TrialSpec) -> ArmReport {
    let run = run_arm(arm, &TrialSpec { client: Some(clients(arm)[0]), ..spec.clone() });
    assert_eq!(run.code, Some(0), "{arm}: {}", run.stderr);
    let report = run.report.expect("a report");
    assert_eq!(report.status, Status::Ok, "{arm}: {}", report.error);
    report
}

/// Intended starts of the concurrent phase in ns after the release, in order of the agents.
fn intended(report: &ArmReport) -> Vec<u64> {
    let release = report.agents.iter().find(|row| row.phase == Phase::Concurrent).expect("a row").release_ns;
    let rows = report.requests.iter().filter(|row| row.phase == Phase::Concurrent);
    let mut starts: Vec<(u32, u64)> =
        rows.map(|row| (row.agent, row.intended_ns.expect("a schedule") - release)).collect();
    starts.sort_unstable();
    starts.into_iter().map(|(_, start)| start).collect()
}

#[test]
fn every_arm_starts_its_requests_by_the_same_schedule_and_none_too_early() {
    let simulator = Simulator::start(2, &["--ttft-ms", "10", "--itl-ms", "10"]);
    let constant: Vec<u64> = (0..u64::from(AGENTS)).map(|agent| agent * 10_000_000).collect();
    let mut poisson: Option<Vec<u64>> = None;
    for arm in arms() {
        for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
            let report = run(&arm, &TrialSpec { arrivals, ..spec(&simulator) });
            for row in &report.requests {
                assert_eq!(row.intended_ns.is_some(), row.phase == Phase::Concurrent, "{arm}: {row:?}");
                assert!(row.intended_ns.is_none_or(|at| at <= row.start_ns), "{arm}: {row:?}");
            }
            match arrivals {
                Arrivals::Constant => assert_eq!(intended(&report), constant, "{arm}"),
                Arrivals::Poisson => {
                    let starts = intended(&report);
                    assert_eq!(poisson.get_or_insert(starts.clone()), &starts, "{arm}");
                }
            }
        }
    }
    assert_ne!(poisson, Some(constant));
}

#[test]
fn a_wait_for_permits_shows_from_the_intended_start_and_not_from_the_send() {
    let simulator = Simulator::start(2, &["--ttft-ms", "10", "--itl-ms", "10"]);
    for arm in ["tokio-default", "smol"] {
        let report = run(arm, &TrialSpec { permits: Some(1), ..spec(&simulator) });
        let found = open_loop(&report.requests, AGENTS).expect("all times");
        // Twenty responses of 60 ms one after the other, asked for within 190 ms: the last waits for about 900 ms.
        assert!(found.ttft_intended.p99 > found.ttft_service.p99 + 500e6, "{arm}: {found:?}");
        assert!(found.ttft_intended.p99 > 3.0 * found.ttft_service.p99, "{arm}: {found:?}");
        assert!(found.delivered_rate.expect("a rate") < 0.5, "{arm}: {found:?}");
    }
}
