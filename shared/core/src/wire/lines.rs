//! Cuts a body into lines, wherever its chunks were cut.

use crate::http::RequestError;
use memchr::memchr2;
use tandem_records::Status;

/// Longest line accepted. Ollama's last object carries the context, about 5 bytes a token: 1 MiB is 200,000 tokens.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;

/// A line over [`MAX_LINE_BYTES`].
#[derive(Debug, thiserror::Error)]
#[error("a line of over {MAX_LINE_BYTES} bytes")]
pub struct LineTooLong;

impl From<LineTooLong> for RequestError {
    fn from(error: LineTooLong) -> Self {
        RequestError::new(Status::TooLarge, error.to_string())
    }
}

/// Lines of a byte stream, which end with LF, CR LF or CR (HTML Living Standard, section 9.2.5, parsing an event stream). JSON holds
/// neither byte inside a value as it stands, so objects that stand one a line are cut alike. A line that lies whole inside one chunk
/// is handed on without a copy.
#[derive(Debug)]
pub struct Lines {
    /// The beginning of a line whose end has not arrived yet.
    partial: Vec<u8>,
    /// Whether the byte before was a CR: an LF that follows belongs to it.
    after_cr: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Lines::new()
    }
}

impl Lines {
    /// An empty stream.
    pub fn new() -> Self {
        // Room for a usual token line, so that a split line does not allocate while tokens arrive.
        Lines { partial: Vec::with_capacity(512), after_cr: false }
    }

    /// Takes the next bytes and hands each completed line, without its end, to `each`.
    ///
    /// # Errors
    /// The first error of `each`, or [`LineTooLong`].
    pub fn push<E: From<LineTooLong>>(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if !bytes.is_empty() && std::mem::take(&mut self.after_cr) {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = memchr2(b'\n', b'\r', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.partial.len() + line.len() > MAX_LINE_BYTES {
                return Err(LineTooLong.into());
            }
            let is_cr = bytes[end] == b'\r';
            self.after_cr = is_cr && rest.is_empty();
            bytes = if is_cr { rest.strip_prefix(b"\n").unwrap_or(rest) } else { rest };
            if self.partial.is_empty() {
                each(line)?;
            } else {
                self.partial.extend_from_slice(line);
                let result = each(&self.partial);
                self.partial.clear();
                result?;
            }
        }
        if self.partial.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(LineTooLong.into());
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes the end of the stream: a line without an end is a line.
    ///
    /// # Errors
    /// The error of `each`.
    pub fn finish<E>(&mut self, each: impl FnOnce(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.partial);
        if line.is_empty() { Ok(()) } else { each(&line) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collect(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut lines = Lines::new();
        let mut each = |line: &[u8]| {
            found.push(line.to_vec());
            Ok::<(), LineTooLong>(())
        };
        for chunk in chunks {
            lines.push(chunk, &mut each).unwrap();
        }
        lines.finish(each).unwrap();
        found
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
                              cuts in proptest::collection::vec(0usize..200, 0..8)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(collect(&pieces), collect(&[&bytes]));
        }
    }

    #[test]
    fn a_line_ends_with_lf_cr_lf_or_cr() {
        assert_eq!(collect(&[b"a\nb\r\nc\rd\r\r\ne"]), [&b"a"[..], b"b", b"c", b"d", b"", b"e"]);
        assert_eq!(collect(&[b"a\r", b"", b"\n", b"b\r", b"c"]), [&b"a"[..], b"b", b"c"]);
        assert_eq!(collect(&[b"\r\n\r\n"]), [b"", b""]);
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let mut lines = Lines::new();
        let chunk = vec![b'x'; 64 * 1024];
        let refused = (0..100).find(|_| lines.push(&chunk, |_| Ok::<(), LineTooLong>(())).is_err());
        assert_eq!(refused, Some(16));
        assert!(lines.partial.capacity() <= 2 * MAX_LINE_BYTES);
    }
}
