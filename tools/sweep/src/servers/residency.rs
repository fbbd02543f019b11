//! Whether a model stayed loaded, as it was, from before a trial until after it.

use super::http::{Asker, Failure, LOAD_LIMIT, SHORT_LIMIT};
use super::probe::same_model;
use crate::plan::Cell;
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_records::RequestOptions;

/// Options of Ollama that take effect when a model is loaded: another value loads it again.
pub(crate) const LOAD_OPTIONS: &[&str] =
    &["num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread"];

/// How a model lies in a server's memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Resident {
    pub size_vram: Option<u64>,
    pub context_length: Option<u64>,
}

#[derive(Deserialize)]
struct Ps {
    models: Vec<PsModel>,
}

#[derive(Deserialize)]
struct PsModel {
    name: String,
    #[serde(flatten)]
    resident: Resident,
}

/// The load options that the agents on server number `server` use.
pub(super) fn load_options(cell: &Cell, server: u32) -> RequestOptions {
    let (a, b) = cell.options();
    // The first agent of a server decides; where two roles share a server their load options are equal.
    let options = if server.is_multiple_of(2) { a } else { b };
    options.into_iter().filter(|(key, _)| LOAD_OPTIONS.contains(&key.as_str())).collect()
}

/// Loads the model with these options, if it is not loaded so already, and keeps it for 30 minutes.
pub(super) fn load(url: &str, model: &str, options: &RequestOptions) -> Result<(), Failure> {
    let body = json!({"model": model, "keep_alive": "30m", "stream": false, "options": Value::Object(options.clone())});
    Asker::new(LOAD_LIMIT).post(&format!("{url}/api/generate"), &body).map(drop)
}

/// How the model lies in memory; `None` when it is not loaded.
pub(crate) fn resident(url: &str, model: &str) -> Result<Option<Resident>, Failure> {
    let ps: Ps = Asker::new(SHORT_LIMIT).get(&format!("{url}/api/ps"))?;
    Ok(ps.models.into_iter().find(|there| same_model(&there.name, model)).map(|there| there.resident))
}

/// What changed, in words; `None` when nothing did.
pub(super) fn change(url: &str, before: Option<&Resident>, after: Option<&Resident>) -> Option<String> {
    if before == after {
        return None;
    }
    let words = |resident: Option<&Resident>| match resident {
        None => "not loaded".to_string(),
        Some(resident) => {
            let number = |value: Option<u64>| value.map_or("unknown".to_string(), |value| value.to_string());
            format!(
                "size_vram {} context_length {}",
                number(resident.size_vram),
                number(resident.context_length)
            )
        }
    };
    Some(format!("{url}: {} before the trial, {} after", words(before), words(after)))
}
