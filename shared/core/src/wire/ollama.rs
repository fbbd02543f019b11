//! Ollama's streams: one JSON object a line, from `/api/generate` and `/api/chat` alike.

mod token_line;

use super::content::Content;
use super::error_text::reported;
use super::lenient::{Figure, Flag, List, Object, Something, Word};
use super::{Recorder, error_text, excerpt, mended};
use crate::http::RequestError;
use serde::Deserialize;
use tandem_records::Status;

/// One line. Borrows its text where the JSON holds no escapes; fields that are not named here are skipped.
#[derive(Default, Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    response: Content<'a>,
    #[serde(borrow, default)]
    thinking: Content<'a>,
    #[serde(borrow, default)]
    message: Object<Message<'a>>,
    #[serde(default)]
    done: Option<Flag>,
    #[serde(borrow, default)]
    done_reason: Word<'a>,
    #[serde(default)]
    error: Something,
    #[serde(default)]
    total_duration: Figure,
    #[serde(default)]
    load_duration: Figure,
    #[serde(default)]
    prompt_eval_count: Figure,
    #[serde(default)]
    prompt_eval_duration: Figure,
    #[serde(default)]
    eval_count: Figure,
    #[serde(default)]
    eval_duration: Figure,
    #[serde(default)]
    sim_write_ns: Figure,
}

#[derive(Default, Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    thinking: Content<'a>,
    #[serde(borrow, default)]
    tool_calls: List<ToolCall<'a>>,
}

/// A call of a tool is generated text, too: with arguments as text in OpenAI's dialect, as an object in Ollama's.
#[derive(Default, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(borrow, default)]
    function: Object<Function<'a>>,
}

#[derive(Default, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    name: Word<'a>,
    #[serde(default)]
    arguments: serde_json::Value,
}

/// The text of calls of tools.
pub(super) fn called<'a>(calls: impl IntoIterator<Item = Function<'a>>) -> String {
    let mut text = String::new();
    for function in calls {
        text.push_str(&function.name.0.unwrap_or_default());
        match function.arguments {
            serde_json::Value::Null => {}
            serde_json::Value::String(arguments) => text.push_str(&arguments),
            other => text.push_str(&other.to_string()),
        }
    }
    text
}

impl<'a> ToolCall<'a> {
    pub fn function(self) -> Function<'a> {
        self.function.0
    }
}

/// Reads one line and records what it brings.
///
/// # Errors
/// It is no object of the stream, or the server's error.
pub fn read_line(line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
    if token_line::record(line, recorder) { Ok(()) } else { read_any(line, recorder) }
}

/// [`read_line`] by the typed parser alone, which reads every line.
///
/// # Errors
/// As [`read_line`].
pub fn read_any(line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    // Checked once as a whole: cheaper than string by string.
    if let Ok(text) = std::str::from_utf8(line)
        && let Ok(object) = serde_json::from_str(text)
    {
        return record(object, line, recorder);
    }
    let malformed = |e| {
        let what = format!("not an object of Ollama's stream ({e}): {}", excerpt(line));
        RequestError::new(Status::Malformed, what)
    };
    let mended = mended(line).map_err(malformed)?;
    record(serde_json::from_slice(&mended).map_err(malformed)?, &mended, recorder)
}

fn record(object: Line<'_>, line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
    if object.error.0 {
        return Err(RequestError::new(Status::ServerError, error_text(line)));
    }
    let Object(message) = object.message;
    let of_message = [&message.content, &message.thinking].iter().any(|content| **content != Content::None);
    let of_object = [&object.response, &object.thinking].iter().any(|content| **content != Content::None);
    if object.done.is_none() && !of_message && !of_object {
        let error = serde_json::from_slice(line).ok().and_then(|value| reported(&value));
        return error.map_or(Ok(()), |error| Err(RequestError::new(Status::ServerError, error)));
    }
    let (answer, thinking) =
        if of_object { (object.response, object.thinking) } else { (message.content, message.thinking) };
    let calls = called(message.tool_calls.0.into_iter().map(ToolCall::function));
    super::note(thinking, answer, &calls, object.sim_write_ns.0, recorder, line)?;
    if object.done.is_some_and(|done| done.0) {
        let told = &mut recorder.told;
        told.prompt_tokens = object.prompt_eval_count.0;
        told.load_ns = object.load_duration.0;
        told.prompt_eval_ns = object.prompt_eval_duration.0;
        told.eval_ns = object.eval_duration.0;
        told.total_ns = object.total_duration.0;
        recorder.on_count(object.eval_count.0);
        recorder.on_reason(&object.done_reason.0.unwrap_or_default(), true)?;
        recorder.on_marker();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
