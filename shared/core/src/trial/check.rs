//! Whether the responses of a trial are what was asked for. A benchmark is also a test.

use super::Setup;
use std::collections::HashMap;
use tandem_records::{AgentRow, Cache, Length, Phase, RequestRow, ServerKind, Status};

/// A warm request spends about 1 ms until its runner is assigned, a load at least 250 ms even for a model of 1 MB.
const LOAD_NS: u64 = 100_000_000;

/// Marks bad responses and returns the trial's status: the first thing that went wrong.
pub(super) fn responses(setup: &Setup, agents: &[AgentRow], requests: &mut [RequestRow]) -> (Status, String) {
    for row in requests.iter_mut().filter(|row| row.phase != Phase::Warmup && row.status.is_ok()) {
        if let Some((status, error)) = alone(setup, row) {
            (row.status, row.error) = (status, error);
        }
    }
    let solos = solos(requests);
    for row in requests.iter_mut().filter(|row| row.phase == Phase::Concurrent && row.status.is_ok()) {
        let twin = setup.representative(row.agent as usize) as u32;
        if let Some(solo) = solos.get(&(twin, row.call))
            && let Some((status, error)) = against_solo(setup, solo, row)
        {
            (row.status, row.error) = (status, error);
        }
    }
    if let Some(failed) = requests.iter().find(|row| !row.status.is_ok()) {
        let place = format!("agent {} {:?}", failed.agent, failed.phase).to_lowercase();
        return (failed.status, format!("{place}: {}", failed.error));
    }
    match agents.iter().find(|row| !row.status.is_ok()) {
        Some(failed) => (failed.status, format!("agent {}", failed.agent)),
        None => (Status::Ok, String::new()),
    }
}

/// What is wrong with one response by itself.
fn alone(setup: &Setup, row: &RequestRow) -> Option<(Status, String)> {
    if let Some(error) = wrong_length(setup, row) {
        return Some((Status::LengthMismatch, error));
    }
    let loaded = setup.spec.server_kind != ServerKind::Sim && row.load_ns.is_some_and(|ns| ns > LOAD_NS);
    loaded.then(|| (Status::Reloaded, "the server loaded its model inside a measured phase".into()))
}

/// What is wrong with the length of a response.
fn wrong_length(setup: &Setup, row: &RequestRow) -> Option<String> {
    let got = row.output_tokens.unwrap_or(0);
    let why = if row.done_reason.is_empty() { "no reason given" } else { &row.done_reason };
    let asked = match setup.spec.length {
        Length::Fixed => u64::from(setup.agents[row.agent as usize].tokens),
        Length::Free => return (got < 2).then(|| format!("{got} tokens ({why}); a gap needs two tokens")),
    };
    // A real server may hold back half a UTF-8 character: its pieces can be fewer than its tokens, and only its
    // reason tells whether it went to the length asked for.
    let wrong = match setup.spec.server_kind {
        ServerKind::Sim => got != asked,
        ServerKind::Ollama | ServerKind::Openai => got < 2 || (got < asked && row.done_reason != "length"),
    };
    wrong.then(|| format!("{got} of {asked} tokens ({why}); ask for a length that every response reaches"))
}

/// The good responses of agents alone, by agent and call.
fn solos(requests: &[RequestRow]) -> HashMap<(u32, u32), RequestRow> {
    let good = requests.iter().filter(|row| row.phase == Phase::Solo && row.status.is_ok());
    good.map(|row| ((row.agent, row.call), row.clone())).collect()
}

/// What is wrong with a concurrent response when its solo twin is known.
fn against_solo(setup: &Setup, solo: &RequestRow, row: &RequestRow) -> Option<(Status, String)> {
    if setup.spec.server_kind != ServerKind::Sim {
        let tokens = |row: &RequestRow| row.output_tokens.unwrap_or(0);
        return (tokens(solo) != tokens(row)).then(|| {
            (Status::LengthMismatch, format!("{} tokens alone, {} together", tokens(solo), tokens(row)))
        });
    }
    // Agents have prompts of their own, so a text can only be compared with the same agent's.
    let comparable = solo.agent == row.agent && setup.spec.cache != Cache::Cold;
    (comparable && solo.digest != row.digest)
        .then(|| (Status::DigestMismatch, "another text than in the solo phase for the same seed".into()))
}

#[cfg(test)]
mod tests;
