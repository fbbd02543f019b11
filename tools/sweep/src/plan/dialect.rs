//! Options of a request that only one of the dialects knows.

use crate::servers::LOAD_OPTIONS;
use tandem_records::Api;

/// Options of Ollama that stand beside its `options`.
const OLLAMA_OPTIONS: &[&str] = &["think", "format", "raw", "system", "template", "truncate", "keep_alive"];
/// Options of OpenAI's API that Ollama's own ignores.
const OPENAI_OPTIONS: &[&str] = &["reasoning_effort"];

/// Whether this dialect does not know an option because it is one of the other's.
pub(super) fn is_of_other_dialect(api: Api, key: &str) -> bool {
    match api {
        Api::Ollama => OPENAI_OPTIONS.contains(&key),
        Api::Openai => OLLAMA_OPTIONS.contains(&key) || LOAD_OPTIONS.contains(&key),
    }
}

/// What to do about an option that a dialect does not know.
pub(crate) fn instead_of(key: &str) -> &'static str {
    match key {
        "think" => "OpenAI's API has reasoning_effort in its place",
        "reasoning_effort" => "Ollama's API has think in its place",
        _ if LOAD_OPTIONS.contains(&key) => {
            "OpenAI's API has no load options; set them where the servers are started"
        }
        _ => "it is an option of Ollama's API alone",
    }
}
