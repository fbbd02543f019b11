//! What a generation request asks for, read from its body.

use crate::api_error::ApiError;
use crate::fields::Fields;
use crate::key::request_key;
use crate::models::Models;
use crate::options::{Options, keep_alive_ns};
use crate::thinking::{reasoning_effort, think, thinks};
use crate::wire::Dialect;
use serde_json::Value;

/// Ollama's default context without a GPU; the context array of a final record is never longer.
const DEFAULT_CONTEXT: i64 = 4096;
/// Response lengths above this are cut: a slip, not a wish.
const MOST_TOKENS: i64 = 10_000_000;

/// A readable request.
#[derive(Debug, PartialEq)]
pub struct Job {
    /// Endpoint.
    pub dialect: Dialect,
    /// Model as sent.
    pub model: String,
    /// Everything that is prompt, in order: part of the key.
    pub prompt: Vec<String>,
    /// Part of the key.
    pub seed: Option<i64>,
    /// Wished length; `None` means the configured one.
    pub tokens: Option<u32>,
    /// Tokens as they come, or one object at the end.
    pub stream: bool,
    /// `/api/generate` without a template: no context in the final record.
    pub raw: bool,
    /// OpenAI: a usage event was asked for.
    pub include_usage: bool,
    /// Length of the context in tokens.
    pub context: u32,
    /// How long the model stays loaded, where the request says it; negative is for ever, zero unloads.
    pub keep_alive_ns: Option<i64>,
    /// Nothing to answer: the model is only loaded or unloaded.
    pub load_only: bool,
    /// The model thinks before it answers.
    pub thinks: bool,
}

impl Job {
    /// Reads a body.
    ///
    /// # Errors
    /// What the real server would refuse it with.
    pub fn read(dialect: Dialect, body: &[u8], models: &Models) -> Result<Job, ApiError> {
        match dialect {
            Dialect::Generate => generate(body, models),
            Dialect::Chat => chat(body, models),
            Dialect::OpenAiChat | Dialect::OpenAiCompletion => openai(dialect, body, models),
        }
    }

    /// Tokens that the prompt would have: a quarter of its bytes, within the context.
    pub fn prompt_tokens(&self) -> u32 {
        let bytes: usize = self.prompt.iter().map(String::len).sum();
        (bytes.div_ceil(4).clamp(1, u32::MAX as usize) as u32).min(self.context)
    }

    /// What tells one prompt from another in a slot: seed and length are no part of it, but a template turns
    /// thinking off with words of its own.
    pub fn prompt_key(&self) -> u64 {
        let prompt: Vec<&str> = self.prompt.iter().map(String::as_str).collect();
        request_key(0, &self.model, &prompt, Some(i64::from(self.thinks)))
    }
}

fn wished(tokens: Option<i64>) -> Option<u32> {
    tokens.filter(|&n| n > 0).map(|n| n.min(MOST_TOKENS) as u32)
}

fn context(num_ctx: Option<i64>) -> u32 {
    num_ctx.filter(|&n| n > 0).unwrap_or(DEFAULT_CONTEXT).min(i64::from(u32::MAX)) as u32
}

/// What `/api/generate` and `/api/chat` share, in the order of Ollama's own checks.
fn native(
    dialect: Dialect,
    fields: &Fields,
    models: &Models,
    prompt: Vec<String>,
    load_only: bool,
) -> Result<Job, ApiError> {
    let model = fields.string("model")?.to_owned();
    let stream = fields.boolean("stream")?.unwrap_or(true);
    let raw = fields.boolean("raw")?.unwrap_or(false);
    let keep_alive_ns = fields.any("keep_alive").map(keep_alive_ns).transpose()?;
    let think = think(fields)?;
    let options = fields.object("options", "map[string]interface {}")?;
    if !models.has(&model) {
        return Err(ApiError::no_model(&model));
    }
    if raw
        && (!fields.string("template")?.is_empty()
            || !fields.string("system")?.is_empty()
            || fields.any("context").is_some())
    {
        return Err(ApiError::handling(400, "raw mode does not support template, system, or context"));
    }
    let thinks = thinks(think, models, &model)?;
    let options = options.map_or(Ok(Options::default()), Options::read)?;
    if !load_only {
        check_format(fields.any("format"))?;
    }
    Ok(Job {
        dialect,
        model,
        prompt,
        seed: options.seed,
        tokens: wished(options.num_predict),
        stream,
        raw,
        include_usage: false,
        context: context(options.num_ctx),
        keep_alive_ns,
        load_only,
        thinks,
    })
}

fn check_format(format: Option<&Value>) -> Result<(), ApiError> {
    match format {
        None | Some(Value::Object(_)) => Ok(()),
        Some(Value::String(name)) if name == "json" || name.is_empty() => Ok(()),
        Some(other) => {
            // Go prints the raw JSON of the field with %q.
            let shown = serde_json::Value::String(other.to_string()).to_string();
            Err(ApiError::handling(
                500,
                format!("invalid format: {shown}; expected \"json\" or a valid JSON Schema object"),
            ))
        }
    }
}

fn generate(body: &[u8], models: &Models) -> Result<Job, ApiError> {
    let fields = Fields::parse("GenerateRequest", body, "missing request body")?;
    let prompt = fields.string("prompt")?.to_owned();
    let load_only = prompt.is_empty();
    let parts = vec![prompt, fields.string("system")?.to_owned(), fields.string("suffix")?.to_owned()];
    native(Dialect::Generate, &fields, models, parts, load_only)
}

