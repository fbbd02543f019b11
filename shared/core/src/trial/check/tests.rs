use super::*;
use crate::exchange::Protocol;
use crate::http::{Reading, Target};
use crate::workload::AgentPlan;
use std::sync::Arc;
use std::time::Duration;
use tandem_records::{Api, Endpoint, RequestOptions, Role, TokensFrom, TrialSpec};

fn setup(kind: ServerKind, cache: Cache, agents: u32) -> Setup {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        spec: TrialSpec,
    }
    let line = <Line as clap::Parser>::parse_from(["arm", "--server", "http://127.0.0.1:1", "--model", "m"]);
    let plan = |index: u32| AgentPlan {
        index,
        role: if index.is_multiple_of(2) { Role::Collector } else { Role::Insight },
        target: Target::parse("http://127.0.0.1:1").unwrap(),
        model: "m".into(),
        tokens: 30,
        seed: 1,
        options: RequestOptions::new(),
        leave_out: Vec::new(),
        cold: None,
    };
    Setup {
        spec: TrialSpec { server_kind: kind, cache, agents, ..line.spec },
        agents: (0..agents).map(|index| Arc::new(plan(index))).collect(),
        protocol: Protocol {
            api: Api::Ollama,
            endpoint: Endpoint::Generate,
            path: "/api/generate",
            timeout: Duration::from_secs(1),
            reading: Reading { cap_bytes: 0, stamps: None },
        },
        permits: agents,
    }
}

/// A response: phase, agent, tokens, text digest, reason.
type Response<'a> = (Phase, u32, u64, &'a str, &'a str);

