//! A file in blocks of whole records.

use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// Bytes read at a time: smaller blocks cost more to join than their nearness to the core saves, larger ones gain nothing.
pub(super) const SIZE: usize = 1 << 20;

/// Hands out a source in blocks that end where a record ends.
pub(super) struct Blocks<R> {
    source: R,
    size: usize,
    delimiter: u8,
    /// What was read behind the last block: the beginning of the next one.
    rest: Vec<u8>,
    /// Where the last byte that was read stands.
    place: Place,
    handed_out: usize,
}

/// Where the next byte stands in its record.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    CellStart,
    Unquoted,
    Quoted,
    /// Behind a quote inside quotes: the end of the quotes, or half of a doubled one.
    QuoteInQuotes,
}

impl<R: Read> Blocks<R> {
    /// Reads `size` bytes at a time.
    pub(super) fn new(source: R, size: usize, delimiter: u8) -> Blocks<R> {
        Blocks { source, size, delimiter, rest: Vec::new(), place: Place::CellStart, handed_out: 0 }
    }

    /// Puts the next whole records into `block`, in place of what it held, and numbers them from 0; `None` at the end.
    /// A record longer than the block size makes its block longer.
    pub(super) fn next(&mut self, block: &mut Vec<u8>) -> io::Result<Option<usize>> {
        block.clear();
        block.append(&mut self.rest);
        loop {
            let known = block.len();
            self.source.by_ref().take(self.size as u64).read_to_end(block)?;
            let is_last = block.len() < known + self.size;
            if is_last && block.is_empty() {
                return Ok(None);
            }
            let end = if is_last { Some(block.len()) } else { self.last_record_end(block, known) };
            if let Some(end) = end {
                self.rest.extend_from_slice(&block[end..]);
                block.truncate(end);
                self.handed_out += 1;
                return Ok(Some(self.handed_out - 1));
            }
        }
    }

    /// Behind the last record that ends in `bytes[known..]`; `bytes[..known]` have been seen before.
    fn last_record_end(&mut self, bytes: &[u8], known: usize) -> Option<usize> {
        let fresh = &bytes[known..];
        if self.place == Place::Quoted || memchr(b'"', fresh).is_some() {
            return self.last_record_end_among_quotes(bytes, known);
        }
        let last = *fresh.last()?;
        self.place = if last == self.delimiter || matches!(last, b'\r' | b'\n') {
            Place::CellStart
        } else {
            Place::Unquoted
        };
        // A CR that ends the bytes may be half of a CRLF.
        let end = memrchr(b'\n', fresh).or_else(|| memrchr(b'\r', &fresh[..fresh.len() - 1]));
        end.map(|at| known + at + 1)
    }

    fn last_record_end_among_quotes(&mut self, bytes: &[u8], known: usize) -> Option<usize> {
        let mut end = None;
        let mut place = self.place;
        for (at, &byte) in bytes.iter().enumerate().skip(known) {
            place = match (place, byte) {
                (Place::Quoted, b'"') => Place::QuoteInQuotes,
                (Place::Quoted, _) | (Place::CellStart | Place::QuoteInQuotes, b'"') => Place::Quoted,
                (_, byte) if byte == self.delimiter => Place::CellStart,
                (_, b'\n') => {
                    end = Some(at + 1);
                    Place::CellStart
                }
                (_, b'\r') => {
                    if bytes.get(at + 1).is_some_and(|next| *next != b'\n') {
                        end = Some(at + 1);
                    }
                    Place::CellStart
                }
                (_, _) => Place::Unquoted,
            };
        }
        self.place = place;
        end
    }
}