fn chat(body: &[u8], models: &Models) -> Result<Job, ApiError> {
    let fields = Fields::parse("ChatRequest", body, "missing request body")?;
    let messages = fields.array("messages", "[]api.Message")?;
    let mut prompt = Vec::with_capacity(messages.len() * 2);
    for message in messages {
        fields.element_is_object(message, "messages", "api.Message")?;
        prompt.push(fields.inner_string(message, "messages", "role")?.to_owned());
        prompt.push(fields.inner_string(message, "messages", "content")?.to_owned());
    }
    let load_only = messages.is_empty();
    native(Dialect::Chat, &fields, models, prompt, load_only)
}

fn openai(dialect: Dialect, body: &[u8], models: &Models) -> Result<Job, ApiError> {
    let is_chat = dialect == Dialect::OpenAiChat;
    let name = if is_chat { "ChatCompletionRequest" } else { "CompletionRequest" };
    let fields = Fields::parse(name, body, "EOF")?;
    let model = fields.string("model")?.to_owned();
    let stream = fields.boolean("stream")?.unwrap_or(false);
    let tokens = wished(fields.integer("max_tokens")?);
    let seed = fields.integer("seed")?;
    let options = fields.object("stream_options", "openai.StreamOptions")?;
    let include_usage = options.and_then(|map| map.get("include_usage")) == Some(&Value::Bool(true));
    let prompt = if is_chat { openai_messages(&fields)? } else { vec![fields.string("prompt")?.to_owned()] };
    // Ollama's completions have no field for it.
    let think = if is_chat { reasoning_effort(&fields)? } else { None };
    if !models.has(&model) {
        return Err(ApiError::no_model(&model));
    }
    let thinks = thinks(think, models, &model)?;
    Ok(Job {
        dialect,
        model,
        prompt,
        seed,
        tokens,
        stream,
        raw: false,
        include_usage,
        context: context(None),
        keep_alive_ns: None,
        load_only: false,
        thinks,
    })
}

/// Roles and texts of OpenAI messages, whose content is a string or a list of parts.
fn openai_messages(fields: &Fields) -> Result<Vec<String>, ApiError> {
    let messages = fields.array("messages", "[]openai.Message")?;
    if messages.is_empty() {
        return Err(ApiError::reading("[] is too short - 'messages'"));
    }
    let mut prompt = Vec::new();
    for message in messages {
        fields.element_is_object(message, "messages", "openai.Message")?;
        prompt.push(fields.inner_string(message, "messages", "role")?.to_owned());
        match message.get("content") {
            Some(Value::String(text)) => prompt.push(text.clone()),
            Some(Value::Array(parts)) => {
                for part in parts {
                    let text = part.get("text").and_then(Value::as_str);
                    prompt.push(text.ok_or_else(|| ApiError::reading("invalid message format"))?.to_owned());
                }
            }
            _ if message.get("tool_calls").is_some() => {}
            _ => return Err(ApiError::reading("invalid message content type: <nil>")),
        }
    }
    Ok(prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dialect: Dialect, body: &str) -> Result<Job, ApiError> {
        Job::read(dialect, body.as_bytes(), &Models::new(&["sim".into()], false, 0))
    }

    #[test]
    fn lengths_below_one_mean_the_configured_length() {
        for (length, tokens) in [("8", Some(8)), ("-1", None), ("0", None), ("-2", None)] {
            let job = read(
                Dialect::Generate,
                &format!(r#"{{"model":"sim","prompt":"x","options":{{"num_predict":{length}}}}}"#),
            )
            .unwrap();
            assert_eq!(job.tokens, tokens, "num_predict {length}");
        }
    }

    #[test]
    fn streaming_is_ollamas_default_and_not_openais() {
        assert!(read(Dialect::Generate, r#"{"model":"sim","prompt":"x"}"#).unwrap().stream);
        let chat = r#"{"model":"sim","messages":[{"role":"user","content":"x"}]}"#;
        assert!(read(Dialect::Chat, chat).unwrap().stream);
        assert!(!read(Dialect::OpenAiChat, chat).unwrap().stream);
    }

    #[test]
    fn content_parts_are_read_like_strings() {
        let parts = r#"{"model":"sim","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}"#;
        assert_eq!(read(Dialect::OpenAiChat, parts).unwrap().prompt, ["user", "x"]);
    }

    #[test]
    fn wrong_types_are_named_as_go_names_them() {
        for (body, error) in [
            (
                r#"{"model":1}"#,
                "json: cannot unmarshal number into Go struct field ChatRequest.model of type string",
            ),
            (
                r#"{"messages":{}}"#,
                "json: cannot unmarshal object into Go struct field ChatRequest.messages of type []api.Message",
            ),
            (
                r#"{"messages":[{"role":[]}]}"#,
                "json: cannot unmarshal array into Go struct field ChatRequest.messages.role of type string",
            ),
            (r#"[]"#, "json: cannot unmarshal array into Go value of type api.ChatRequest"),
            (" ", "missing request body"),
        ] {
            assert_eq!(read(Dialect::Chat, body), Err(ApiError::reading(error)), "{body}");
        }
    }
}
