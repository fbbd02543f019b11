//! The first record: which column is where.

use super::{ColumnsError, Selection, records};
use csv::{ByteRecord, ReaderBuilder};
use std::path::Path;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// The columns of a file.
pub(super) struct Header {
    names: Vec<String>,
    /// Bytes up to the end of the header's line.
    pub(super) length: usize,
    /// Lines up to there.
    pub(super) lines: u64,
}

/// The selected columns.
pub(super) struct Roles {
    /// Number of columns.
    pub(super) width: usize,
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
    /// The header of a file that begins with `block`.
    pub(super) fn parse(block: &[u8], path: &Path) -> Result<Header, ColumnsError> {
        if UTF_16_MARKS.iter().any(|mark| block.starts_with(mark)) {
            return Err(ColumnsError::Utf16(path.to_owned()));
        }
        let mark = if block.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&block[mark..]);
        let mut record = ByteRecord::new();
        // Reading memory cannot fail; false is the end.
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return Err(ColumnsError::NoHeader(path.to_owned()));
        }
        let mut length = mark + reader.position().byte() as usize;
        if block[..length].ends_with(b"\r") && block[length..].starts_with(b"\n") {
            length += 1;
        }
        let names = record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        Ok(Header { names, length, lines: records::line_ends(&block[..length]) })
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
