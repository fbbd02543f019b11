//! Checks a real server before the run: reachable, version, model present, one stream of two tokens.

use super::http::{Asker, Failure, LOAD_LIMIT, SHORT_LIMIT};
use crate::SweepError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_records::{API_KEY_VARIABLE, Api, Endpoint, RequestOptions, Status};

/// What a server says of itself.
pub(crate) struct Facts {
    pub url: String,
    pub version: Option<String>,
    pub models: Vec<ModelFact>,
}

/// A model that a server has.
pub(crate) struct ModelFact {
    pub name: String,
    pub digest: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    digest: Option<String>,
}

#[derive(Deserialize)]
struct OpenaiModels {
    data: Vec<OpenaiModel>,
}

#[derive(Deserialize)]
struct OpenaiModel {
    id: String,
}

/// Asks a server for its version and models.
pub(crate) fn facts(url: &str, api: Api) -> Result<Facts, SweepError> {
    let asker = Asker::for_api(api, SHORT_LIMIT)?;
    let asked = || -> Result<Facts, Failure> {
        Ok(match api {
            Api::Ollama => {
                let version: Version = asker.get(&format!("{url}/api/version"))?;
                let tags: Tags = asker.get(&format!("{url}/api/tags"))?;
                let models =
                    tags.models.into_iter().map(|tag| ModelFact { name: tag.name, digest: tag.digest });
                Facts { url: url.into(), version: Some(version.version), models: models.collect() }
            }
            Api::Openai => {
                let list: OpenaiModels = asker.get(&format!("{url}/v1/models"))?;
                let models = list.data.into_iter().map(|model| ModelFact { name: model.id, digest: None });
                Facts { url: url.into(), version: None, models: models.collect() }
            }
        })
    };
    asked().map_err(|failure| unusable(url, api, &failure))
}

fn unusable(url: &str, api: Api, failure: &Failure) -> SweepError {
    let what = &failure.what;
    let why = match (failure.status, api) {
        (Status::Refused | Status::Timeout | Status::Reset, Api::Ollama) => {
            let host = url.trim_start_matches("http://");
            format!(
                "{what}; start it (OLLAMA_HOST={host} ollama serve), name others with --servers, or use --servers sim"
            )
        }
        (Status::Refused | Status::Timeout | Status::Reset, Api::Openai) => {
            format!("{what}; start it, name others with --servers, or use --servers sim")
        }
        (Status::ModelMissing | Status::Malformed, Api::Ollama) => {
            format!("not an Ollama server ({what}); name others with --servers or try --api openai")
        }
        (Status::ModelMissing | Status::Malformed, Api::Openai) => {
            format!("not a server of OpenAI's API ({what}); name others with --servers or try --api ollama")
        }
        (Status::HttpError, Api::Openai) if what.starts_with("HTTP 401") || what.starts_with("HTTP 403") => {
            format!("{what}; put its key into the environment variable {API_KEY_VARIABLE}")
        }
        _ => format!("{what}; try it by hand (curl {})", failure.url),
    };
    SweepError::Server(format!("server {url} cannot be used: {why}"))
}

/// The model to measure: the one asked for, or the only one that all servers have.
pub(crate) fn choose_model(servers: &[&Facts], asked: Option<&str>) -> Result<String, SweepError> {
    if let Some(model) = asked {
        for server in servers {
            if server.digest_of(model).is_none() {
                let there = list(server.models.iter().map(|model| model.name.as_str()));
                let url = &server.url;
                return Err(SweepError::Server(format!(
                    "server {url} has no model {model}; those it has: {there}; name one with --model or pull it (ollama pull {model})"
                )));
            }
        }
        return Ok(model.to_string());
    }
    let names =
        |server: &&Facts| server.models.iter().map(|model| model.name.clone()).collect::<BTreeSet<_>>();
    let common =
        servers.iter().map(names).reduce(|a, b| a.intersection(&b).cloned().collect()).unwrap_or_default();
    match common.len() {
        1 => Ok(common.into_iter().next().unwrap_or_default()),
        0 => {
            let each: Vec<String> = servers
                .iter()
                .map(|s| format!("{} has {}", s.url, list(s.models.iter().map(|m| m.name.as_str()))))
                .collect();
            Err(SweepError::Server(format!(
                "the servers have no model in common ({}); pull one on all",
                each.join("; ")
            )))
        }
        _ => Err(SweepError::Usage(format!(
            "the servers have several models in common; name one with --model: {}",
            list(common.iter().map(String::as_str))
        ))),
    }
}

