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
    let letters = plain(text.as_bytes());
    let is_word = |at: usize| letters.get(at).is_some_and(|letter| letter.byte.is_ascii_alphanumeric());
    let mut places: Vec<Range<usize>> = Vec::new();
    let part = PART_BYTES.min(key.len());
    let mut at = 0;
    while at + part <= letters.len() {
        let is_here = |from: &[u8], length: usize| {
            length <= from.len()
                && letters[at..].len() >= length
                && from.iter().zip(&letters[at..at + length]).all(|(a, b)| a.eq_ignore_ascii_case(&b.byte))
        };
        let begins = (0..=key.len() - part).find(|&from| is_here(&key[from..], part));
        let Some(from) = begins else {
            at += 1;
            continue;
        };
        let length = (part..=key.len() - from).take_while(|&length| is_here(&key[from..], length)).last();
        let end = at + length.unwrap_or(part);
        // A key that is a short word, as servers without keys want one, is masked where it is a word.
        if key.len() < PART_BYTES && (at > 0 && is_word(at - 1) || is_word(end)) {
            at += 1;
            continue;
        }
        let place = letters[at].place.start..letters[end - 1].place.end;
        match places.last_mut().filter(|last| last.end == place.start) {
            Some(last) => last.end = place.end,
            None => places.push(place),
        }
        at = end;
    }
    places
}

/// A byte of a text, and where it stands there as it is or escaped.
struct Letter {
    byte: u8,
    place: Range<usize>,
}

/// The text without escapes of JSON (`\\u002d`, `\\/`) and URLs (`%2D`), as far as they stand for ASCII.
fn plain(text: &[u8]) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (byte, length) = match &text[at..] {
            [b'%', hex @ ..] if number(hex, 2).is_some() => (number(hex, 2), 3),
            [b'\\', b'u', hex @ ..] if number(hex, 4).is_some() => (number(hex, 4), 6),
            [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] => (Some(*escaped), 2),
            rest => (Some(rest[0]), 1),
        };
        letters.push(Letter { byte: byte.unwrap_or(0), place: at..at + length });
        at += length;
    }
    letters
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
