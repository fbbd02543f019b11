//! OpenAI's streams: server-sent events, one JSON object a `data:` line, closed by `[DONE]`.

use super::ollama::Text;
use super::{Final, Recorder, excerpt};
use crate::http::RequestError;
use serde::Deserialize;
use tandem_records::{Endpoint, Status};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
    timings: Option<Timings>,
    sim_write_ns: Option<u64>,
    /// Present in an error event, whose shape differs from server to server.
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    /// `/v1/completions`
    #[serde(borrow)]
    text: Option<Text<'a>>,
    /// `/v1/chat/completions`
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
}

/// llama.cpp's own addition.
#[derive(Deserialize)]
struct Timings {
    prompt_ms: Option<f64>,
    predicted_ms: Option<f64>,
}

pub(super) fn read_line(
    endpoint: Endpoint,
    line: &[u8],
    recorder: &mut Recorder,
) -> Result<(), RequestError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // Blank lines end an event; comments (`: keep-alive`) and other fields carry no tokens.
    let Some(data) = line.strip_prefix(b"data:") else {
        return match line.first() {
            None | Some(b':') => Ok(()),
            Some(_) if [&b"event:"[..], b"id:", b"retry:"].iter().any(|field| line.starts_with(field)) => {
                Ok(())
            }
            Some(_) => Err(RequestError::new(
                Status::Malformed,
                format!("not a line of server-sent events: {}", excerpt(line)),
            )),
        };
    };
    let data = data.trim_ascii();
    if data == b"[DONE]" {
        return Ok(());
    }
    let event: Event<'_> = serde_json::from_slice(data).map_err(|e| {
        RequestError::new(
            Status::Malformed,
            format!("not an event of OpenAI's stream ({e}): {}", excerpt(data)),
        )
    })?;
    if event.error.is_some() {
        return Err(RequestError::new(Status::ServerError, super::error_text(data)));
    }
    for choice in event.choices {
        let text = match endpoint {
            Endpoint::Generate => choice.text,
            Endpoint::Chat => choice.delta.and_then(|delta| delta.content),
        };
        if let Some(text) = text {
            recorder.on_text(&text.0, event.sim_write_ns);
        }
        if let Some(reason) = choice.finish_reason {
            recorder.done.get_or_insert_with(Final::default).done_reason = Some(reason);
        }
    }
    // Usage and timings come with the finishing event or after it.
    if let (Some(usage), Some(done)) = (event.usage, &mut recorder.done) {
        done.prompt_tokens = usage.prompt_tokens.or(done.prompt_tokens);
    }
    if let (Some(timings), Some(done)) = (event.timings, &mut recorder.done) {
        done.prompt_eval_ns = timings.prompt_ms.and_then(nanoseconds).or(done.prompt_eval_ns);
        done.eval_ns = timings.predicted_ms.and_then(nanoseconds).or(done.eval_ns);
    }
    Ok(())
}

/// A figure that is not a duration is missing, not zero.
fn nanoseconds(milliseconds: f64) -> Option<u64> {
    (milliseconds.is_finite() && milliseconds >= 0.0).then_some((milliseconds * 1e6).round() as u64)
}
