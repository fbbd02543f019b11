//! Server-sent events (HTML Living Standard, section 9.2), read as they come.
//!
//! Two things differ from the standard, because a piece counts from the moment at which it is there. Data that is a whole object is
//! read at once and not at the blank line after it; so events that are divided by one line end only are read, too. And lines that
//! are no fields are kept where they are objects: servers report errors so.

use super::error_text::{error_text, shortened};
use super::lines::{LineTooLong, MAX_LINE_BYTES};
use super::nesting::Nesting;
use super::openai::{Data, read_data, read_stray};
use super::{MAX_STRAY_BYTES, Recorder};
use crate::http::RequestError;
use tandem_records::Status;

/// An event under way.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Data lines so far of an object that goes on, divided by line feeds.
    data: Vec<u8>,
    /// Whether the event is named `error`.
    is_error: bool,
    /// Data of the event that is none of the stream.
    odd: Option<String>,
    /// Lines of an object that stands outside of any field.
    stray: Vec<u8>,
    /// How deep these are.
    nesting: Nesting,
    /// The last words that were no event of the stream, for the message of one that ends without its end.
    pub last_words: Option<String>,
}

impl Events {
    /// Reads a line without its end.
    ///
    /// # Errors
    /// The server's error, bytes that are no event, or data that is too long.
    #[inline]
    pub fn read_line(&mut self, line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
        match line.strip_prefix(b"data:") {
            Some(data) => self.read_data(data, recorder),
            None if line.is_empty() => self.dispatch(recorder),
            None => self.read_other(line),
        }
    }

    fn read_data(&mut self, data: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
        if !self.data.is_empty() {
            if self.data.len() + data.len() >= MAX_LINE_BYTES {
                return Err(LineTooLong.into());
            }
            self.data.push(b'\n');
            self.data.extend_from_slice(data);
            return Ok(());
        }
        let data = data.trim_ascii();
        if self.is_error && !data.is_empty() {
            return Err(RequestError::new(Status::ServerError, error_text(data)));
        }
        match read_data(data, recorder)? {
            Data::Read => {}
            Data::Unfinished => self.data.extend_from_slice(data),
            Data::Odd(text) => self.odd = Some(text),
        }
        Ok(())
    }

    fn read_other(&mut self, line: &[u8]) -> Result<(), RequestError> {
        if !self.stray.is_empty() || matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return self.read_stray(line);
        }
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default().trim_ascii());
        match name {
            b"event" => self.is_error = value.eq_ignore_ascii_case(b"error"),
            // No field of the standard; llama.cpp has written its errors so.
            b"error" => return Err(RequestError::new(Status::ServerError, error_text(value))),
            b"" | b"id" | b"retry" => {}
            // A field that nobody knows means nothing; where no stream comes of it, it may be the first line of a page for people.
            _ if self.last_words.is_none() => {
                self.last_words = Some(shortened(&String::from_utf8_lossy(line)));
            }
            _ => {}
        }
        Ok(())
    }

    fn read_stray(&mut self, line: &[u8]) -> Result<(), RequestError> {
        if self.stray.len() + line.len() >= MAX_STRAY_BYTES {
            return Ok(());
        }
        self.stray.extend_from_slice(line);
        self.stray.push(b'\n');
        if self.nesting.read(line) {
            read_stray(&self.stray)?;
            self.forget_stray();
        }
        Ok(())
    }

    /// Keeps of lines outside of any field their words alone.
    fn forget_stray(&mut self) {
        self.last_words = Some(shortened(&String::from_utf8_lossy(&self.stray)));
        self.stray.clear();
        self.nesting = Nesting::default();
    }

    /// The blank line that ends an event.
    fn dispatch(&mut self, recorder: &mut Recorder) -> Result<(), RequestError> {
        let is_error = std::mem::take(&mut self.is_error);
        if let Some(data) = self.read_lines(recorder)? {
            let what = format!("an event that is cut: {}", super::excerpt(&data));
            return Err(RequestError::new(Status::Malformed, what));
        }
        if let Some(text) = self.odd.take() {
            if is_error {
                return Err(RequestError::new(Status::ServerError, text));
            }
            self.last_words = Some(text);
        }
        if !self.stray.is_empty() {
            self.forget_stray();
        }
        Ok(())
    }

    /// Reads the data lines of an object that went on; returns them where it is cut.
    fn read_lines(&mut self, recorder: &mut Recorder) -> Result<Option<Vec<u8>>, RequestError> {
        let data = std::mem::take(&mut self.data);
        if data.is_empty() {
            return Ok(None);
        }
        match read_data(&data, recorder)? {
            Data::Read => Ok(None),
            Data::Odd(text) => {
                self.odd = Some(text);
                Ok(None)
            }
            Data::Unfinished => Ok(Some(data)),
        }
    }

    /// The end of the body, which ends the last event, too. One that it cuts is discarded, as the standard says.
    ///
    /// # Errors
    /// As [`Events::read_line`].
    pub fn finish(&mut self, recorder: &mut Recorder) -> Result<(), RequestError> {
        if let Some(data) = self.read_lines(recorder)? {
            self.last_words = Some(shortened(&String::from_utf8_lossy(&data)));
        }
        self.dispatch(recorder)
    }
}
