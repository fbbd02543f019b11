//! Takes the key out of what servers say: some repeat it in their errors.

use super::API_KEY_VARIABLE;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// Stands where the key stood.
const MASK: &str = "(key)";

/// Shortest part of a key that is masked: servers repeat the beginning or the end of one, as a hint. Fewer characters are in every text.
const PART_BYTES: usize = 8;

/// A server's words without the key of the environment, or any larger part of it, as it is or escaped for JSON or a URL.
pub fn masked(text: &str) -> Cow<'_, str> {
    static KEY: OnceLock<Option<String>> = OnceLock::new();
    let of_environment = || std::env::var(API_KEY_VARIABLE).ok().map(|key| key.trim().to_owned());
    match KEY.get_or_init(|| of_environment().filter(|key| !key.is_empty())) {
        Some(key) => without(text, key),
        None => Cow::Borrowed(text),
    }
}

fn without<'a>(text: &'a str, key: &str) -> Cow<'a, str> {
    let places = places(text, key.as_bytes());
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    for place in places {
        kept.push_str(&text[end..place.start]);
        kept.push_str(MASK);
        end = place.end;
    }
    kept.push_str(&text[end..]);
    Cow::Owned(kept)
}

/// Where the text has the key or a part of it, in order and apart. The key is visible ASCII, so that each place ends between characters.
fn places(text: &str, key: &[u8]) -> Vec<Range<usize>> {
    let text = text.as_bytes();
    let mut places: Vec<Range<usize>> = Vec::new();
    let part = PART_BYTES.min(key.len());
    let mut at = 0;
    while at < text.len() {
        let parts = (0..=key.len() - part).map(|from| matched(text, at, &key[from..]));
        let longest = parts.filter(|(count, _)| *count >= part).max();
        // A key that is a short word, as servers without keys want one, is masked where it is a word.
        let is_inside_a_word = |end| {
            key.len() < PART_BYTES && (ends_with_letter(&text[..at]) || begins_with_letter(&text[end..]))
        };
        match longest {
            Some((_, end)) if !is_inside_a_word(end) => {
                match places.last_mut().filter(|last| last.end == at) {
                    Some(last) => last.end = end,
                    None => places.push(at..end),
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    places
}

/// How many of the characters of `part` stand at this place of the text, as they are or escaped, and where they end.
fn matched(text: &[u8], at: usize, part: &[u8]) -> (usize, usize) {
    let (mut count, mut end) = (0, at);
    while let Some(wanted) = part.get(count) {
        let is_it = |(byte, length): (u8, usize)| byte.eq_ignore_ascii_case(wanted).then_some(length);
        let rest = &text[end..];
        // What looks like an escape may be none: `%01+` of a key that has `01+`.
        let plain = || rest.first().and_then(|byte| is_it((*byte, 1)));
        let Some(length) = escape(rest).and_then(is_it).or_else(plain) else { break };
        (count, end) = (count + 1, end + length);
    }
    (count, end)
}
/// The ASCII character that the text begins with as an escape of JSON (`\u002d`, `\/`) or of URLs (`%2D`), and its length.
/// The ASCII character that the text begins with as an escape of JSON (`\\u002d`, `\\/`) or of URLs (`%2D`), and its length.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', hex @ ..] => Some((number(hex, 2)?, 3)),
        [b'\\', b'u', hex @ ..] => Some((number(hex, 4)?, 6)),
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] => Some((*escaped, 2)),
        _ => None,
    }
}

fn begins_with_letter(text: &[u8]) -> bool {
    let first = escape(text).map(|(byte, _)| byte).or(text.first().copied());
    first.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

fn ends_with_letter(text: &[u8]) -> bool {
    // As long as escapes of URLs and of JSON.
    let escaped = [3, 6].into_iter().find_map(|length| {
        let at = text.len().checked_sub(length)?;
        escape(&text[at..]).filter(|(_, of)| *of == length).map(|(byte, _)| byte)
    });
    escaped.or(text.last().copied()).is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// The ASCII character of so many hexadecimal digits.
fn number(hex: &[u8], digits: usize) -> Option<u8> {
    let text = std::str::from_utf8(hex.get(..digits)?)
        .ok()
        .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
    u8::from_str_radix(text?.trim_start_matches('0'), 16).ok().filter(u8::is_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "sk-tandem/01+23456789";

    #[test]
    fn the_key_is_masked_however_it_is_written() {
        for (text, kept) in [
            ("bad key sk-tandem/01+23456789", "bad key (key)"),
            ("Bearer sk-tandem/01+23456789, Bearer SK-TANDEM/01+23456789!", "Bearer (key), Bearer (key)!"),
            (r#"{"error":"sk-tandem\/01\u002b23456789"}"#, r#"{"error":"(key)"}"#),
            ("/login?key=sk-tandem%2F01%2b23456789&x=1", "/login?key=(key)&x=1"),
            ("sk-tande…, ends with …23456789", "(key)…, ends with …(key)"),
            ("sk-tandem/01+23456789sk-tandem/01+23456789", "(key)"),
            // No escapes, though they look like some.
            ("%01+23456789 \\u0001+23456789", "%(key) \\u00(key)"),
            ("größer sk-tandem/01+23456789größer", "größer (key)größer"),
            ("sk-tand, 3456789, \\ % \\u %zz", "sk-tand, 3456789, \\ % \\u %zz"),
            ("", ""),
        ] {
            assert_eq!(without(text, KEY), kept);
        }
    }

    #[test]
    fn a_short_key_is_masked_where_it_is_a_word() {
        assert_eq!(
            without("none of the keys, 'none', nonetheless", "none"),
            "(key) of the keys, '(key)', nonetheless"
        );
        assert_eq!(without("k: ok", "k"), "(key): ok");
        assert_eq!(without("x=%20none%20&y=%61none", "none"), "x=%20(key)%20&y=%61none");
    }

    proptest! {
        #[test]
        fn no_text_keeps_eight_characters_of_it(before in "\\PC{0,20}", from in 0usize..14, length in 8usize..22, after in "\\PC{0,20}") {
            let to = (from + length).min(KEY.len());
            let kept = without(&format!("{before}{}{after}", &KEY[from.min(to - 8)..to]), KEY).into_owned();
            for at in 0..=KEY.len() - 8 {
                prop_assert!(!kept.contains(&KEY[at..at + 8]), "{}", kept);
            }
        }
    }
}
