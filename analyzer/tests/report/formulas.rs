use crate::common::{Recipe, Synthetic};
use analyzer::metrics::{Outcome, factorise, outcome, times};
use proptest::prelude::*;
use tandem_records::{AgentRow, Phase, Role, SCHEMA_VERSION, Status};

fn row(phase: Phase, agent: u32, server: u32, release: u64, start: u64, end: u64) -> AgentRow {
    AgentRow {
        schema_version: SCHEMA_VERSION,
        run_id: "r".into(),
        trial: 0,
        attempt: 1,
        phase,
        agent,
        role: if agent.is_multiple_of(2) { Role::Collector } else { Role::Insight },
        server: format!("http://127.0.0.1:{server}"),
        status: Status::Ok,
        release_ns: release,
        start_ns: Some(start),
        end_ns: Some(end),
        local_ns: None,
        files_read: None,
        files_skipped: None,
        structured: None,
    }
}

/// Two agents: solo durations, and (start, end) after the release in the concurrent phase, in ms.
fn two(solo: [u64; 2], together: [(u64, u64); 2]) -> Vec<AgentRow> {
    const MS: u64 = 1_000_000;
    let mut rows = Vec::new();
    for (agent, s) in solo.into_iter().enumerate() {
        rows.push(row(Phase::Solo, agent as u32, agent as u32, 5 * MS, 5 * MS, (5 + s) * MS));
    }
    for (agent, (start, end)) in together.into_iter().enumerate() {
        rows.push(row(
            Phase::Concurrent,
            agent as u32,
            agent as u32,
            9000 * MS,
            (9000 + start) * MS,
            (9000 + end) * MS,
        ));
    }
    rows
}

/// The control table of DESIGN, from agent rows with the durations that each situation gives.
#[test]
fn the_control_table() {
    // Shared 2.6 with lengths 2:1: alone 2000 and 1000. Together both run at 1/2.6 until the shorter ends at 2600;
    // the longer then has 1000 left, alone: it ends at 3600.
    #[rustfmt::skip]
    let controls = [
        ("equal work, independent servers", two([1000, 1000], [(0, 1000), (0, 1000)]), [1.0, 1.0, 1.0, 1.0, 1.0]),
        ("a mutex across two equal agents", two([1000, 1000], [(0, 1000), (1000, 2000)]), [1.0, 0.5, 1.0, 0.5, 0.5]),
        ("lengths 2:1", two([2000, 1000], [(0, 2000), (0, 1000)]), [0.75, 1.0, 1.0, 0.75, 0.75]),
        ("shared 2.6", two([1000, 1000], [(0, 2600), (0, 2600)]), [1.0, 1.0, 0.385, 0.385, 1.0]),
        ("shared 2.6, lengths 2:1", two([2000, 1000], [(0, 3600), (0, 2600)]), [0.75, 1.0, 0.556, 0.417, 0.861]),
        ("one serial server", two([1000, 1000], [(0, 1000), (0, 2000)]), [1.0, 1.0, 0.5, 0.5, 0.75]),
    ];
    for (name, rows, expected) in controls {
        let times = times(&rows, 2).unwrap();
        let f = factorise(&times.solo, &times.concurrent, times.makespan).unwrap();
        let found = [f.balance, f.overlap, f.isolation, f.efficiency, f.ratio_tr115];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 0.0005, "{name}: {found} is not {expected}");
        }
    }
}

#[test]
fn efficiency_is_never_clamped() {
    let f = factorise(&[10.0, 10.0], &[9.0, 9.0], 9.0).unwrap();
    assert!(f.efficiency > 1.1);
    assert!(f.antt < 1.0);
}

#[test]
fn agents_without_a_solo_row_take_that_of_their_role_and_server() {
    let mut rows = two([1000, 3000], [(0, 1000), (0, 3000)]);
    for agent in [2, 3] {
        rows.push(row(Phase::Concurrent, agent, agent % 2, 9_000_000_000, 9_000_000_100, 9_500_000_000));
    }
    assert_eq!(times(&rows, 4).unwrap().solo, [1e9, 3e9, 1e9, 3e9]);
    rows[4].server = "http://127.0.0.1:7".into();
    assert_eq!(times(&rows, 4), Err("no solo row for agent 2".into()));
}

