//! The one place where text reaches the terminal: one line is one line, and nothing in it can steer the terminal.
#![allow(clippy::print_stderr)]

use std::fmt::Write as _;
use std::io::Write as _;

/// A line on standard error.
pub fn say(line: &str) {
    eprintln!("{}", one_line(line));
}

/// A line on standard output.
pub(crate) fn tell(line: &str) {
    // Who has read enough closes the pipe (`| head`): the run goes on.
    let _ = writeln!(std::io::stdout().lock(), "{}", one_line(line));
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
