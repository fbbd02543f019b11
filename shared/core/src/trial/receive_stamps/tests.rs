use crate::exchange::Protocol;
use crate::http::{Hyper, Reading, Target};
use crate::polled::{Polled, serve, token};
use crate::trial::{Setup, run};
use crate::wire;
use crate::workload::{AgentPlan, Stream};
use crate::{WallOffset, now_ns};
use clap::Parser;
use std::io::Write;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tandem_records::{Api, DelaySource, Endpoint, Phase, RequestOptions, RequestRow, Role, TrialSpec};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    spec: TrialSpec,
}

/// The measured requests of a trial against a server that sends no stamps, begun when the clocks were that far apart.
fn measured(offset: WallOffset) -> Vec<RequestRow> {
    let url = serve(|socket| {
        for _ in 0..2 {
            socket.write_all(token(false).as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(2));
        }
    });
    let args =
        ["arm", "--server", &url, "--model", "m", "--agents", "1", "--tokens", "2", "--receive-stamps"];
    let agent = AgentPlan {
        index: 0,
        role: Role::Collector,
        target: Target::parse(&url).unwrap(),
        model: "m".into(),
        tokens: 2,
        seed: 1,
        options: RequestOptions::new(),
        leave_out: Vec::new(),
        cold: None,
    };
    let setup = Setup {
        spec: Line::parse_from(args).spec,
        agents: vec![Arc::new(agent)],
        protocol: Protocol {
            api: Api::Ollama,
            endpoint: Endpoint::Generate,
            path: wire::path(Api::Ollama, Endpoint::Generate),
            timeout: Duration::from_secs(60),
            reading: Reading { cap_bytes: 0, stamps: Some(offset) },
        },
        permits: 1,
    };
    let report = run::<Polled, Hyper<Polled>, _>(setup, Stream).unwrap();
    assert!(report.status.is_ok(), "{}", report.error);
    report.requests.into_iter().filter(|row| row.phase != Phase::Warmup).collect()
}

#[test]
fn the_kernels_stamps_give_the_delay_where_the_server_sends_none() {
    let began_ns = now_ns();
    let rows = measured(WallOffset::read());
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row.delay_source, DelaySource::Kernel);
        assert!(
            row.delay_p50_ns <= row.delay_max_ns && row.delay_max_ns < Some(now_ns() - began_ns),
            "{row:?}"
        );
    }
}

#[test]
fn after_a_step_of_the_clock_no_delay_is_known() {
    // Forward, the stamps come to lie after their tokens were seen; backward, long before: only the clocks tell.
    for step_ns in [3_600_000_000_000, -3_600_000_000_000, 2_000_000, -2_000_000] {
        for row in measured(WallOffset::read().set_forward(step_ns)) {
            assert_eq!(
                (row.delay_source, row.delay_max_ns),
                (DelaySource::None, None),
                "{step_ns} ns: {row:?}"
            );
            assert_eq!(row.output_tokens, Some(2));
        }
    }
}

#[test]
fn a_stamp_later_than_its_token_was_seen_betrays_a_step_that_was_taken_back() {
    use crate::crew::{Done, Outcome};
    use crate::exchange::Exchange;
    use crate::wire::{Piece, Recorder};
    let offset = WallOffset::read();
    let kept = |received_ns: u64| {
        let token = |received_ns| Piece {
            seen_ns: 1_000_000_000,
            written_ns: None,
            received_ns: NonZeroU64::new(received_ns),
        };
        let mut recorder = Recorder::with_capacity(2);
        recorder.pieces = vec![token(900_000_000), token(received_ns)];
        let exchange = Exchange {
            stage: tandem_records::Stage::Stream,
            start_ns: 0,
            end_ns: None,
            connect_ns: None,
            recorder,
            error: None,
        };
        let done = Done { exchanges: vec![exchange], ..Done::default() };
        let mut outcomes = [Outcome { done, ..Outcome::default() }];
        super::discard_unsound(Some(offset), &mut outcomes);
        let tokens = &outcomes[0].done.exchanges[0].recorder.pieces;
        tokens.iter().filter(|token| token.received_ns.is_some()).count()
    };
    assert_eq!((kept(999_999_999), kept(1_100_000_000)), (2, 0));
}
