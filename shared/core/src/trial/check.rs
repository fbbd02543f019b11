//! Whether the responses of a trial are what was asked for. A benchmark is also a test.

use super::Setup;
use std::collections::HashMap;
use tandem_records::{AgentRow, Api, Cache, Length, Phase, RequestRow, ServerKind, Status, TokensFrom};

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
    let (tokens, pieces) = (row.output_tokens.unwrap_or(0), row.pieces.unwrap_or(0));
    let gives_reason = !row.done_reason.is_empty();
    let why = if gives_reason { &row.done_reason } else { "no reason given" };
    let asked = match setup.spec.length {
        Length::Fixed => Some(u64::from(setup.agents[row.agent as usize].tokens)),
        Length::Free => None,
    };
    // An end without a reason is that of a whole response only where its length proves it.
    if setup.spec.api == Api::Openai && !gives_reason && asked.is_none_or(|asked| tokens < asked) {
        let error =
            format!("the stream ended after {pieces} pieces without a reason: whole or cut, it does not say");
        return Some((Status::NoDone, error));
    }
    // A server that does not count may put several tokens into a piece, and one that does may hold back half a UTF-8 character: only its
    // reason tells whether it went to the length asked for.
    let is_short = asked.is_some_and(|asked| match setup.spec.server_kind {
        ServerKind::Sim => tokens != asked,
        ServerKind::Ollama | ServerKind::Openai => tokens < asked && !reached_limit(row),
    });
    let error = match asked {
        Some(asked) if is_short => {
            format!("{tokens} of {asked} tokens ({why}); ask for a length that every response reaches")
        }
        _ if pieces < 2 => {
            format!("{tokens} tokens ({why}) in {pieces} pieces of text; a gap needs two pieces")
        }
        _ => return None,
    };
    Some((Status::LengthMismatch, error))
}

/// Whether the server says that it stopped at the length asked for.
fn reached_limit(row: &RequestRow) -> bool {
    ["length", "max_tokens", "max_length", "max_output_tokens", "limit"].contains(&row.done_reason.as_str())
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
        // Pieces that stand for tokens may join under load: then both having run to the length asked for is what tells.
        let ran_on = |row: &RequestRow| row.tokens_from == Some(TokensFrom::Pieces) && reached_limit(row);
        let both_ran_on = setup.spec.length == Length::Fixed && ran_on(solo) && ran_on(row);
        return (tokens(solo) != tokens(row) && !both_ran_on).then(|| {
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
