//! OpenAI's events: one JSON object each, the last one `[DONE]`.

use super::content::Content;
use super::error_text::{reported, shortened};
use super::lenient::{Figure, List, Milliseconds, Object, Something, Word};
use super::ollama::{Function, ToolCall, called};
use super::{Recorder, error_text, excerpt, mended, note};
use crate::http::RequestError;
use serde::Deserialize;
use serde_json::Value;
use tandem_records::Status;

#[derive(Default, Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    choices: Option<List<Choice<'a>>>,
    #[serde(default)]
    usage: Option<Object<Usage>>,
    #[serde(default)]
    timings: Option<Object<Timings>>,
    #[serde(default)]
    sim_write_ns: Figure,
    #[serde(default)]
    error: Something,
    #[serde(borrow, default)]
    object: Word<'a>,
}

#[derive(Default, Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: Figure,
    /// `/v1/completions`
    #[serde(borrow, default)]
    text: Content<'a>,
    /// `/v1/chat/completions`
    #[serde(borrow, default)]
    delta: Object<Delta<'a>>,
    #[serde(borrow, default)]
    finish_reason: Word<'a>,
}

/// Servers agree on `content` alone; thinking has a name of its own on each, sometimes two.
#[derive(Default, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    reasoning_content: Content<'a>,
    #[serde(borrow, default)]
    reasoning: Content<'a>,
    #[serde(borrow, default)]
    thinking: Content<'a>,
    #[serde(borrow, default)]
    reasoning_details: Content<'a>,
    #[serde(borrow, default)]
    refusal: Content<'a>,
    #[serde(borrow, default)]
    tool_calls: List<ToolCall<'a>>,
    #[serde(borrow, default)]
    function_call: Option<Box<Object<Function<'a>>>>,
}

#[derive(Default, Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Figure,
    #[serde(default)]
    completion_tokens: Figure,
}

/// llama.cpp's own addition.
#[derive(Default, Deserialize)]
struct Timings {
    #[serde(default)]
    prompt_ms: Milliseconds,
    #[serde(default)]
    predicted_ms: Milliseconds,
    #[serde(default)]
    predicted_n: Figure,
}

/// What an event's data turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// An event of the stream, or nothing that matters.
    Read,
    /// The beginning of an object that goes on.
    Unfinished,
    /// No event of the stream: what it is depends on the name of the event.
    Odd(String),
}

/// Reads the data of one event, as far as it has come.
///
/// # Errors
/// The server's error, or bytes that are no event.
pub(super) fn read_data(data: &[u8], recorder: &mut Recorder) -> Result<Data, RequestError> {
    if data.trim_ascii_start().first() != Some(&b'{') {
        let word = data.trim_ascii();
        let bare = word.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(word);
        if bare.eq_ignore_ascii_case(b"[DONE]") {
            recorder.on_marker();
            return Ok(Data::Read);
        }
        if word.first() == Some(&b'[') {
            read_stray(word)?;
        }
        let is_nothing = word.is_empty() || word == b"null";
        return Ok(if is_nothing {
            Data::Read
        } else {
            Data::Odd(shortened(&String::from_utf8_lossy(word)))
        });
    }
    // Checked once as a whole: cheaper than string by string.
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(event) = serde_json::from_str(text)
    {
        return record(event, data, recorder);
    }
    let malformed = |e| {
        let what = format!("not an event of OpenAI's stream ({e}): {}", excerpt(data));
        RequestError::new(Status::Malformed, what)
    };
    match mended(data) {
        Ok(mended) => record(serde_json::from_slice(&mended).map_err(malformed)?, &mended, recorder),
        Err(error) if error.is_eof() => Ok(Data::Unfinished),
        Err(error) => Err(malformed(error)),
    }
}

/// The server's error in an object that stands outside of any event, or what else it says of the stream.
///
/// # Errors
/// Always but for an object that says nothing.
pub(super) fn read_stray(object: &[u8]) -> Result<(), RequestError> {
    let Ok(value) = serde_json::from_slice::<Value>(object) else { return Ok(()) };
    if let Some(error) = reported(&value) {
        return Err(RequestError::new(Status::ServerError, error));
    }
    let answers_whole = value["choices"].as_array().is_some_and(|choices| !choices.is_empty());
    if answers_whole {
        let what = "the server does not stream: it answered with one object in place of events";
        return Err(RequestError::new(Status::Malformed, what));
    }
    Ok(())
}

fn record(event: Event<'_>, data: &[u8], recorder: &mut Recorder) -> Result<Data, RequestError> {
    let server_error = |text| Err(RequestError::new(Status::ServerError, text));
    if event.error.0 {
        return server_error(error_text(data));
    }
    if event.object.0.as_deref().is_some_and(|object| object.contains("error")) {
        return server_error(error_text(data));
    }
    let is_event = event.choices.is_some() || event.usage.is_some() || event.timings.is_some();
    if !is_event {
        let error = serde_json::from_slice(data).ok().and_then(|value| reported(&value));
        return error.map_or(Ok(Data::Odd(shortened(&String::from_utf8_lossy(data)))), server_error);
    }
    for choice in event.choices.unwrap_or_default().0 {
        if choice.index.0.is_some_and(|index| index > 0) {
            // One response is measured: the first.
            recorder.on_further_response();
            continue;
        }
        let before = recorder.pieces.len();
        let Object(delta) = choice.delta;
        let thoughts = [delta.reasoning_content, delta.reasoning, delta.thinking, delta.reasoning_details];
        let thinking = thoughts
            .into_iter()
            .find(|thought| !thought.is_empty() && *thought != Content::Odd)
            .unwrap_or_default();
        let answers = [choice.text, delta.content, delta.refusal];
        let answer = answers.into_iter().find(|answer| !answer.is_empty()).unwrap_or_default();
        let calls = delta.tool_calls.0.into_iter().map(ToolCall::function);
        let calls = called(calls.chain(delta.function_call.map(|call| call.0)));
        note(thinking, answer, &calls, event.sim_write_ns.0, recorder, data)?;
        if let Some(reason) = choice.finish_reason.0 {
            recorder.on_reason(&reason, recorder.pieces.len() > before)?;
        }
    }
    // Servers tell figures once at the end or again and again: the last ones count.
    if let Some(Object(usage)) = event.usage {
        recorder.told.prompt_tokens =
            usage.prompt_tokens.0.filter(|&tokens| tokens > 0).or(recorder.told.prompt_tokens);
        recorder.on_count(usage.completion_tokens.0);
    }
    if let Some(Object(timings)) = event.timings {
        let told = &mut recorder.told;
        told.prompt_eval_ns = timings.prompt_ms.0.or(told.prompt_eval_ns);
        told.eval_ns = timings.predicted_ms.0.or(told.eval_ns);
        // The engine's own count, where a gateway before it may have counted anew with another tokenizer.
        recorder.on_count(timings.predicted_n.0);
    }
    Ok(Data::Read)
}
