//! Ollama's streams: one JSON object a line, from `/api/generate` and `/api/chat` alike.

mod token_line;

use super::{Final, Recorder, excerpt};
use crate::http::RequestError;
use serde::Deserialize;
use std::borrow::Cow;
use tandem_records::Status;

/// One line. Borrows its text where the JSON holds no escapes; fields that are not named here are skipped.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    response: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    #[serde(borrow)]
    error: Option<Text<'a>>,
    total_duration: Option<u64>,
    load_duration: Option<u64>,
    prompt_eval_count: Option<u64>,
    prompt_eval_duration: Option<u64>,
    eval_duration: Option<u64>,
    sim_write_ns: Option<u64>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
}

/// serde borrows into a bare `Cow`, but not into an `Option` of one.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

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
    let object: Line<'_> = serde_json::from_slice(line).map_err(|e| {
        RequestError::new(
            Status::Malformed,
            format!("not an object of Ollama's stream ({e}): {}", excerpt(line)),
        )
    })?;
    if let Some(error) = object.error {
        return Err(RequestError::new(Status::ServerError, error.0));
    }
    let text = object.response.or(object.message.and_then(|message| message.content));
    if text.is_none() && !object.done {
        let what = format!("an object without text, done or error: {}", excerpt(line));
        return Err(RequestError::new(Status::Malformed, what));
    }
    if let Some(text) = text {
        recorder.on_text(&text.0, object.sim_write_ns);
    }
    if object.done {
        recorder.done = Some(Final {
            done_reason: object.done_reason,
            prompt_tokens: object.prompt_eval_count,
            load_ns: object.load_duration,
            prompt_eval_ns: object.prompt_eval_duration,
            eval_ns: object.eval_duration,
            total_ns: object.total_duration,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
