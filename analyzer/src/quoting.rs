//! What is wrong with the quotes of one CSV record.
//!
//! The csv crate reads any bytes as some record: a quote that nobody closes takes all lines behind it into one cell,
//! and whoever counts rows afterwards finds fewer and no error.

use memchr::memchr;

const QUOTE: u8 = b'"';

/// A quote that does not do what its writer meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing closes the quote at this byte.
    Open(usize),
    /// Text follows the quote that closes the one at this byte.
    TextBehind(usize),
}

impl Flaw {
    /// The byte at which the quote opens.
    pub(crate) fn at(self) -> usize {
        match self {
            Flaw::Open(at) | Flaw::TextBehind(at) => at,
        }
    }
}

/// The first flaw of `record`, the bytes of one record with or without its line end. A quote in the middle of an
/// unquoted cell is text and does no harm.
pub(crate) fn flaw(record: &[u8], delimiter: u8) -> Option<Flaw> {
    let mut from = 0;
    while let Some(cell) = next_quoted(record, from, delimiter) {
        match cell {
            Ok((_, end)) => from = end,
            Err(flaw) => return Some(flaw),
        }
    }
    None
}

/// The first quoted cell at or behind `from`, which is no place inside quotes: where its quotes stand.
pub(crate) fn next_quoted(
    record: &[u8],
    mut from: usize,
    delimiter: u8,
) -> Option<Result<(usize, usize), Flaw>> {
    let ends_a_cell = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n');
    loop {
        let open = from + memchr(QUOTE, &record[from..])?;
        if open > 0 && !ends_a_cell(record[open - 1]) {
            from = open + 1;
            continue;
        }
        let mut inside = open + 1;
        loop {
            let Some(close) = memchr(QUOTE, &record[inside..]) else { return Some(Err(Flaw::Open(open))) };
            let behind = inside + close + 1;
            match record.get(behind) {
                Some(&QUOTE) => inside = behind + 1,
                Some(&byte) if !ends_a_cell(byte) => return Some(Err(Flaw::TextBehind(open))),
                _ => return Some(Ok((open, behind))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_that_close_at_the_end_of_their_cell_are_sound() {
        for record in [
            &b""[..],
            b"a,b\n",
            b"\"a\",\"b\"\r\n",
            b"\"a \"\"b\"\"\"",
            b"\"\",\"\"\"\"",
            b"a,\"b\nc\",d",
            b"5\" disk,b\"",
            b" \"a\",b",
        ] {
            assert_eq!(flaw(record, b','), None, "{}", String::from_utf8_lossy(record));
        }
    }

    #[test]
    fn the_flaw_names_the_quote_that_opens() {
        for (record, found) in [
            (&b"a,\"b,c\n"[..], Flaw::Open(2)),
            (b"\"a\",\"", Flaw::Open(4)),
            (b"\"a\"\"", Flaw::Open(0)),
            (b"\"a\"b,c", Flaw::TextBehind(0)),
            (b"a,\"b\nc,\"d\"\n", Flaw::TextBehind(2)),
            (b"\"a\" ,b", Flaw::TextBehind(0)),
        ] {
            assert_eq!(flaw(record, b','), Some(found), "{}", String::from_utf8_lossy(record));
        }
        assert_eq!(flaw(b"\"a\";b", b';'), None);
    }
}
