//! The records of a file that a program of ours wrote: each is one line, because its writer takes line breaks out of
//! every cell.
//!
//! A record of several lines is taken where it is one beyond doubt: its quotes are sound, it has all cells, and none of
//! its lines reads as a row. Any other that crosses a line end is a quote that nobody closed: what stands below it cannot
//! be told from the inside of a cell.

use crate::quoting;
use csv::{ByteRecord, Position, Reader, ReaderBuilder, StringRecord};
use memchr::{memchr, memchr_iter};

/// Why there is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A quote opens on this line and does not close on it: nothing below it can be trusted.
    OpenQuote,
    /// This line is none; the others are sound.
    Line(&'static str),
}

/// Reads the records of a text one after the other.
pub(crate) struct Records<'a> {
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    header: StringRecord,
}

impl<'a> Records<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn new(text: &'a [u8]) -> Result<Records<'a>, String> {
        // Flexible: a row of the wrong length is that row's finding and not the end of the file.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text);
        let header = reader.headers().map_err(|e| e.to_string())?.clone();
        if header.is_empty() {
            return Err("empty".to_owned());
        }
        let end = reader.position().byte() as usize;
        if quoting::flaw(&text[..end], b',').is_some() {
            return Err("a quote is not closed".to_owned());
        }
        Ok(Records { text, reader, header })
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &StringRecord {
        &self.header
    }

    /// The line on which the next record begins, and the record; `None` at the end. Behind an open quote there is no next.
    pub(crate) fn next(&mut self) -> Option<(u64, Result<ByteRecord, Broken>)> {
        let mut record = ByteRecord::new();
        // Reading memory into records of any length cannot fail.
        if !matches!(self.reader.read_byte_record(&mut record), Ok(true)) {
            return None;
        }
        // The position is where the record before ended: blank lines come first.
        let before = record.position().map_or(0, Position::byte) as usize;
        let blanks = self.text[before..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = before + blanks;
        let end = self.reader.position().byte() as usize;
        let line = record.position().map_or(1, Position::line) + line_feeds(&self.text[before..start]);
        let raw = &self.text[start..end];
        let flaw = quoting::flaw(raw, b',');
        let first_line = memchr(b'\n', raw).map_or(raw.len(), |at| at + 1);
        let is_one_line = raw[first_line..].trim_ascii().is_empty();
        let found = match flaw {
            None if is_one_line || self.is_one_record(&record, raw) => Ok(record),
            // The driver was stopped while it wrote this line.
            Some(_) if is_one_line && !raw.ends_with(b"\n") => {
                Err(Broken::Line("the line is cut off inside quotes"))
            }
            Some(quoting::Flaw::TextBehind(_)) if is_one_line => {
                Err(Broken::Line("text follows a closing quote"))
            }
            _ => Err(Broken::OpenQuote),
        };
        Some((line, found))
    }

    /// True when a record of several lines cannot be several records.
    fn is_one_record(&self, record: &ByteRecord, raw: &[u8]) -> bool {
        let columns = self.header.len();
        let is_row = |line: &[u8]| memchr_iter(b',', line).count() + 1 == columns;
        record.len() == columns && !raw.split(|byte| *byte == b'\n').any(is_row)
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, and the cells or what is wrong.
    fn all(text: &str) -> Vec<(u64, String)> {
        let mut records = Records::new(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        while let Some((line, record)) = records.next() {
            let text = record.map(|record| {
                record
                    .iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect::<Vec<_>>()
                    .join("|")
            });
            let is_open = text == Err(Broken::OpenQuote);
            found.push((line, text.unwrap_or_else(|why| format!("{why:?}"))));
            if is_open {
                break;
            }
        }
        found
    }

    fn expect(text: &str, wanted: &[(u64, &str)]) {
        let found = all(text);
        let found: Vec<(u64, &str)> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, wanted, "{text:?}");
    }

    const OPEN: &str = "OpenQuote";

    #[test]
    fn a_quote_that_is_not_closed_is_named_with_its_line() {
        expect("a,b,c\n1,2,3\n4,\"x,6\n7,8,9\n", &[(2, "1|2|3"), (3, OPEN)]);
        expect("a,b,c\r\n1,2,3\r\n\r\n7,8,\"9\r\n", &[(2, "1|2|3"), (4, OPEN)]);
        // Two of them look like one cell of three lines.
        expect("a,b,c\n1,\"x,3\n4,5,6\n7,\"y,9\n1,2,3\n", &[(2, OPEN)]);
        // And so do these, with cells in the right number.
        expect("a,b,c\n1,\"x,3\n4,5,6\n7,y\",9\n", &[(2, OPEN)]);
        expect("a,b,c\n1,\"x\ny\"\n4,5,6\n", &[(2, OPEN)]);
    }

    #[test]
    fn a_cell_of_several_lines_is_read_where_its_lines_are_no_rows() {
        expect("a,b,c\n1,\"x\ny \"\"z\"\"\",3\n4,5,6\n", &[(2, "1|x\ny \"z\"|3"), (4, "4|5|6")]);
    }

    #[test]
    fn a_torn_last_line_costs_itself() {
        expect("a,b,c\n1,2,3\n4,5", &[(2, "1|2|3"), (3, "4|5")]);
        let cut = "Line(\"the line is cut off inside quotes\")";
        expect("a,b,c\n1,2,3\n4,5,\"x", &[(2, "1|2|3"), (3, cut)]);
        let behind = "Line(\"text follows a closing quote\")";
        expect("a,b,c\n4,\"5\"x,6\n7,8,9\n", &[(2, behind), (3, "7|8|9")]);
    }

    #[test]
    fn blank_lines_are_counted() {
        expect("a,b\n\n\n1,2\n\r\n3,4\n", &[(4, "1|2"), (6, "3|4")]);
    }

    #[test]
    fn a_header_that_is_none() {
        let refused = |text: &str| Records::new(text.as_bytes()).err();
        assert_eq!(refused(""), Some("empty".to_owned()));
        assert_eq!(refused("a,\"b\n1,2\n"), Some("a quote is not closed".to_owned()));
        assert_eq!(refused("a\n"), None);
    }
}
