//! The chunked transfer coding of RFC 9112, section 7.1, cut anywhere.

use tandem_core::http::RequestError;
use tandem_records::Status;

/// What the next bytes of a response are.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Part of the body: at most one chunk, and at most what has come of it.
    Data(&'a [u8]),
    /// The body is over.
    End,
    /// All bytes are used up.
    More,
}

/// Where the decoder stands. Bytes of the body are handed on where they lie; nothing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunked {
    /// Before the first digit of a size.
    Start,
    /// Inside the digits.
    Size(u64),
    /// After them, in what nobody needs.
    Extension(u64),
    /// After the carriage return of the size line.
    SizeEnd(u64),
    /// So many bytes before the end of the chunk.
    Data(u64),
    /// After the data.
    DataEnd,
    /// After the carriage return that follows the data.
    DataLineFeed,
    /// At the beginning of a trailer line, or of the empty line that ends all.
    Trailer,
    /// Inside a trailer line.
    TrailerLine,
    /// After the carriage return of the empty line.
    LastLineFeed,
    /// After the last byte.
    Over,
}

impl Chunked {
    /// Takes bytes from the front of `bytes`.
    ///
    /// # Errors
    /// Bytes that are not this coding.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Piece<'a>, RequestError> {
        loop {
            match *self {
                Chunked::Over => return Ok(Piece::End),
                Chunked::Data(left) if !bytes.is_empty() => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let (data, rest) = bytes.split_at(taken);
                    *bytes = rest;
                    let left = left - taken as u64;
                    *self = if left == 0 { Chunked::DataEnd } else { Chunked::Data(left) };
                    return Ok(Piece::Data(data));
                }
                _ => {}
            }
            let Some((&byte, rest)) = bytes.split_first() else { return Ok(Piece::More) };
            *bytes = rest;
            *self = self.after(byte).ok_or_else(|| {
                RequestError::new(Status::Malformed, format!("chunked coding: unexpected byte {byte:#04x}"))
            })?;
        }
    }

    /// The state after a byte that is not data; `None` where it is not allowed.
    fn after(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Chunked::Start, _) => Chunked::Size(digit(byte)?),
            (Chunked::Size(size) | Chunked::Extension(size), b'\r') => Chunked::SizeEnd(size),
            (Chunked::Size(size), b';' | b' ' | b'\t') => Chunked::Extension(size),
            (Chunked::Size(size), _) => Chunked::Size(size.checked_mul(16)? + digit(byte)?),
            (Chunked::Extension(_), b'\n') => return None,
            (Chunked::Extension(size), _) => Chunked::Extension(size),
            (Chunked::SizeEnd(0), b'\n') => Chunked::Trailer,
            (Chunked::SizeEnd(size), b'\n') => Chunked::Data(size),
            (Chunked::DataEnd, b'\r') => Chunked::DataLineFeed,
            (Chunked::DataLineFeed, b'\n') => Chunked::Start,
            (Chunked::Trailer, b'\r') => Chunked::LastLineFeed,
            (Chunked::TrailerLine, b'\n') => Chunked::Trailer,
            (Chunked::Trailer | Chunked::TrailerLine, _) => Chunked::TrailerLine,
            (Chunked::LastLineFeed, b'\n') => Chunked::Over,
            _ => return None,
        })
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body of `coded` read in pieces of `step` bytes, and what was left after its end; `None` if it did not end.
    fn decode(coded: &[u8], step: usize) -> Result<Option<(Vec<u8>, usize)>, RequestError> {
        let (mut decoder, mut body) = (Chunked::Start, Vec::new());
        for (number, mut bytes) in coded.chunks(step).enumerate() {
            loop {
                match decoder.next(&mut bytes)? {
                    Piece::Data(data) => body.extend_from_slice(data),
                    Piece::More => break,
                    Piece::End => {
                        let used =
                            number * step + coded.chunks(step).nth(number).unwrap().len() - bytes.len();
                        return Ok(Some((body, coded.len() - used)));
                    }
                }
            }
        }
        Ok(None)
    }

    #[test]
    fn cuts_do_not_matter() {
        let coded =
            b"5\r\nhello\r\n1B;name=\"x\"\r\n, abcdefghijklmnopqrstuvwxy\r\n0\r\nTrailer: 1\r\n\r\nHTTP";
        for step in 1..=coded.len() {
            let decoded = decode(coded, step).unwrap();
            assert_eq!(decoded, Some((b"hello, abcdefghijklmnopqrstuvwxy".to_vec(), 4)), "{step}");
        }
    }

    #[test]
    fn a_chunk_that_lies_whole_in_the_bytes_is_one_piece() {
        let mut bytes: &[u8] = b"3\r\nabc\r\n2\r\nde";
        let mut decoder = Chunked::Start;
        assert_eq!(decoder.next(&mut bytes).unwrap(), Piece::Data(b"abc"));
        assert_eq!(decoder.next(&mut bytes).unwrap(), Piece::Data(b"de"));
        assert_eq!(decoder.next(&mut bytes).unwrap(), Piece::More);
    }

    #[test]
    fn what_is_no_chunk_is_malformed() {
        for bad in [
            &b"\r\n"[..],
            b"x\r\n",
            b"3\nabc",
            b"3\r\nabcd\r\n",
            b"3\r\nabc\n",
            b"-1\r\n",
            b"3;a\nb\r\n",
            b"fffffffffffffffff\r\n",
            b"0\r\n\rx",
        ] {
            let error = decode(bad, bad.len()).expect_err(&String::from_utf8_lossy(bad));
            assert_eq!(error.status, Status::Malformed);
        }
        assert_eq!(decode(b"3\r\nabc\r\n0\r\n", 4).unwrap(), None, "an unfinished body has no end");
    }
}
