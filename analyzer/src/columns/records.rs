//! The records of one block.

use csv::{ByteRecord, ReaderBuilder};
use memchr::{memchr, memchr_iter, memchr2};
use std::io::Read;

/// The cells of one record, as text without quotes.
pub(super) enum Record<'a> {
    /// A line without quotes, and where its cells end in it.
    Plain {
        /// The block.
        bytes: &'a [u8],
        /// Where the line begins.
        start: usize,
        /// Where each cell ends.
        ends: &'a [usize],
    },
    /// A record that may have had quotes.
    Parsed {
        /// Its cells.
        record: &'a ByteRecord,
        /// Its bytes, with its line end.
        raw: &'a [u8],
        /// True when a line ends inside it.
        spans_lines: bool,
    },
}

impl<'a> Record<'a> {
    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        match self {
            Record::Plain { ends, .. } => ends.len(),
            Record::Parsed { record, .. } => record.len(),
        }
    }

    /// The cell at `at`, which must be below [`Record::len`].
    pub(super) fn cell(&self, at: usize) -> &'a [u8] {
        match *self {
            Record::Plain { bytes, start, ends } => {
                let start = if at == 0 { start } else { ends[at - 1] + 1 };
                &bytes[start..ends[at]]
            }
            Record::Parsed { record, .. } => &record[at],
        }
    }
}

/// Hands each record of a block to `each` with the line it begins on, counted from 1 in the block, and returns the
/// number of line ends. Blank lines are no records.
pub(super) fn for_each(block: &[u8], delimiter: u8, each: impl FnMut(u64, &Record)) -> u64 {
    if memchr(b'"', block).is_some() || has_bare_cr(block) {
        parsed(block, delimiter, each)
    } else {
        plain(block, delimiter, each)
    }
}

/// Line ends: LF, CRLF, and CR alone.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    (memchr_iter(b'\n', bytes).count() + bare_crs(bytes).count()) as u64
}

fn has_bare_cr(bytes: &[u8]) -> bool {
    bare_crs(bytes).next().is_some()
}

fn bare_crs(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// Without quotes and bare CRs every delimiter ends a cell and every LF a record.
fn plain(block: &[u8], delimiter: u8, mut each: impl FnMut(u64, &Record)) -> u64 {
    let mut ends = Vec::new();
    let (mut start, mut lines) = (0, 0);
    let mut line = |start: usize, end: usize, ends: &mut Vec<usize>, number: u64| {
        let end = if block[start..end].ends_with(b"\r") { end - 1 } else { end };
        if end > start {
            ends.push(end);
            each(number, &Record::Plain { bytes: block, start, ends });
        }
        ends.clear();
    };
    for_each_separator(block, delimiter, |at| {
        if block[at] != b'\n' {
            ends.push(at);
        } else {
            lines += 1;
            line(start, at, &mut ends, lines);
            start = at + 1;
        }
    });
    line(start, block.len(), &mut ends, lines + 1);
    lines
}

/// Positions of delimiters and LFs, 64 bytes at a time: they are too close together for a search that starts anew at
/// each.
fn for_each_separator(bytes: &[u8], delimiter: u8, mut each: impl FnMut(usize)) {
    let (chunks, rest) = bytes.as_chunks::<64>();
    let mut start = 0;
    for chunk in chunks {
        let mut found = separators(chunk, delimiter);
        while found != 0 {
            each(start + found.trailing_zeros() as usize);
            found &= found - 1;
        }
        start += chunk.len();
    }
    for (at, byte) in rest.iter().enumerate() {
        if is_separator(*byte, delimiter) {
            each(start + at);
        }
    }
}

fn is_separator(byte: u8, delimiter: u8) -> bool {
    (byte == delimiter) | (byte == b'\n')
}

/// One bit for each byte, the lowest for the first, in a form that the compiler turns into vector instructions.
fn separators(chunk: &[u8; 64], delimiter: u8) -> u64 {
    /// Moves the lowest bit of byte i of the other factor to bit 56 + i of the product.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let hits = chunk.map(|byte| u8::from(is_separator(byte, delimiter)));
    let (eights, _) = hits.as_chunks::<8>();
    let bytes = eights.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56);
    bytes.rev().fold(0, |bits, byte| bits << 8 | byte)
}

/// Any block, by the csv crate.
fn parsed(block: &[u8], delimiter: u8, mut each: impl FnMut(u64, &Record)) -> u64 {
    // The blank line in front keeps the crate from dropping a byte order mark, which is text behind the first record.
    let text = b"\n".chain(block);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let mut record = ByteRecord::new();
    let (mut counted, mut lines) = (0, 0);
    // Reading memory into records of any length cannot fail.
    while let Ok(true) = reader.read_byte_record(&mut record) {
        // The crate's position is where the record before ended: blank lines, or the LF of a CRLF, come first.
        let before = record.position().map_or(0, csv::Position::byte).saturating_sub(1) as usize;
        let blanks = block[before..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = before + blanks;
        lines += match &block[counted..start] {
            // Nearly always, and there are many of them.
            [b'\n'] | [b'\r', b'\n'] => 1,
            between => line_ends(between),
        };
        let raw = &block[start..reader.position().byte().saturating_sub(1) as usize];
        let end = memchr2(b'\r', b'\n', raw).unwrap_or(raw.len());
        let spans_lines = !matches!(raw[end..], [] | [b'\n'] | [b'\r'] | [b'\r', b'\n']);
        each(lines + 1, &Record::Parsed { record: &record, raw, spans_lines });
        counted = start + end;
    }
    lines + line_ends(&block[counted..])
}
