//! The generated part of `GLOSSARY.md`: the columns of all files, from the row structs.

use crate::marks::Marks;
use crate::report::ReportError;
use std::path::Path;

/// The lines around it.
pub const MARKS: Marks = Marks { begin: "<!-- generated: columns -->", end: "<!-- end generated -->" };

/// Rewrites the generated part of a file.
///
/// # Errors
/// When the file cannot be read or written, or has no marks.
pub fn write(path: &Path) -> Result<(), ReportError> {
    MARKS.write(path, &tandem_records::glossary_tables())
}