fn judged(setup: &Setup, responses: &[Response<'_>]) -> (Status, String) {
    let mut rows: Vec<RequestRow> = responses
        .iter()
        .map(|&(phase, agent, tokens, digest, reason)| RequestRow {
            output_tokens: Some(tokens),
            pieces: Some(tokens),
            tokens_from: Some(TokensFrom::Server),
            digest: digest.into(),
            done_reason: reason.into(),
            ..RequestRow::of(
                &AgentRow::of(&setup.spec, phase, agent, Role::Collector, "http://127.0.0.1:1"),
                0,
            )
        })
        .collect();
    super::responses(setup, &[], &mut rows)
}

#[test]
fn the_simulator_must_send_the_length_and_the_text_it_was_asked_for() {
    use Phase::{Concurrent, Solo};
    let sim = setup(ServerKind::Sim, Cache::None, 2);
    assert_eq!(judged(&sim, &[(Solo, 0, 30, "a", ""), (Concurrent, 0, 30, "a", "")]).0, Status::Ok);
    assert_eq!(
        judged(&sim, &[(Solo, 0, 30, "a", ""), (Concurrent, 0, 30, "b", "")]).0,
        Status::DigestMismatch
    );
    assert_eq!(
        judged(&sim, &[(Solo, 0, 29, "a", ""), (Concurrent, 0, 30, "a", "")]).0,
        Status::LengthMismatch
    );
    let cold = setup(ServerKind::Sim, Cache::Cold, 2);
    assert_eq!(judged(&cold, &[(Solo, 0, 30, "a", ""), (Concurrent, 0, 30, "b", "")]).0, Status::Ok);
}

#[test]
fn a_real_server_must_reach_the_length_and_repeat_it() {
    use Phase::{Concurrent, Solo};
    let real = setup(ServerKind::Ollama, Cache::Warm, 4);
    let ok = [(Solo, 0, 30, "a", "length"), (Concurrent, 2, 30, "b", "length")];
    assert_eq!(judged(&real, &ok), (Status::Ok, String::new()));
    let held_back = [(Solo, 0, 28, "a", "length"), (Concurrent, 0, 28, "a", "length")];
    assert_eq!(judged(&real, &held_back).0, Status::Ok, "pieces may be fewer than tokens");
    let stopped = judged(&real, &[(Solo, 0, 12, "a", "stop"), (Concurrent, 0, 12, "a", "stop")]);
    assert_eq!(stopped.0, Status::LengthMismatch);
    assert!(stopped.1.starts_with("agent 0 solo: 12 of 30 tokens (stop)"), "{}", stopped.1);
    assert_eq!(judged(&real, &[(Solo, 0, 0, "", "length")]).0, Status::LengthMismatch, "an empty response");
    let of_another = judged(&real, &[(Solo, 0, 30, "a", "length"), (Concurrent, 2, 27, "b", "length")]);
    assert_eq!(of_another.0, Status::LengthMismatch, "agent 2 is measured against the solo run of agent 0");
    assert_eq!(of_another.1, "agent 2 concurrent: 30 tokens alone, 27 together");
}

#[test]
fn a_free_length_is_only_held_against_the_same_agent_alone() {
    use Phase::{Concurrent, Solo};
    let free = |kind, cache, agents| {
        let mut setup = setup(kind, cache, agents);
        setup.spec.length = Length::Free;
        setup
    };
    let sim = free(ServerKind::Sim, Cache::None, 2);
    assert_eq!(judged(&sim, &[(Solo, 0, 512, "a", "stop"), (Concurrent, 0, 512, "a", "stop")]).0, Status::Ok);
    let (status, error) = judged(&sim, &[(Solo, 0, 1, "a", "stop")]);
    assert_eq!(status, Status::LengthMismatch);
    assert_eq!(error, "agent 0 solo: 1 tokens (stop) in 1 pieces of text; a gap needs two pieces");
    let real = free(ServerKind::Ollama, Cache::Warm, 4);
    let (status, error) = judged(
        &real,
        &[(Solo, 0, 30, "a", "stop"), (Solo, 2, 41, "b", "stop"), (Concurrent, 2, 41, "b", "stop")],
    );
    assert_eq!((status, error.as_str()), (Status::Ok, ""), "agent 2 has a length and a solo run of its own");
    let differs = judged(&real, &[(Solo, 2, 41, "b", "stop"), (Concurrent, 2, 40, "b", "stop")]);
    assert_eq!(differs.0, Status::LengthMismatch);
}

#[test]
fn pieces_that_stand_for_tokens_may_be_fewer_together() {
    use Phase::{Concurrent, Solo};
    let real = setup(ServerKind::Openai, Cache::Warm, 2);
    let row = |phase, pieces, from, reason: &str| RequestRow {
        output_tokens: Some(pieces),
        pieces: Some(pieces),
        tokens_from: Some(from),
        done_reason: reason.into(),
        ..RequestRow::of(&AgentRow::of(&real.spec, phase, 0, Role::Collector, "http://127.0.0.1:1"), 0)
    };
    let judged = |from, reason| {
        super::responses(&real, &[], &mut [row(Solo, 30, from, reason), row(Concurrent, 22, from, reason)]).0
    };
    assert_eq!(judged(TokensFrom::Pieces, "length"), Status::Ok, "both ran to the length that was asked for");
    assert_eq!(judged(TokensFrom::Server, "length"), Status::LengthMismatch, "the server counted");
    assert_eq!(judged(TokensFrom::Pieces, "stop"), Status::LengthMismatch);
}

#[test]
fn an_end_without_a_reason_needs_its_length() {
    let mut real = setup(ServerKind::Openai, Cache::Warm, 2);
    real.spec.api = Api::Openai;
    assert_eq!(judged(&real, &[(Phase::Solo, 0, 30, "a", "")]).0, Status::Ok);
    assert_eq!(judged(&real, &[(Phase::Solo, 0, 29, "a", "")]).0, Status::NoDone);
    real.spec.length = Length::Free;
    assert_eq!(judged(&real, &[(Phase::Solo, 0, 30, "a", "")]).0, Status::NoDone);
}
