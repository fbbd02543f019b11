//! Looks whether two Ollama servers answer where the study had them.

use super::http::Asker;
use crate::target::OLLAMA_URLS;
use serde_json::Value;
use std::time::Duration;

/// On loopback a closed port refuses at once; an open one that says nothing for this long is no idle Ollama.
const LIMIT: Duration = Duration::from_millis(500);

/// True when both of the usual ports speak Ollama's API.
pub fn ollama_answers() -> bool {
    let asker = Asker::new(LIMIT);
    OLLAMA_URLS.iter().all(|url| {
        asker.get::<Value>(&format!("{url}/api/version")).is_ok_and(|answer| answer.get("version").is_some())
    })
}
