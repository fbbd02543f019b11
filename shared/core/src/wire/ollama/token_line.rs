//! The token lines that a server writes ten thousand times, read without a parser.
//!
//! Exactly these two shapes, byte for byte between the values, with the stamp only where the simulator writes it:
//!
//! ```text
//! {"model":"…","created_at":"…","response":"…","done":false,"sim_write_ns":1}
//! {"model":"…","created_at":"…","message":{"role":"assistant","content":"…"},"done":false,"sim_write_ns":1}
//! ```
//!
//! Any other line is not recognised and goes to the typed parser, which also words every error: what is recorded
//! never depends on which of the two has read it.

use super::super::Recorder;

/// Longest escaped text that is read here: twenty times a usual token.
const MAX_ESCAPED_BYTES: usize = 128;

/// Records a token line of the usual shape. False, with nothing recorded, for every other line.
#[inline]
pub(super) fn record(line: &[u8], recorder: &mut Recorder) -> bool {
    let Some(token) = TokenLine::recognise(line) else { return false };
    if token.escaped {
        record_escaped(&token, recorder)
    } else {
        note(std::str::from_utf8(token.text).ok(), &token, recorder)
    }
}

fn record_escaped(token: &TokenLine<'_>, recorder: &mut Recorder) -> bool {
    let mut buffer = [0; MAX_ESCAPED_BYTES];
    note(unescape(token.text, &mut buffer), token, recorder)
}

#[inline]
fn note(text: Option<&str>, token: &TokenLine<'_>, recorder: &mut Recorder) -> bool {
    text.map(|text| recorder.on_text(text, token.written_ns)).is_some()
}

struct TokenLine<'a> {
    /// Between the quotes.
    text: &'a [u8],
    /// Whether the text holds a backslash.
    escaped: bool,
    written_ns: Option<u64>,
}

impl<'a> TokenLine<'a> {
    #[inline]
    fn recognise(line: &'a [u8]) -> Option<Self> {
        let mut rest = Rest(line);
        rest.literal(br#"{"model":""#)?;
        rest.plain_string()?;
        rest.literal(br#","created_at":""#)?;
        rest.plain_string()?;
        let (text, escaped);
        if rest.literal(br#","response":""#).is_some() {
            (text, escaped) = rest.string()?;
            rest.literal(br#","done":false"#)?;
        } else {
            rest.literal(br#","message":{"role":"assistant","content":""#)?;
            (text, escaped) = rest.string()?;
            rest.literal(br#"},"done":false"#)?;
        }
        let written_ns = match rest.literal(br#","sim_write_ns":"#) {
            Some(()) => Some(rest.integer()?),
            None => None,
        };
        (rest.0 == b"}").then_some(TokenLine { text, escaped, written_ns })
    }
}

/// What has not been read yet of a line.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Of a length known to the compiler, so that it is compared in words.
    #[inline]
    fn literal<const N: usize>(&mut self, bytes: &[u8; N]) -> Option<()> {
        self.0 = self.0.strip_prefix(bytes)?;
        Some(())
    }

    /// Reads past the closing quote of a string without escapes. Its bytes are not checked to be UTF-8: the typed
    /// parser does not check the strings that it skips either.
    #[inline]
    fn plain_string(&mut self) -> Option<&'a [u8]> {
        let end = special(self.0);
        (*self.0.get(end)? == b'"').then(|| self.cut(end))
    }

    /// Reads past the closing quote of any string; the escapes in it are still to be checked.
    #[inline]
    fn string(&mut self) -> Option<(&'a [u8], bool)> {
        let mut end = special(self.0);
        let escaped = *self.0.get(end)? == b'\\';
        while *self.0.get(end)? == b'\\' {
            // The byte after a backslash is part of the escape, whatever it is.
            end += 2;
            end += special(self.0.get(end..)?);
        }
        (*self.0.get(end)? == b'"').then(|| (self.cut(end), escaped))
    }

    /// Hands out what stands before the quote at `end`.
    #[inline]
    fn cut(&mut self, end: usize) -> &'a [u8] {
        let (text, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        text
    }

    /// A number as JSON writes it, below 10^19: more digits might not fit.
    #[inline]
    fn integer(&mut self) -> Option<u64> {
        let (mut digits, mut value) = (0, 0_u64);
        while let Some(byte @ b'0'..=b'9') = self.0.get(digits) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            digits += 1;
        }
        let leading_zero = digits > 1 && self.0[0] == b'0';
        if !(1..20).contains(&digits) || leading_zero {
            return None;
        }
        self.0 = &self.0[digits..];
        Some(value)
    }
}

/// Position of the first byte that JSON does not let stand for itself in a string (quote, backslash, control
/// character); the length where there is none.
///
/// Eight bytes at a time: a zero byte of `x` sets the high bit of its place in `(x - ones) & !x & highs`, and only
/// places above the lowest such byte can be set wrongly, by its borrow ("Determine if a word has a zero byte",
/// Bit Twiddling Hacks). For strings of 5 to 30 bytes this is quicker than a call of a vectorised search.
#[inline]
fn special(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = 128 * ONES;
    let mut words = bytes.chunks_exact(8);
    let mut at = 0;
    for word in words.by_ref() {
        let word =
            u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        let zero_where = |byte: u8| {
            let x = word ^ (u64::from(byte) * ONES);
            x.wrapping_sub(ONES) & !x
        };
        let control = word.wrapping_sub(0x20 * ONES) & !word;
        let found = (zero_where(b'"') | zero_where(b'\\') | control) & HIGHS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let tail = words.remainder();
    at + tail.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(tail.len())
}

/// The text that a string with escapes stands for. `None` where it is not JSON or needs more than one escape for a
/// character (surrogates).
fn unescape<'b>(escaped: &[u8], buffer: &'b mut [u8; MAX_ESCAPED_BYTES]) -> Option<&'b str> {
    // No escape is shorter than what it stands for.
    if escaped.len() > buffer.len() {
        return None;
    }
    let mut length = 0;
    let mut rest = escaped;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'\\' {
            buffer[length] = *byte;
            length += 1;
            continue;
        }
        let [letter, after @ ..] = rest else { return None };
        rest = after;
        let character = match letter {
            b'"' | b'\\' | b'/' => char::from(*letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (digits, after) = rest.split_at_checked(4)?;
                rest = after;
                let digit = |value: u32, byte: &u8| Some(16 * value + char::from(*byte).to_digit(16)?);
                char::from_u32(digits.iter().try_fold(0, digit)?)?
            }
            _ => return None,
        };
        length += character.encode_utf8(&mut buffer[length..]).len();
    }
    std::str::from_utf8(&buffer[..length]).ok()
}
