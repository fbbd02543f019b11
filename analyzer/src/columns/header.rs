//! The first record: which column is where.

use super::{ColumnsError, Selection, records};
use crate::quoting::{self, Flaw};
use csv::{ByteRecord, ReaderBuilder};
use std::io::{self, Read};
use std::path::Path;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// What may stand between two cells: the header decides.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// How compressed files begin, what they are, and what unpacks them to standard output.
const COMPRESSED: [(&[u8], &str, &str); 5] = [
    (b"\x1f\x8b", "gzip", "gzip -dc"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dc"),
    (b"\xfd7zXZ\0", "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
    (b"PK\x03\x04", "zip", "unzip -p"),
];

/// The columns of a file.
pub(super) struct Header {
    names: Vec<String>,
    delimiter: u8,
    /// Bytes up to the end of the header's line.
    pub(super) length: usize,
    /// Lines up to there.
    pub(super) lines: u64,
}

/// The selected columns.
pub(super) struct Roles {
    /// Number of columns.
    pub(super) width: usize,
    /// What stands between two cells.
    pub(super) delimiter: u8,
    pub(super) value: Column,
    pub(super) group: Option<Column>,
    pub(super) block: Option<Column>,
    pub(super) by: Vec<Column>,
}

/// One selected column.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) at: usize,
}

impl Header {
    /// Reads `source` to the end of the header, or beyond, into `head`.
    pub(super) fn fetch<R: Read>(source: &mut R, head: &mut Vec<u8>) -> io::Result<()> {
        const FIRST: usize = 1 << 16;
        loop {
            // Twice as much each time, because the header is looked for anew.
            let (known, wanted) = (head.len(), head.len().max(FIRST));
            source.by_ref().take(wanted as u64).read_to_end(head)?;
            let is_whole =
                || matches!(first_record(head, DELIMITERS[0]), Some((_, length)) if length < head.len());
            if head.len() < known + wanted || is_whole() {
                return Ok(());
            }
        }
    }

    /// The header of a file that begins with `head`: with the first delimiter of [`DELIMITERS`] by which it has the
    /// column `value`; without such a one, by which it has most columns.
    pub(super) fn parse(head: &[u8], value: &str, path: &Path) -> Result<Header, ColumnsError> {
        if UTF_16_MARKS.iter().any(|mark| head.starts_with(mark)) {
            return Err(ColumnsError::Utf16(path.to_owned()));
        }
        if let Some((_, format, unpack)) = COMPRESSED.iter().find(|(mark, ..)| head.starts_with(mark)) {
            return Err(ColumnsError::Compressed { path: path.to_owned(), format, unpack });
        }
        let mark = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let (mut found, mut flawed) = (None::<Header>, None::<Flaw>);
        for delimiter in DELIMITERS {
            let Some((names, length)) = first_record(&head[mark..], delimiter) else {
                return Err(ColumnsError::NoHeader(path.to_owned()));
            };
            let record = &head[mark..mark + length];
            if let Some(flaw) = quoting::flaw(record, delimiter) {
                flawed = flawed.or(Some(flaw));
                continue;
            }
            let header =
                Header { delimiter, length: mark + length, lines: records::line_ends(record), names };
            if header.names.iter().any(|name| name == value) {
                return Ok(header);
            }
            found = found.filter(|other| other.names.len() >= header.names.len()).or(Some(header));
        }
        // By another delimiter, the quote may stand in the middle of a name: that makes a header, but no better one.
        match (found, flawed) {
            (Some(header), None | Some(Flaw::TextBehind(_))) => Ok(header),
            (_, flaw) => Err(ColumnsError::Quote {
                path: path.to_owned(),
                line: flaw.map_or(0, |flaw| records::line_ends(&head[..mark + flaw.at()])) + 1,
                what: "opens in the header and does not close at the end of a name",
            }),
        }
    }

    /// Where the selected columns are.
    pub(super) fn select(&self, selection: &Selection, path: &Path) -> Result<Roles, ColumnsError> {
        let mut taken: Vec<(&'static str, &str)> = Vec::new();
        let options = [("--group", &selection.group), ("--block", &selection.block)];
        let wanted = [("--value", selection.value.as_str())].into_iter();
        let wanted =
            wanted.chain(options.iter().filter_map(|(option, name)| Some((*option, name.as_deref()?))));
        for (option, name) in wanted.chain(selection.by.iter().map(|name| ("--by", name.as_str()))) {
            if let Some((first, _)) = taken.iter().find(|(_, earlier)| *earlier == name) {
                return Err(ColumnsError::RoleRepeated { column: name.to_owned(), first, second: option });
            }
            taken.push((option, name));
        }
        let find = |name: &String| self.find(name, path);
        Ok(Roles {
            width: self.names.len(),
            delimiter: self.delimiter,
            value: find(&selection.value)?,
            group: selection.group.as_ref().map(find).transpose()?,
            block: selection.block.as_ref().map(find).transpose()?,
            by: selection.by.iter().map(find).collect::<Result<_, _>>()?,
        })
    }

    fn find(&self, name: &str, path: &Path) -> Result<Column, ColumnsError> {
        let (path, column) = (path.to_owned(), name.to_owned());
        let mut places = self.names.iter().enumerate().filter(|(_, other)| *other == name);
        match (places.next(), places.count()) {
            (Some((at, _)), 0) => Ok(Column { name: column, at }),
            (Some(_), more) => Err(ColumnsError::ColumnRepeated { path, column, times: more + 1 }),
            (None, _) => {
                let valid: Vec<String> = self.names.iter().map(|name| format!("{name:?}")).collect();
                Err(ColumnsError::NoColumn { path, column, valid: valid.join(", ") })
            }
        }
    }
}

/// The cells of the first record and its length with its line end; `None` in a file of blank lines.
fn first_record(text: &[u8], delimiter: u8) -> Option<(Vec<String>, usize)> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let mut record = ByteRecord::new();
    // Reading memory cannot fail; false is the end.
    if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
        return None;
    }
    let mut length = reader.position().byte() as usize;
    if text[..length].ends_with(b"\r") && text[length..].starts_with(b"\n") {
        length += 1;
    }
    Some((record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(), length))
}