#[test]
fn stamps_out_of_order_are_no_durations() {
    for change in [
        |r: &mut AgentRow| r.end_ns = r.start_ns,
        |r: &mut AgentRow| r.end_ns = None,
        |r: &mut AgentRow| r.release_ns += 1_000_000_000_000,
        |r: &mut AgentRow| r.status = Status::Timeout,
    ] {
        for at in 0..4 {
            let mut rows = two([1000, 1000], [(0, 1000), (0, 1000)]);
            change(&mut rows[at]);
            assert!(times(&rows, 2).is_err(), "row {at}");
        }
    }
    assert!(times(&two([1, 1], [(0, 1), (0, 1)]), 3).is_err(), "an agent without rows");
}

#[test]
fn a_trial_gives_its_per_token_numbers() {
    let mut made = Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() });
    (made.trials[0].cpu_ns, made.trials[0].voluntary_switches) = (Some(6_000_000), Some(1_000));
    made.trials[0].involuntary_switches = Some(200);
    for (place, r) in made.requests.iter_mut().filter(|r| r.trial == 0).enumerate() {
        (r.ttft_ns, r.e2e_ns) = (Some(40_000_000), Some(40_000_000 + 299 * 5_000_000));
        r.delay_p50_ns = Some(10_000 * (1 + place as u64));
    }
    let told = |made: &Synthetic| {
        let run = crate::read_back(made);
        let Outcome::Counts(metrics) = outcome(&run.trials[0], None, false) else {
            panic!("{:?}", outcome(&run.trials[0], None, false))
        };
        metrics
    };
    (made.trials[0].delay_p50_ns, made.trials[0].delay_p99_ns) = (Some(33_000), Some(70_000));
    let metrics = told(&made);
    assert_eq!(metrics.requests.tokens, 600, "tokens of the concurrent phase only");
    assert_eq!(metrics.cpu_per_token_ns, Some(10_000.0));
    assert_eq!(metrics.switches_per_token, Some(2.0));
    assert_eq!(metrics.requests.tpot_ns, Some(5_000_000.0));
    let requests = &metrics.requests;
    assert_eq!(
        (requests.delay_p50_ns, requests.delay_p99_ns),
        (Some(33_000.0), Some(70_000.0)),
        "all tokens"
    );
    made.trials[0].delay_tokens = None;
    assert_eq!(
        told(&made).requests.delay_p50_ns,
        Some(35_000.0),
        "in runs that do not pool: the median of requests 3 and 4, not of the solo phase"
    );
}

proptest! {
    #[test]
    fn efficiency_is_exactly_its_factors(
        durations in proptest::collection::vec((1u64..10_000_000_000, 1u64..10_000_000_000, 0u64..1_000_000_000), 1..40),
        makespan_slack in 0u64..1_000_000_000,
    ) {
        let solo: Vec<f64> = durations.iter().map(|d| d.0 as f64).collect();
        let concurrent: Vec<f64> = durations.iter().map(|d| d.1 as f64).collect();
        let makespan = durations.iter().map(|d| d.1 + d.2).max().unwrap() + makespan_slack;
        let f = factorise(&solo, &concurrent, makespan as f64).unwrap();
        let product = f.balance * f.overlap * f.isolation;
        prop_assert!((product - f.efficiency).abs() <= 8.0 * f64::EPSILON * f.efficiency, "{product} {}", f.efficiency);
        prop_assert!(f.balance <= 1.0 + f64::EPSILON && f.overlap <= 1.0);
        prop_assert!((f.speedup - f.efficiency * solo.len() as f64).abs() <= 4.0 * f64::EPSILON * f.speedup);
    }

    #[test]
    fn a_missing_or_zero_duration_has_no_factors(zero in 0usize..5) {
        let mut values = [3.0, 2.0, 4.0, 5.0, 6.0];
        values[zero] = [0.0, f64::NAN, f64::INFINITY, -1.0, 0.0][zero];
        prop_assert_eq!(factorise(&values[..2], &values[2..4], values[4]), None);
    }
}
