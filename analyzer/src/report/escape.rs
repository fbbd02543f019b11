//! Text that came from files and servers is hostile: it may hold markup, line breaks, terminal codes.
//! One function per place where such text may stand; nothing else writes it.

/// Longest text that is shown of one value.
const LONGEST: usize = 300;

/// One value for Markdown, in a line or a table cell, at most 300 characters: shows the characters,
/// never acts as markup. Not for the beginning of a line, where a `#`, `>` or `-` alone would act.
///
/// Whatever GitHub's Markdown could read as markup, a table border, a tag, an entity, mathematics, a mention or
/// an automatic link is written as a numeric entity or with a backslash.
pub fn markdown(text: &str) -> String {
    sentence(&name(text))
}

/// The same for text of any length, such as a sentence that holds names.
pub fn sentence(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied();
        let inside_word = before.is_alphanumeric() && after.is_some_and(char::is_alphanumeric);
        let in_number = before.is_ascii_digit() && after.is_some_and(|c| c.is_ascii_digit());
        match c {
            '<' | '&' | '@' | '|' | '`' => out.push_str(&format!("&#{};", c as u32)),
            // `http://`, `mailto:a`, `:smile:`; not a colon in a sentence or a time of day.
            ':' if after.is_none_or(|c| c != ' ') && !in_number => out.push_str("&#58;"),
            '.' if inside_word && out.to_ascii_lowercase().ends_with("www") => out.push_str("&#46;"),
            // A bracket alone is text; a link needs what follows the closing one.
            ']' if after.is_none_or(|c| matches!(c, '(' | '[' | ':')) => out.push_str("\\]"),
            '_' if inside_word => out.push('_'),
            '\\' | '*' | '_' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// A name for plain sentences: one line of at most 300 harmless characters.
pub fn name(text: &str) -> String {
    printable(text).collect()
}

/// Text for an HTML comment: nothing in it can end the comment.
pub fn comment(text: &str) -> String {
    printable(text).map(|c| if matches!(c, '<' | '>') { '\u{fffd}' } else { c }).collect()
}

/// Text for an SVG or XML element: no markup, no character that XML 1.0 forbids.
pub fn svg(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in printable(text) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text for a terminal: no control codes.
pub fn plain(text: &str) -> String {
    text.chars().map(harmless).collect()
}

/// Text of several lines for a fenced block, with a fence that it cannot end.
pub fn fenced(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(plain).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// One line of at most [`LONGEST`] harmless characters.
fn printable(text: &str) -> impl Iterator<Item = char> + '_ {
    let long = text.chars().nth(LONGEST).is_some();
    let shown = if long { LONGEST - 1 } else { LONGEST };
    text.chars().take(shown).map(harmless).chain(long.then_some('…'))
}

/// White space becomes a space; control characters, characters that XML forbids and those that turn the
/// writing direction or cannot be seen become U+FFFD.
fn harmless(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    }
}
