mod lines;
mod ollama;
mod openai;
mod recorder;
mod request;

pub use lines::{LineTooLong, Lines, MAX_LINE_BYTES};
pub use ollama::{read_any as read_ollama_line_typed, read_line as read_ollama_line};
pub use recorder::{Final, Recorder, Token};
pub use request::{PromptRequest, body, options, path};

use crate::http::RequestError;
use tandem_records::{Api, Endpoint};

/// Reads one response stream: bytes in, tokens into the recorder.
pub struct Decoder {
    lines: Lines,
    api: Api,
    endpoint: Endpoint,
}

impl Decoder {
    /// A decoder for one response of this dialect.
    pub fn new(api: Api, endpoint: Endpoint) -> Self {
        Decoder { lines: Lines::new(), api, endpoint }
    }

    /// Takes the next bytes of the body, cut anywhere, and records what they complete.
    ///
    /// # Errors
    /// A line that is not the dialect's, an error told by the server, or a line that is too long.
    pub fn push(&mut self, bytes: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
        let (api, endpoint) = (self.api, self.endpoint);
        self.lines.push(bytes, |line| read_line(api, endpoint, line, recorder))
    }

    /// Takes the end of the body: a last line may lack its line feed.
    ///
    /// # Errors
    /// As [`Decoder::push`].
    pub fn finish(&mut self, recorder: &mut Recorder) -> Result<(), RequestError> {
        let (api, endpoint) = (self.api, self.endpoint);
        self.lines.finish(|line| read_line(api, endpoint, line, recorder))
    }
}

fn read_line(api: Api, endpoint: Endpoint, line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
    match api {
        Api::Ollama => ollama::read_line(line, recorder),
        Api::Openai => openai::read_line(endpoint, line, recorder),
    }
}

/// The error text inside an error body of either dialect; the start of the body where it has none.
pub fn error_text(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Inner {
        Text(String),
        Object { message: String },
    }
    #[derive(serde::Deserialize)]
    struct Outer {
        error: Inner,
    }
    match serde_json::from_slice::<Outer>(body) {
        Ok(Outer { error: Inner::Text(message) | Inner::Object { message } }) => message,
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(200)]).trim().to_string(),
    }
}

/// A short piece of a bad line for an error message.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(80)]);
    format!("{text:?}")
}