impl Facts {
    /// The digest of a model this server has (`None` inside: it does not tell); `None` when it has no such model.
    pub fn digest_of(&self, model: &str) -> Option<Option<String>> {
        self.models.iter().find(|there| same_model(&there.name, model)).map(|there| there.digest.clone())
    }
}

/// Ollama lists `tiny` as `tiny:latest`.
pub(crate) fn same_model(a: &str, b: &str) -> bool {
    fn bare(name: &str) -> &str {
        name.strip_suffix(":latest").unwrap_or(name)
    }
    bare(a) == bare(b)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

/// Streams two tokens, loading the model with these options if need be.
pub(super) fn stream_two_tokens(
    url: &str,
    api: Api,
    endpoint: Endpoint,
    model: &str,
    load_options: &RequestOptions,
) -> Result<(), SweepError> {
    let (path, mut body) = match (api, endpoint) {
        (Api::Ollama, Endpoint::Generate) => ("/api/generate", json!({"prompt": "Count to two."})),
        (Api::Ollama, Endpoint::Chat) => {
            ("/api/chat", json!({"messages": [{"role": "user", "content": "Count to two."}]}))
        }
        (Api::Openai, Endpoint::Generate) => ("/v1/completions", json!({"prompt": "Count to two."})),
        (Api::Openai, Endpoint::Chat) => {
            ("/v1/chat/completions", json!({"messages": [{"role": "user", "content": "Count to two."}]}))
        }
    };
    body["model"] = model.into();
    body["stream"] = true.into();
    match api {
        Api::Ollama => {
            let mut options = load_options.clone();
            options.insert("num_predict".into(), 2.into());
            options.insert("seed".into(), 1.into());
            body["options"] = Value::Object(options);
            body["keep_alive"] = "30m".into();
        }
        Api::Openai => body["max_tokens"] = 2.into(),
    }
    let url = format!("{url}{path}");
    let unusable = |why: &str| {
        SweepError::Server(format!(
            "server {url} does not stream two tokens of {model}: {why}; try it by hand (curl) or name another --model"
        ))
    };
    let text =
        Asker::for_api(api, LOAD_LIMIT)?.post(&url, &body).map_err(|failure| unusable(&failure.what))?;
    let ended = match api {
        Api::Ollama => ends_ollama(&text),
        Api::Openai => ends_openai(&text),
    };
    ended.map_err(|why| unusable(&why))
}

fn ends_ollama(text: &str) -> Result<(), String> {
    for (tokens, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        if object(line)?["done"] == true {
            return some(tokens);
        }
    }
    Err("the stream ended without a final record".into())
}

fn ends_openai(text: &str) -> Result<(), String> {
    for (events, data) in
        text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).enumerate()
    {
        if data == "[DONE]" {
            return some(events);
        }
        object(data)?;
    }
    Err("the stream ended without [DONE]".into())
}

fn some(pieces: usize) -> Result<(), String> {
    if pieces > 0 { Ok(()) } else { Err("it is done without a token".into()) }
}

fn object(line: &str) -> Result<Value, String> {
    let object: Value = serde_json::from_str(line).map_err(|e| format!("a line that is no JSON ({e})"))?;
    match &object["error"] {
        Value::Null => Ok(object),
        Value::String(error) => Err(error.clone()),
        error => Err(error.to_string()),
    }
}
