//! Text that came from files and servers is hostile: it may hold markup, line breaks, terminal codes.
//! One function per place where such text may stand; nothing else writes it.

/// Longest text that is shown of one value.
const LONGEST: usize = 300;

/// Text for Markdown, in a line or a table cell: shows the characters, never acts as markup.
///
/// Everything that GitHub's Markdown could read as markup, a table border, an HTML tag, an entity or an
/// automatic link is written as a numeric entity or with a backslash.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in printable(text) {
        match c {
            // Automatic links begin with `http://`, `www.` or hold an `@`: an entity stops them all.
            '<' | '>' | '&' | ':' | '@' | '|' | '`' => out.push_str(&format!("&#{};", c as u32)),
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("&#46;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '!' | '~' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text for a code span or fenced block that already stands in code: only what would end it is replaced.
pub fn markdown_code(text: &str) -> String {
    printable(text).map(|c| if c == '`' { '\'' } else { c }).collect()
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
    printable(text).collect()
}

/// One line of at most [`LONGEST`] characters: white space becomes a space; control characters, characters
/// that XML forbids and those that turn the writing direction become U+FFFD.
fn printable(text: &str) -> impl Iterator<Item = char> + '_ {
    let long = text.chars().nth(LONGEST).is_some();
    let shown = if long { LONGEST - 1 } else { LONGEST };
    let clean = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    };
    text.chars().take(shown).map(clean).chain(long.then_some('…'))
}
