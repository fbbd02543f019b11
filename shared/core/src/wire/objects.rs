//! Ollama's objects, one a line.
//!
//! A proxy may lay an error out over several lines. So a line that only begins an object is kept for the next ones, and one that the end of the
//! body cuts says nothing.

use super::error_text::shortened;
use super::lines::LineTooLong;
use super::ollama::{read_any, read_line};
use super::{MAX_STRAY_BYTES, Recorder, mended};
use crate::http::RequestError;
use tandem_records::Status;

/// An object under way.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// Lines so far of an object that goes on.
    begun: Vec<u8>,
}

impl Objects {
    /// Reads a line without its end.
    ///
    /// # Errors
    /// It is no object of the stream, or the server's error.
    #[inline]
    pub fn read_line(&mut self, line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
        if !self.begun.is_empty() {
            return self.go_on(line, recorder);
        }
        let read = read_line(line, recorder);
        if is_cut(&read, line) {
            self.begun.extend_from_slice(line);
            return Ok(());
        }
        read
    }

    fn go_on(&mut self, line: &[u8], recorder: &mut Recorder) -> Result<(), RequestError> {
        if self.begun.len() + line.len() > MAX_STRAY_BYTES {
            return Err(LineTooLong.into());
        }
        self.begun.push(b'\n');
        self.begun.extend_from_slice(line);
        if line.trim_ascii_end().last() != Some(&b'}') {
            return Ok(());
        }
        let read = read_any(&self.begun, recorder);
        if is_cut(&read, &self.begun) {
            return Ok(());
        }
        self.begun.clear();
        read
    }

    /// What the end of the body has cut; `None` where it came behind an object.
    pub fn cut(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| shortened(&String::from_utf8_lossy(&self.begun)))
    }
}

/// Whether an object was not read because its rest is missing.
fn is_cut(read: &Result<(), RequestError>, object: &[u8]) -> bool {
    read.as_ref().is_err_and(|error| error.status == Status::Malformed)
        && mended(object).is_err_and(|error| error.is_eof())
}
