//! Request bodies and paths of both dialects.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tandem_records::{Api, Endpoint, RequestField, RequestOptions};

/// How long a server is asked to keep its model loaded, so that no trial of a sweep meets a reload.
const KEEP_ALIVE: &str = "30m";

/// Sent when the plan names no temperature: Ollama's own default, made explicit.
const TEMPERATURE: f64 = 0.8;

/// Options of Ollama's requests that stand beside `options`; inside it the server ignores them without a word.
const TOP_LEVEL: &[&str] = &["think", "format", "raw", "system", "template", "truncate", "keep_alive"];

/// One request as an agent wants it.
#[derive(Debug, Clone)]
pub struct PromptRequest<'a> {
    /// Model name.
    pub model: &'a str,
    /// The whole prompt.
    pub prompt: &'a str,
    /// Longest response in tokens; `None` leaves it to the model.
    pub limit: Option<u32>,
    /// Sampling seed.
    pub seed: u32,
    /// Further options of the server's API; they win over the defaults.
    pub options: &'a RequestOptions,
    /// Fields that the server refuses.
    pub leave_out: &'a [RequestField],
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

/// The options of the request as they are sent: the instrument's own, overridden by those that the plan names.
pub fn options(api: Api, request: &PromptRequest<'_>) -> RequestOptions {
    let mut options = Map::new();
    options.insert("temperature".into(), TEMPERATURE.into());
    options.insert("seed".into(), request.seed.into());
    if let Some(limit) = request.limit {
        let name = match api {
            Api::Ollama => "num_predict",
            Api::Openai => "max_tokens",
        };
        options.insert(name.into(), limit.into());
    }
    options.extend(request.options.clone());
    request.leave_out.iter().for_each(|field| drop(options.remove(field.as_str())));
    options
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
    let options = options(api, request);
    match api {
        Api::Ollama => {
            body.insert("keep_alive".into(), KEEP_ALIVE.into());
            let (top, inside): (Map<_, _>, Map<_, _>) =
                options.into_iter().partition(|(name, _)| TOP_LEVEL.contains(&name.as_str()));
            body.extend(top);
            body.insert("options".into(), Value::Object(inside));
        }
        Api::Openai => {
            if !request.leave_out.contains(&RequestField::StreamOptions) {
                body.insert("stream_options".into(), json!({"include_usage": true}));
            }
            body.extend(options);
        }
    }
    Value::Object(body).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(api: Api, limit: Option<u32>, options: &RequestOptions) -> Value {
        let request = PromptRequest { model: "m", prompt: "p", limit, seed: 7, options, leave_out: &[] };
        serde_json::from_slice(&body(api, api.usual_endpoint(), &request)).unwrap()
    }

    #[test]
    fn a_free_length_sends_no_limit_but_still_the_seed() {
        let none = RequestOptions::new();
        let (fixed, free) = (sent(Api::Ollama, Some(9), &none), sent(Api::Ollama, None, &none));
        assert_eq!((&fixed["options"]["num_predict"], &fixed["options"]["seed"]), (&json!(9), &json!(7)));
        assert_eq!((&free["options"]["num_predict"], &free["options"]["seed"]), (&Value::Null, &json!(7)));
        let (fixed, free) = (sent(Api::Openai, Some(9), &none), sent(Api::Openai, None, &none));
        assert_eq!((&fixed["max_tokens"], &fixed["seed"]), (&json!(9), &json!(7)));
        assert_eq!((&free["max_tokens"], &free["seed"]), (&Value::Null, &json!(7)));
        assert_eq!(free["stream_options"], json!({"include_usage": true}));
    }

    #[test]
    fn the_options_of_the_plan_win() {
        let mut named = RequestOptions::new();
        named.insert("temperature".into(), 0.into());
        named.insert("num_ctx".into(), 512.into());
        assert_eq!(
            sent(Api::Ollama, Some(9), &named)["options"],
            json!({"temperature": 0, "seed": 7, "num_predict": 9, "num_ctx": 512})
        );
        assert_eq!(sent(Api::Openai, None, &named)["temperature"], json!(0));
    }
}
