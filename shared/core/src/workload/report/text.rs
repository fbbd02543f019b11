//! Text from files, servers and file names, made harmless for a prompt or a page.

use std::fmt::Write as _;

/// Text as one line of at most `most` characters and a mark where it was cut. Control characters and those that turn
/// the writing direction are spelled out (`\u{1b}`), so that a name can neither break a line nor steer a terminal.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for (number, c) in text.chars().enumerate() {
        if number == most {
            line.push('…');
            break;
        }
        push_visible(&mut line, c);
    }
    line
}

/// The first `most` characters, and a mark where there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} […]", text[..end].trim_end()),
    }
}

/// Text inside a line of Markdown, read as nothing but text. Characters that mean something only at the start of a
/// line stay: it never stands there.
pub(super) fn plain(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for c in one_line(text, usize::MAX).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$') {
            markdown.push('\\');
        }
        markdown.push(c);
    }
    markdown
}

/// A page of Markdown that others wrote: its headings, lists and emphasis stay, while HTML, links and images, which
/// could run or load something, are shown as text. Entities and not backslashes: a backslash of the author's before
/// the character would turn ours into text. Inside code the entities show; that is the price.
pub(super) fn tamed(markdown: &str) -> String {
    let mut page = String::with_capacity(markdown.len());
    for line in markdown.lines() {
        for c in line.chars() {
            match c {
                '<' => page.push_str("&lt;"),
                '[' => page.push_str("&#91;"),
                '\t' => page.push(c),
                c => push_visible(&mut page, c),
            }
        }
        page.push('\n');
    }
    page
}

/// The character, or its number where it is one that acts instead of being seen.
fn push_visible(text: &mut String, c: char) {
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}') {
        let _ = write!(text, "{}", c.escape_unicode()); // into a string: cannot fail
    } else {
        text.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_cannot_be_broken_steered_or_endless() {
        assert_eq!(one_line("a\nb\u{1b}[2J\u{202e}c", 80), "a\\u{a}b\\u{1b}[2J\\u{202e}c");
        assert_eq!(one_line("日本語のファイル", 3), "日本語…");
        assert_eq!(one_line("abc", 3), "abc");
    }

    #[test]
    fn plain_text_is_no_markdown() {
        assert_eq!(plain("a_b*c|<i>[x](y)`"), r"a\_b\*c\|\<i\>\[x\](y)\`");
    }

    #[test]
    fn a_page_keeps_its_shape_but_nothing_that_runs_or_loads() {
        let page = tamed("# T\n- a < b <script>x</script>\r\n![p](http://h/p.png) \\<b>\u{1b}[0m");
        assert_eq!(
            page,
            "# T\n- a &lt; b &lt;script>x&lt;/script>\n!&#91;p](http://h/p.png) \\&lt;b>\\u{1b}&#91;0m\n"
        );
    }

    #[test]
    fn cuts_fall_between_characters_and_are_marked() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("ä ü", 2), "ä […]");
    }

    proptest! {
        #[test]
        fn a_tamed_page_opens_no_html_no_link_and_holds_no_control_character(text in ".{0,80}") {
            let page = tamed(&text);
            prop_assert!(!page.contains(['<', '[']));
            prop_assert!(page.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        }
    }
}
