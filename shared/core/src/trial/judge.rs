//! Whether the responses of a trial are what was asked for. A benchmark is also a test.

use super::Setup;
use tandem_records::{AgentRow, Phase, RequestRow, ServerKind, Status};

/// A warm request spends about 1 ms until its runner is assigned, a load at least 250 ms even for a model of 1 MB.
const LOAD_NS: u64 = 100_000_000;

/// Marks bad responses and returns the trial's status: the first thing that went wrong.
pub(super) fn trial(setup: &Setup, agents: &[AgentRow], requests: &mut [RequestRow]) -> (Status, String) {
    for row in requests.iter_mut().filter(|row| row.phase != Phase::Warmup && row.status.is_ok()) {
        let asked = u64::from(setup.agents[row.agent as usize].tokens);
        let got = row.output_tokens;
        if setup.spec.server_kind == ServerKind::Sim && got != Some(asked) {
            row.status = Status::LengthMismatch;
            row.error =
                format!("asked for {asked} tokens, got {}", got.map_or("none".into(), |n| n.to_string()));
        }
        if setup.spec.server_kind != ServerKind::Sim && row.load_ns.is_some_and(|ns| ns > LOAD_NS) {
            row.status = Status::Reloaded;
            row.error = "the server loaded its model inside a measured phase".into();
        }
    }
    let mut differing = None;
    for agent in 0..setup.agents.len() as u32 {
        let find = |requests: &[RequestRow], phase| {
            requests.iter().position(|row| row.agent == agent && row.phase == phase && row.call == 0)
        };
        let (Some(solo), Some(together)) = (find(requests, Phase::Solo), find(requests, Phase::Concurrent))
        else {
            continue;
        };
        if !requests[solo].status.is_ok() || !requests[together].status.is_ok() {
            continue;
        }
        let lengths = (requests[solo].output_tokens, requests[together].output_tokens);
        if setup.spec.server_kind == ServerKind::Sim {
            if requests[solo].digest != requests[together].digest {
                requests[together].status = Status::DigestMismatch;
                requests[together].error = "another text than in the solo phase for the same seed".into();
            }
        } else if lengths.0 != lengths.1 && differing.is_none() {
            let text = |n: Option<u64>| n.map_or("none".into(), |n| n.to_string());
            differing = Some(format!(
                "agent {agent}: {} tokens alone, {} together",
                text(lengths.0),
                text(lengths.1)
            ));
        }
    }
    if let Some(failed) = requests.iter().find(|row| !row.status.is_ok()) {
        return (
            failed.status,
            format!("agent {} {:?}: {}", failed.agent, failed.phase, failed.error).to_lowercase(),
        );
    }
    if let Some(failed) = agents.iter().find(|row| !row.status.is_ok()) {
        return (failed.status, format!("agent {}", failed.agent));
    }
    match differing {
        Some(text) => (Status::LengthMismatch, text),
        None => (Status::Ok, String::new()),
    }
}
