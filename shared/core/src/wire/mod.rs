//! What servers send, read: bytes -> lines -> objects or events -> pieces of text.
//!
//! ```text
//! Decoder (this file) -> lines                cut at LF, CR LF, CR
//!                     -> objects -> ollama    one object a line; token_line reads the usual one without a parser
//!                     -> events -> openai     server-sent events, one object each
//!                          both -> content    text in every shape that servers give it
//!                               -> lenient    fields that are not text, and must not end a stream
//!                               -> repair     what is not quite JSON
//!                               -> error_text the words of a server that reports an error
//!                     -> recorder             stamps, text, figures
//!                     -> ending               when a stream is whole
//! ```

mod content;
mod ending;
mod error_text;
mod events;
mod lenient;
mod lines;
mod nesting;
mod objects;
mod ollama;
mod openai;
mod recorder;
mod repair;
mod request;

pub use ending::End;
pub use error_text::error_text;
pub use lines::{LineTooLong, Lines, MAX_LINE_BYTES};
pub use ollama::{read_any as read_ollama_line_typed, read_line as read_ollama_line};
pub use recorder::{Piece, Recorder, Told};
pub use request::{PromptRequest, body, options, path};

use crate::http::RequestError;
use content::Content;
use events::Events;
use objects::Objects;
use repair::repaired;
use std::ops::ControlFlow;
use tandem_records::{Api, Status};

/// Longest object that is looked for outside of its usual place: it is read again at each line that may end it.
const MAX_STRAY_BYTES: usize = 16 * 1024;

/// A byte order mark, which may stand at the very beginning.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads one response stream: bytes in, pieces into the recorder.
pub struct Decoder {
    lines: Lines,
    api: Api,
    objects: Objects,
    events: Events,
    at_start: bool,
}

impl Decoder {
    /// A decoder for one response of this dialect.
    pub fn new(api: Api) -> Self {
        let (objects, events) = (Objects::default(), Events::default());
        Decoder { lines: Lines::new(), api, objects, events, at_start: true }
    }

    /// Takes the next bytes of the body, cut anywhere, and records what they complete. Breaks when the end marker has come: nothing behind
    /// it counts, and the body's end need not be waited for.
    ///
    /// # Errors
    /// A line that is not the dialect's, an error told by the server, a line that is too long, or a response that is.
    #[inline]
    pub fn push(&mut self, bytes: &[u8], recorder: &mut Recorder) -> Result<ControlFlow<()>, RequestError> {
        let Decoder { lines, api, objects, events, at_start } = self;
        lines.push(bytes, |line| read_line(*api, objects, events, at_start, line, recorder))?;
        recorder.check_length()?;
        Ok(if recorder.end == End::Marker { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Takes the end of the stream, at its marker or at the end of the body: a last line may lack its end.
    ///
    /// # Errors
    /// As [`Decoder::push`], and a stream that is not whole.
    pub fn finish(&mut self, recorder: &mut Recorder) -> Result<(), RequestError> {
        let Decoder { lines, api, objects, events, at_start } = self;
        lines.finish(|line| read_line(*api, objects, events, at_start, line, recorder))?;
        if recorder.end != End::Marker {
            events.finish(recorder)?;
        }
        if recorder.is_whole() {
            return Ok(());
        }
        let last_words = objects.cut().or_else(|| events.last_words.take());
        Err(RequestError::no_done(recorder.pieces.len(), last_words.as_deref()))
    }
}

#[inline]
fn read_line(
    api: Api,
    objects: &mut Objects,
    events: &mut Events,
    at_start: &mut bool,
    line: &[u8],
    recorder: &mut Recorder,
) -> Result<(), RequestError> {
    if recorder.end == End::Marker {
        return Ok(());
    }
    let is_first = std::mem::take(at_start);
    let line = if is_first { line.strip_prefix(MARK).unwrap_or(line) } else { line };
    match api {
        Api::Ollama => objects.read_line(line, recorder),
        Api::Openai => events.read_line(line, recorder),
    }
}

/// What is not quite JSON, as JSON: see [`repaired`]. Of a field that stands twice, the last one counts.
///
/// # Errors
/// It is no JSON even so; [`serde_json::Error::is_eof`] where the rest is missing.
fn mended(json: &[u8]) -> serde_json::Result<Vec<u8>> {
    serde_json::from_slice::<serde_json::Value>(&repaired(json)).map(|value| value.to_string().into_bytes())
}

/// Notes the text of one object: thinking, answer and calls of tools, which are of the answer.
#[inline]
fn note(
    thinking: Content<'_>,
    answer: Content<'_>,
    calls: &str,
    written_ns: Option<u64>,
    recorder: &mut Recorder,
    object: &[u8],
) -> Result<(), RequestError> {
    match (&thinking, &answer) {
        (Content::None, Content::Text(answer)) if calls.is_empty() => recorder.on_text(answer, written_ns),
        (Content::Odd, _) | (_, Content::Odd) => {
            let what = format!("text that is no text: {}", excerpt(object));
            return Err(RequestError::new(Status::Malformed, what));
        }
        _ => {
            let (mut thought, mut said) = (thinking.into_text(), String::new());
            match answer {
                Content::Parts(parts) => {
                    thought.push_str(&parts.thinking);
                    said.push_str(&parts.answer);
                }
                other => said.push_str(&other.into_text()),
            }
            said.push_str(calls);
            recorder.on_thought(&thought, &said, written_ns);
        }
    }
    Ok(())
}

/// A short piece of a bad line for an error message.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(80)]);
    format!("{text:?}")
}

#[cfg(test)]
mod tests;
