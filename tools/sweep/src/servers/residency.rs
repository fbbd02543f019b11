//! Whether a model stayed loaded, as it was, from before a trial until after it.

use super::facts::{list_or_null, same_model};
use super::http::{Asker, Failure, LOAD_LIMIT, SHORT_LIMIT};
use crate::plan::Cell;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_records::{Api, RequestOptions};

/// Options of Ollama that take effect when a model is loaded: another value loads it again.
pub(crate) const LOAD_OPTIONS: &[&str] =
    &["num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread"];

/// How a model lies in a server's memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Resident {
    pub size: Option<u64>,
    pub size_vram: Option<u64>,
    pub context_length: Option<u64>,
    pub digest: Option<String>,
    /// Whether its time is over: a server may list a model that it is about to unload.
    #[serde(skip)]
    pub is_leaving: bool,
}

#[derive(Deserialize)]
struct Ps {
    #[serde(deserialize_with = "list_or_null")]
    models: Vec<PsModel>,
}

#[derive(Deserialize)]
struct PsModel {
    name: String,
    expires_at: Option<String>,
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
pub(crate) fn resident(url: &str, api: Api, model: &str) -> Result<Option<Resident>, Failure> {
    let url = format!("{url}/api/ps");
    let (ps, date): (Ps, _) = Asker::for_question(api, SHORT_LIMIT, &url)?.get_dated(&url)?;
    let there = ps.models.into_iter().find(|there| same_model(&there.name, model));
    Ok(there.map(|there| Resident {
        is_leaving: is_over(there.expires_at.as_deref(), date.unwrap_or_else(Timestamp::now)),
        ..there.resident
    }))
}

/// Whether a model expires within the second that the server's clock shows. Go's zero time, of the year 1, is none.
fn is_over(expires_at: Option<&str>, now: Timestamp) -> bool {
    let expires_at = expires_at.and_then(|text| text.parse::<Timestamp>().ok());
    expires_at.is_some_and(|at| at > Timestamp::UNIX_EPOCH && at < now + SignedDuration::from_secs(1))
}

/// Why the trial between two looks met a load of the model; `None` where nothing shows one.
///
/// `load_duration` is no witness: it counts from the request's arrival to an assigned runner, and was 80 to 329 ms under
/// load without any load of a model, 282 ms for real ones.
pub(super) fn loaded(
    url: &str,
    api: Api,
    before: Option<&Resident>,
    after: Option<&Resident>,
) -> Option<String> {
    let stays = |resident: Option<&Resident>| resident.is_some_and(|resident| !resident.is_leaving);
    match (before, after) {
        // Requests of OpenAI's dialect cannot say how long a model is to stay.
        _ if api == Api::Openai && !stays(before) && !stays(after) => {
            Some(format!("{url} unloads the model after a request: each request loads it"))
        }
        // The warm-up loads it, which is not measured.
        (None, Some(_)) if api == Api::Openai => None,
        (None, None) => None,
        (before, Some(after)) if after.is_leaving => {
            Some(format!("{url}: {} before the trial, its time over after it", words(before)))
        }
        (before, after) if facts(before) != facts(after) => {
            Some(format!("{url}: {} before the trial, {} after", words(before), words(after)))
        }
        _ => None,
    }
}

fn facts(resident: Option<&Resident>) -> Option<Resident> {
    resident.map(|resident| Resident { is_leaving: false, ..resident.clone() })
}

fn words(resident: Option<&Resident>) -> String {
    let Some(resident) = resident else { return "not loaded".to_string() };
    let number = |value: Option<u64>| value.map_or("unknown".to_string(), |value| value.to_string());
    let digest = resident.digest.as_deref().unwrap_or("unknown");
    format!(
        "size {} size_vram {} context_length {} digest {}",
        number(resident.size),
        number(resident.size_vram),
        number(resident.context_length),
        digest.chars().take(12).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Resident {
        Resident {
            size: Some(5),
            size_vram: Some(0),
            context_length: Some(4096),
            digest: Some("d".into()),
            is_leaving: false,
        }
    }

    #[test]
    fn a_load_is_told_by_what_changed_between_two_looks() {
        let grown = Resident { size: Some(6), ..there() };
        let other = Resident { digest: Some("e".into()), ..there() };
        let leaving = Resident { is_leaving: true, ..there() };
        let (ollama, openai) = (Api::Ollama, Api::Openai);
        for (api, before, after, is_loaded) in [
            (ollama, Some(there()), Some(there()), false),
            (ollama, Some(there()), Some(grown.clone()), true),
            (ollama, Some(there()), Some(other), true),
            (ollama, Some(there()), None, true),
            (ollama, None, Some(there()), true),
            (ollama, Some(there()), Some(leaving.clone()), true),
            // What runs elsewhere in Ollama's name is never listed.
            (ollama, None, None, false),
            (openai, Some(there()), Some(there()), false),
            (openai, None, Some(there()), false),
            (openai, Some(there()), Some(grown), true),
            (openai, None, None, true),
            (openai, Some(there()), None, true),
            (openai, None, Some(leaving), true),
        ] {
            let told = loaded("http://s", api, before.as_ref(), after.as_ref());
            assert_eq!(told.is_some(), is_loaded, "{api} {before:?} {after:?}: {told:?}");
        }
    }

    #[test]
    fn a_model_is_leaving_when_its_time_is_over_on_the_servers_clock() {
        let now: Timestamp = "2026-12-01T02:18:28Z".parse().unwrap();
        for (expires_at, over) in [
            (Some("2026-12-01T02:18:28.222276372Z"), true),
            (Some("2026-12-01T02:18:27Z"), true),
            (Some("2026-12-01T02:48:28.2Z"), false),
            (Some("2319-03-03T07:14:25.61229287Z"), false),
            (Some("0001-01-01T00:00:00Z"), false),
            (Some("never"), false),
            (None, false),
        ] {
            assert_eq!(is_over(expires_at, now), over, "{expires_at:?}");
        }
    }
}
