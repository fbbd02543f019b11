//! What is inside one file.

use super::folder::Kind;
use super::text::one_line;
use std::fmt;

/// Column names, keys and headings kept of a file; a prompt has no room for more.
const NAMES: usize = 8;
/// Characters kept of each.
const NAME_CHARS: usize = 48;

/// What a file turned out to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contents {
    /// A table: rows below the header, columns of the header, and rows with another number of fields.
    Csv { rows: u64, columns: usize, names: Vec<String>, ragged: u64 },
    /// The outermost value.
    Json(Shape),
    /// A text.
    Markdown { title: Option<String>, headings: usize },
}

/// The outermost value of a JSON file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Object {
        keys: usize,
        names: Vec<String>,
    },
    Array {
        elements: usize,
    },
    /// Neither: a string, a number, a truth value, null.
    Scalar(&'static str),
}

impl Contents {
    /// Parses a file.
    ///
    /// # Errors
    /// Why it is not what its name says, as one line.
    pub fn parse(kind: Kind, text: &str) -> Result<Contents, String> {
        match kind {
            Kind::Csv => csv(text),
            Kind::Json => json(text).map(Contents::Json),
            Kind::Markdown => Ok(markdown(text)),
        }
    }
}

fn csv(text: &str) -> Result<Contents, String> {
    // Flexible: a ragged row is a fact about the file and no reason to leave it unread.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| format!("not CSV: {error}"))?.clone();
    let (mut rows, mut ragged) = (0, 0);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| format!("not CSV: {error}"))? {
        rows += 1;
        ragged += u64::from(record.len() != header.len());
    }
    let names = header.iter().take(NAMES).map(|name| one_line(name, NAME_CHARS)).collect();
    Ok(Contents::Csv { rows, columns: header.len(), names, ragged })
}

fn json(text: &str) -> Result<Shape, String> {
    use serde_json::Value;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let why = error.to_string();
        // serde_json stops at 128 levels, before its recursion could use up the stack; its text is the only sign.
        if why.starts_with("recursion limit") {
            "nested over 127 levels deep".to_owned()
        } else {
            format!("not JSON: {why}")
        }
    })?;
    Ok(match value {
        Value::Object(map) => {
            let names = map.keys().take(NAMES).map(|key| one_line(key, NAME_CHARS)).collect();
            Shape::Object { keys: map.len(), names }
        }
        Value::Array(elements) => Shape::Array { elements: elements.len() },
        Value::String(_) => Shape::Scalar("a string"),
        Value::Number(_) => Shape::Scalar("a number"),
        Value::Bool(_) => Shape::Scalar("a truth value"),
        Value::Null => Shape::Scalar("null"),
    })
}

/// Headings of the form `# text` outside fenced code; the title is the first of the highest level.
fn markdown(text: &str) -> Contents {
    let (mut fenced, mut headings) = (false, 0);
    let mut title: Option<(usize, &str)> = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
        }
        let level = line.bytes().take_while(|&byte| byte == b'#').count();
        if fenced || !(1..=6).contains(&level) || !line[level..].starts_with([' ', '\t']) {
            continue;
        }
        headings += 1;
        if title.is_none_or(|(highest, _)| level < highest) {
            title = Some((level, line[level..].trim().trim_end_matches('#').trim_end()));
        }
    }
    Contents::Markdown { title: title.map(|(_, text)| one_line(text, NAME_CHARS)), headings }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contents::Csv { rows, columns, names, ragged } => {
                write!(f, "{}, {}", count(*rows as usize, "row"), count(*columns, "column"))?;
                listed(f, names, *columns)?;
                if *ragged > 0 {
                    write!(f, ", {} with another number of fields", count(*ragged as usize, "row"))?;
                }
                Ok(())
            }
            Contents::Json(Shape::Object { keys, names }) => {
                write!(f, "an object of {}", count(*keys, "key"))?;
                listed(f, names, *keys)
            }
            Contents::Json(Shape::Array { elements }) => {
                write!(f, "an array of {}", count(*elements, "element"))
            }
            Contents::Json(Shape::Scalar(what)) => f.write_str(what),
            Contents::Markdown { title, headings } => {
                write!(f, "{}", count(*headings, "heading"))?;
                match title {
                    Some(title) => write!(f, ", title \"{title}\""),
                    None => f.write_str(", no title"),
                }
            }
        }
    }
}

/// `1 row`, `2 rows`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn listed(f: &mut fmt::Formatter<'_>, names: &[String], all: usize) -> fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    let more = if all > names.len() { ", …" } else { "" };
    write!(f, " ({}{more})", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(kind: Kind, text: &str) -> String {
        Contents::parse(kind, text)
            .map_or_else(|why| format!("skipped: {why}"), |contents| contents.to_string())
    }

    #[test]
    fn tables_tell_rows_columns_and_ragged_rows() {
        for (text, expected) in [
            ("arm,ms\nsmol,1\ntokio,2\n", "2 rows, 2 columns (arm, ms)"),
            ("a,b\n1\n1,2,3\n1,2\n", "3 rows, 2 columns (a, b), 2 rows with another number of fields"),
            ("a\n\"x\ny\"", "1 row, 1 column (a)"),
            ("a\n\"never closed\nx,y\n", "1 row, 1 column (a)"),
            ("a,b,c,d,e,f,g,h,i\n", "0 rows, 9 columns (a, b, c, d, e, f, g, h, …)"),
            ("", "0 rows, 0 columns"),
        ] {
            assert_eq!(read(Kind::Csv, text), expected, "{text:?}");
        }
    }

    #[test]
    fn json_tells_its_outermost_shape_or_why_it_has_none() {
        for (text, expected) in [
            (r#"{"b": 1, "a": {"c": 2}}"#, "an object of 2 keys (a, b)"),
            ("[1, [2], {}]", "an array of 3 elements"),
            ("\"text\"", "a string"),
            ("null", "null"),
            ("{", "skipped: not JSON: EOF while parsing an object at line 1 column 1"),
            ("", "skipped: not JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(read(Kind::Json, text), expected, "{text:?}");
        }
    }

    #[test]
    fn json_a_thousand_levels_deep_is_skipped_before_it_fills_the_stack() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(read(Kind::Json, &deep(127)), "an array of 1 element");
        for levels in [128, 1_000, 1_000_000] {
            assert_eq!(read(Kind::Json, &deep(levels)), "skipped: nested over 127 levels deep");
        }
    }

    #[test]
    fn texts_tell_title_and_headings() {
        for (text, expected) in [
            ("intro\n## Part\n# The title #\n### x\n", "3 headings, title \"The title\""),
            ("#no space\n```\n# code\n```\n", "0 headings, no title"),
            ("# a\n# b", "2 headings, title \"a\""),
            ("", "0 headings, no title"),
        ] {
            assert_eq!(read(Kind::Markdown, text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_skipped_and_described_in_one_short_line(
            kind in proptest::sample::select(&Kind::ALL[..]), text in "(?s).{0,300}",
        ) {
            let line = read(kind, &text);
            prop_assert!(line.chars().all(|c| !c.is_control()) && line.len() < 4_000, "{:?}", line);
        }
    }
}
