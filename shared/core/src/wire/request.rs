//! Request bodies and paths of both dialects.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tandem_records::{Api, Endpoint, RequestOptions};

/// How long a server is asked to keep its model loaded, so that no trial of a sweep meets a reload.
const KEEP_ALIVE: &str = "30m";

/// Sent when the plan names no temperature: Ollama's own default, made explicit.
const TEMPERATURE: f64 = 0.8;

/// One request as an agent wants it.
#[derive(Debug, Clone)]
pub struct PromptRequest<'a> {
    /// Model name.
    pub model: &'a str,
    /// The whole prompt.
    pub prompt: &'a str,
    /// Response length in tokens.
    pub tokens: u32,
    /// Sampling seed.
    pub seed: u32,
    /// Further options of the server's API; they win over the defaults.
    pub options: &'a RequestOptions,
}

/// Path of the streaming endpoint.
pub fn path(api: Api, endpoint: Endpoint) -> &'static str {
    match (api, endpoint) {
        (Api::Ollama, Endpoint::Generate) => "/api/generate",
        (Api::Ollama, Endpoint::Chat) => "/api/chat",
        (Api::Openai, Endpoint::Generate) => "/v1/completions",
        (Api::Openai, Endpoint::Chat) => "/v1/chat/completions",
    }
}

/// The request's JSON body.
pub fn body(api: Api, endpoint: Endpoint, request: &PromptRequest<'_>) -> Bytes {
    let mut body = Map::new();
    body.insert("model".into(), request.model.into());
    match endpoint {
        Endpoint::Generate => body.insert("prompt".into(), request.prompt.into()),
        Endpoint::Chat => {
            body.insert("messages".into(), json!([{"role": "user", "content": request.prompt}]))
        }
    };
    body.insert("stream".into(), true.into());
    let mut options = Map::new();
    options.insert("temperature".into(), TEMPERATURE.into());
    options.insert("seed".into(), request.seed.into());
    match api {
        Api::Ollama => {
            options.insert("num_predict".into(), request.tokens.into());
            options.extend(request.options.clone());
            body.insert("keep_alive".into(), KEEP_ALIVE.into());
            body.insert("options".into(), Value::Object(options));
        }
        Api::Openai => {
            options.insert("max_tokens".into(), request.tokens.into());
            options.insert("stream_options".into(), json!({"include_usage": true}));
            options.extend(request.options.clone());
            body.extend(options);
        }
    }
    Value::Object(body).to_string().into()
}
