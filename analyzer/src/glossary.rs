//! The generated part of `GLOSSARY.md`: the columns of all files, from the row structs.

use crate::report::ReportError;
use std::path::Path;

/// Line before the generated part.
pub const BEGIN: &str = "<!-- generated: columns -->";

/// Line after the generated part.
pub const END: &str = "<!-- end generated -->";

/// Puts the tables between the marks of `text`; none when a mark is missing or they stand in the wrong order.
pub fn replaced(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n{END}{after}", tandem_records::glossary_tables()))
}

/// Rewrites the generated part of a file.
///
/// # Errors
/// When the file cannot be read or written, or has no marks.
pub fn write(path: &Path) -> Result<(), ReportError> {
    let wrong = |reason: String| ReportError::Glossary { path: path.to_owned(), reason };
    let text =
        std::fs::read_to_string(path).map_err(|e| wrong(format!("{e}; name the glossary with --write")))?;
    let text = replaced(&text).ok_or_else(|| {
        wrong(format!("lacks its marks; add the lines {BEGIN:?} and {END:?} where the tables belong"))
    })?;
    std::fs::write(path, text)
        .map_err(|e| wrong(format!("{e}; name a file that can be written with --write")))
}
