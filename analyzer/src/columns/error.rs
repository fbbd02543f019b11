//! Why a file gives nothing to analyse; each message is one line that names the thing and the remedy.

use std::path::PathBuf;
use thiserror::Error;

/// Why a file gives nothing to analyse: all of it is the user's to remedy.
#[derive(Debug, Error)]
pub enum ColumnsError {
    /// The file cannot be opened or read.
    #[error("{}: {source}; name a CSV file that can be read", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A folder where a file is needed.
    #[error("{}: a folder; name a CSV file", .0.display())]
    Folder(PathBuf),
    /// No record at all.
    #[error("{}: empty; the first line must name the columns", .0.display())]
    NoHeader(PathBuf),
    /// A header and nothing below it.
    #[error("{}: no data below the header; rows begin on line 2", .0.display())]
    NoRows(PathBuf),
    /// UTF-16, which spreadsheets call Unicode.
    #[error("{}: UTF-16 text; save it as UTF-8 (in a spreadsheet: CSV UTF-8)", .0.display())]
    Utf16(PathBuf),
    /// A file that must be unpacked first.
    #[error("{0}: {format}; unpack it into standard input: {unpack} FILE | analyzer stats - ...", .path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// What it is.
        format: &'static str,
        /// The command that unpacks it.
        unpack: &'static str,
    },
    /// A quote that may have swallowed rows.
    #[error("{}, line {line}: a quote {what}; close it or take it away (a quote in quoted text is written \"\")", .path.display())]
    Quote {
        /// The file.
        path: PathBuf,
        /// The line on which the quote opens.
        line: u64,
        /// What it does, in words.
        what: &'static str,
    },
    /// Values whose differences are lost with the digits that f64 does not keep.
    #[error("{}: {column} has values near {near} that differ in digits which are not kept; subtract a common number from them first", .path.display())]
    TooFine {
        /// The file.
        path: PathBuf,
        /// The column of the values.
        column: String,
        /// One of the values.
        near: f64,
    },
    /// A column that the header lacks.
    #[error("{}: no column {column:?}; valid: {valid}", .path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// What the user named.
        column: String,
        /// The columns there are, quoted.
        valid: String,
    },
    /// A column that stands in the header more than once.
    #[error("{}: column {column:?} stands {times} times in the header; give each column its own name", .path.display())]
    ColumnRepeated {
        /// The file.
        path: PathBuf,
        /// What the user named.
        column: String,
        /// How often it stands there.
        times: usize,
    },
    /// One column for two purposes.
    #[error("column {column:?} is named by {first} and by {second}; each needs a column of its own")]
    RoleRepeated {
        /// What the user named.
        column: String,
        /// One option.
        first: &'static str,
        /// The other option.
        second: &'static str,
    },
    /// Every row is excluded.
    #[error("{}: none of {n_rows} rows can be used; line {line}: {reason}", .path.display())]
    NoUsableRow {
        /// The file.
        path: PathBuf,
        /// Data rows.
        n_rows: usize,
        /// The first line that is excluded.
        line: u64,
        /// Why.
        reason: String,
    },
}
