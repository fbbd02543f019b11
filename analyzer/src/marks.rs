//! Generated parts of files that people write: the text between two marks.

use crate::report::ReportError;
use std::path::Path;

/// The lines around a generated part.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// Line before it.
    pub begin: &'static str,
    /// Line after it.
    pub end: &'static str,
}

impl Marks {
    /// Puts `part` between the marks of `text`; none when a mark is missing or they stand in the wrong order.
    pub fn replaced(self, text: &str, part: &str) -> Option<String> {
        let (before, rest) = text.split_once(self.begin)?;
        let (_, after) = rest.split_once(self.end)?;
        Some(format!("{before}{}\n\n{part}\n{}{after}", self.begin, self.end))
    }

    /// Rewrites the part of a file between the marks.
    ///
    /// # Errors
    /// When the file cannot be read or written, or has no marks.
    pub fn write(self, path: &Path, part: &str) -> Result<(), ReportError> {
        let wrong = |reason: String| ReportError::Generated { path: path.to_owned(), reason };
        let remedy =
            |e: std::io::Error| wrong(format!("{e}; name a file that can be rewritten with --write"));
        let text = tandem_records::regular_file::read_to_string(path).map_err(remedy)?;
        let text = self.replaced(&text, part).ok_or_else(|| {
            let Self { begin, end } = self;
            wrong(format!("lacks its marks; add the lines {begin:?} and {end:?} where the tables belong"))
        })?;
        std::fs::write(path, text).map_err(remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks = Marks { begin: "<!-- a -->", end: "<!-- end a -->" };

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let text = "before\n<!-- a -->\nold\n<!-- end a -->\nafter\n";
        let once = MARKS.replaced(text, "new\n").unwrap();
        assert_eq!(once, "before\n<!-- a -->\n\nnew\n\n<!-- end a -->\nafter\n");
        assert_eq!(MARKS.replaced(&once, "new\n").unwrap(), once);
    }

    #[test]
    fn missing_or_swapped_marks_leave_the_text_alone() {
        assert_eq!(MARKS.replaced("<!-- a -->", "new"), None);
        assert_eq!(MARKS.replaced("<!-- end a -->\n<!-- a -->", "new"), None);
    }
}
