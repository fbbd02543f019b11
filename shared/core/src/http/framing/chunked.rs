//! The chunked transfer coding (RFC 9112, section 7.1), read from bytes that may be cut anywhere.

use super::body::{BadFraming, Step};
use memchr::{memchr, memchr2};

/// Longest line with a chunk's size and extensions, and longest trailer section. Ollama sends neither.
const MAX_LINE_BYTES: usize = 16 * 1024;
/// Most trailer fields.
const MAX_TRAILERS: usize = 100;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunked {
    /// A line with a chunk's size.
    Size,
    /// So many bytes of a chunk, at least one.
    Data(u64),
    /// The line end after a chunk's data.
    DataEnd,
    /// Trailer fields and the empty line.
    Trailers,
}

impl Chunked {
    /// As [`super::Body::step`].
    #[inline]
    pub fn step(&mut self, bytes: &[u8]) -> Result<Step, BadFraming> {
        let mut skip = 0;
        loop {
            let rest = &bytes[skip..];
            match self {
                Chunked::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        skip += 2;
                        *self = Chunked::Size;
                    }
                    [] | [b'\r'] => return Ok(Step::More { skip }),
                    _ => return Err(BadFraming("a chunk is longer than its size says")),
                },
                Chunked::Size => {
                    skip += leading_zeros(rest);
                    let Some((length, size)) = size_line(&bytes[skip..])? else {
                        return Ok(Step::More { skip });
                    };
                    skip += length;
                    *self = if size == 0 { Chunked::Trailers } else { Chunked::Data(size) };
                }
                Chunked::Data(_) if rest.is_empty() => return Ok(Step::More { skip }),
                Chunked::Data(size) => {
                    let length = super::body::shorter(rest, *size);
                    *size -= length as u64;
                    if *size == 0 {
                        *self = Chunked::DataEnd;
                    }
                    return Ok(Step::Data { skip, length });
                }
                Chunked::Trailers => {
                    return Ok(match trailers(rest)? {
                        Some(length) => Step::End { skip: skip + length },
                        None => Step::More { skip },
                    });
                }
            }
        }
    }
}

/// Zeros before a size's other digits. The grammar allows any number; skipped at once, they take no memory, and the time limit ends them.
#[inline]
fn leading_zeros(bytes: &[u8]) -> usize {
    let zeros = bytes.iter().take_while(|&&byte| byte == b'0').count();
    match bytes.get(zeros) {
        Some(byte) if byte.is_ascii_hexdigit() => zeros,
        // The last one may be the whole size.
        _ => zeros.saturating_sub(1),
    }
}

/// Length of the line and the size it says; `None` while its end is missing.
#[inline]
fn size_line(bytes: &[u8]) -> Result<Option<(usize, u64)>, BadFraming> {
    let line = first(bytes, MAX_LINE_BYTES);
    let (mut digits, mut size) = (0, 0_u64);
    while let Some(digit) = line.get(digits).and_then(|byte| char::from(*byte).to_digit(16)) {
        if size >> 60 != 0 {
            return Err(BadFraming("a chunk's size is over 64 bits"));
        }
        size = size << 4 | u64::from(digit);
        digits += 1;
    }
    match &line[digits..] {
        [] if line.is_empty() => Ok(None),
        _ if digits == 0 => Err(BadFraming("a chunk begins without a size")),
        [b'\r', b'\n', ..] => Ok(Some((digits + 2, size))),
        _ => Ok(extended_line(line, digits)?.map(|length| (length, size))),
    }
}

/// Length of a size line with extensions behind its digits. They are skipped, as RFC 9112 asks of those that do not
/// know them.
fn extended_line(line: &[u8], digits: usize) -> Result<Option<usize>, BadFraming> {
    let extensions = &line[digits..];
    let blanks = extensions.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if !matches!(extensions.get(blanks), None | Some(b';' | b'\r')) {
        return Err(BadFraming("a chunk's size is no hexadecimal number"));
    }
    match memchr2(b'\r', b'\n', extensions).map(|end| (end, &extensions[end..])) {
        Some((end, [b'\r', b'\n', ..])) => Ok(Some(digits + end + 2)),
        Some((_, [_, _, ..] | [b'\n'])) => Err(BadFraming("a chunk's size line holds half a line end")),
        _ if line.len() < MAX_LINE_BYTES => Ok(None),
        _ => Err(BadFraming("a chunk's size line is over 16 KiB")),
    }
}

/// Length of the trailer section up to and with its empty line; `None` while that is missing.
fn trailers(bytes: &[u8]) -> Result<Option<usize>, BadFraming> {
    let section = first(bytes, MAX_LINE_BYTES);
    let mut line = 0;
    while let Some(end) = memchr(b'\r', &section[line..]) {
        match section.get(line + end + 1) {
            None => break,
            Some(b'\n') if end == 0 => return check_trailers(&section[..line + 2]).map(Some),
            Some(b'\n') => line += end + 2,
            Some(_) => return Err(BadFraming("a chunked body's trailers hold half a line end")),
        }
    }
    if section.len() < MAX_LINE_BYTES {
        Ok(None)
    } else {
        Err(BadFraming("a chunked body's trailers are over 16 KiB"))
    }
}

/// Nobody reads trailer fields, but bytes that are none mean that the two sides have lost each other.
fn check_trailers(section: &[u8]) -> Result<usize, BadFraming> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_TRAILERS];
    match httparse::parse_headers(section, &mut fields) {
        Ok(httparse::Status::Complete(_)) => Ok(section.len()),
        _ => Err(BadFraming("a chunked body's trailers are no header fields")),
    }
}

/// What a limit lets us see, so that it does not matter how much has arrived.
fn first(bytes: &[u8], limit: usize) -> &[u8] {
    &bytes[..bytes.len().min(limit)]
}
