//! Makes JSON of what servers write as JSON.
//!
//! A tokenizer cuts text anywhere, and what is written piece by piece may hold half a character: bytes that are no UTF-8, or one escape of
//! a surrogate pair (RFC 8259, section 7, allows it in the grammar). Programs in Python also write numbers that JSON does not have.

use std::borrow::Cow;

/// The same object in JSON: half a character becomes U+FFFD, a control character inside a string its escape, and `NaN`, `Infinity` and
/// numbers that no machine holds become null.
pub(super) fn repaired(json: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(json);
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest: &str = &text;
    while let Some(next) = rest.chars().next() {
        if next == '"' {
            rest = string(rest, &mut out);
        } else if is_of_number(next) || next.is_ascii_alphabetic() {
            let end =
                rest.find(|c| !is_of_number(c) && !char::is_ascii_alphanumeric(&c)).unwrap_or(rest.len());
            out.push_str(&value(&rest[..end]));
            rest = &rest[end..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out.into_bytes()
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '.')
}

/// A number or a word.
fn value(word: &str) -> Cow<'_, str> {
    let is_none = ["NaN", "Infinity", "None", "nan", "inf"].contains(&word.trim_start_matches('-'));
    let is_endless = || word.parse::<f64>().is_ok_and(f64::is_infinite);
    if is_none || is_endless() { Cow::Borrowed("null") } else { Cow::Borrowed(word) }
}

/// Copies the string that `text` begins with and returns what stands behind it.
fn string<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut rest = &text[1..];
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '"' => {
                out.push('"');
                return rest;
            }
            '\\' => rest = escape(rest, out),
            control @ ..'\u{20}' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    rest
}

/// Copies the escape whose backslash has been read.
fn escape<'a>(text: &'a str, out: &mut String) -> &'a str {
    if let Some((first, rest)) = unit(text) {
        let pair = rest.strip_prefix('\\').and_then(unit);
        return match (first, pair) {
            (0xd800..0xdc00, Some((0xdc00..0xe000, after))) => {
                out.push('\\');
                out.push_str(&text[..text.len() - after.len()]);
                after
            }
            (0xd800..0xe000, _) => {
                out.push('\u{fffd}');
                rest
            }
            _ => {
                out.push('\\');
                out.push_str(&text[..5]);
                rest
            }
        };
    }
    out.push('\\');
    let Some(letter) = text.chars().next() else { return text };
    out.push(letter);
    &text[letter.len_utf8()..]
}

/// The UTF-16 unit of `uXXXX` and what stands behind it.
fn unit(text: &str) -> Option<(u32, &str)> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?, &text[5..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(json: &[u8]) -> Value {
        serde_json::from_slice(&repaired(json)).unwrap()
    }

    #[test]
    fn what_is_not_json_becomes_json() {
        for (json, value) in [
            (&br#"["\ud83d"]"#[..], serde_json::json!(["\u{fffd}"])),
            (br#"["\ude00 x"]"#, serde_json::json!(["\u{fffd} x"])),
            (br#"["\ud83d\ude00"]"#, serde_json::json!(["\u{1f600}"])),
            (br#"["\ud83d\ud83d\ude00"]"#, serde_json::json!(["\u{fffd}\u{1f600}"])),
            (br#"["\ud83d\n\\ud83d"]"#, serde_json::json!(["\u{fffd}\n\\ud83d"])),
            (b"[\"\xf0\x9f\", \"\x98\x80\"]", serde_json::json!(["\u{fffd}", "\u{fffd}\u{fffd}"])),
            (b"[\"a\tb\"]", serde_json::json!(["a\tb"])),
            (
                br#"{"a":NaN,"b":-Infinity,"c":1e999,"d":"NaN"}"#,
                serde_json::json!({"a":null,"b":null,"c":null,"d":"NaN"}),
            ),
        ] {
            assert_eq!(read(json), value, "{}", String::from_utf8_lossy(json));
        }
    }

    proptest! {
        #[test]
        fn json_stays_what_it_is(text: String, number: f64, whole: i64) {
            let value = serde_json::json!({"a": [text.clone(), null, true], "b": number, "c": whole, (text): {}});
            prop_assert_eq!(read(value.to_string().as_bytes()), value);
        }

        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>) {
            prop_assert!(repaired(&bytes).len() <= 6 * bytes.len());
        }
    }
}
