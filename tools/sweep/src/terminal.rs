//! The one place where text reaches the terminal: one line is one line, and nothing in it can steer the terminal.

use crate::SweepError;
use std::fmt::Write as _;
use tandem_records::output;

/// A line on standard error.
pub fn say(line: &str) {
    output::say(&one_line(line));
}

/// A line on standard output, beside work that goes on without it: what a run is for are its files.
pub(crate) fn tell(line: &str) {
    let _ = tell_all([line]);
}

/// Lines on standard output that are all that was asked for.
///
/// # Errors
/// They cannot be written.
pub(crate) fn tell_all<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<(), SweepError> {
    let text: String = lines.into_iter().map(|line| one_line(line) + "\n").collect();
    output::print(&text).map_err(|error| SweepError::Internal(error.into()))
}

/// Text as one harmless line: line breaks become spaces, other control characters and those that turn the writing
/// direction are written as `\u{1b}`. Twice does no more than once.
///
/// Error texts come from servers. Besides the terminal, it serves the cells of a run's files: a row is one line,
/// so that a torn file can be repaired by lines.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in
        text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim).filter(|part| !part.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        for c in part.chars() {
            let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || turns {
                let _ = write!(line, "{}", c.escape_unicode()); // into a string: cannot fail
            } else {
                line.push(c);
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_breaks_become_spaces_and_control_characters_are_spelled_out() {
        assert_eq!(one_line("a\r\n  b\n\nerror: c\n"), "a b error: c");
        assert_eq!(
            one_line("\u{1b}]0;t\u{7}\u{1b}[2J\u{9b}31m \u{202e}x"),
            r"\u{1b}]0;t\u{7}\u{1b}[2J\u{9b}31m \u{202e}x"
        );
        assert_eq!(one_line("größer \"ein\" 漢字 — \\u"), "größer \"ein\" 漢字 — \\u");
    }

    proptest! {
        #[test]
        fn nothing_steers_the_terminal_and_twice_is_once(text in "(\\PC|\\p{Cc}|[a-z ]){0,40}") {
            let line = one_line(&text);
            prop_assert!(!line.contains(char::is_control));
            prop_assert_eq!(one_line(&line), line);
        }
    }
}
