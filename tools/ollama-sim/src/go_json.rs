//! Where Go's encoding/json differs from other writers, and the words of its error messages.

/// Appends `text` as it stands between the quotes of a JSON string written by Go: `<`, `>`, `&`, U+2028 and
/// U+2029 are escaped as well, control characters without a short form as `\u00xx`.
pub fn escape_into(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\u{2028}' => out.extend_from_slice(b"\\u2028"),
            '\u{2029}' => out.extend_from_slice(b"\\u2029"),
            '<' | '>' | '&' | '\0'..='\u{1f}' => {
                let code = c as usize;
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[code >> 4], HEX[code & 15]]);
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// `text` as a quoted JSON string in Go's spelling.
pub fn quote(text: &str) -> String {
    let mut out = vec![b'"'];
    escape_into(&mut out, text);
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

/// Nesting at which this checker stops looking; deeper input is refused by the parser before it.
const MAX_DEPTH: usize = 120;

/// Go's complaint about the first JSON value in `text`; `None` when Go would accept it.
pub fn syntax_error(text: &str) -> Option<String> {
    Checker { rest: text.chars().collect::<Vec<_>>().into_iter().peekable() }
        .value(0, "looking for beginning of value")
        .err()
}

struct Checker {
    rest: std::iter::Peekable<std::vec::IntoIter<char>>,
}

type Check = Result<(), String>;

fn invalid(c: char, context: &str) -> String {
    let shown = match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", c.escape_debug()),
    };
    format!("invalid character {shown} {context}")
}

impl Checker {
    fn next(&mut self) -> Result<char, String> {
        self.rest.next().ok_or_else(|| "unexpected EOF".to_owned())
    }

    fn next_after_space(&mut self) -> Result<char, String> {
        while self.rest.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\n')).is_some() {}
        self.next()
    }

    fn value(&mut self, depth: usize, context: &str) -> Check {
        let c = self.next_after_space()?;
        self.value_from(c, depth, context)
    }

    fn value_from(&mut self, c: char, depth: usize, context: &str) -> Check {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".into());
        }
        match c {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.string(),
            't' => self.literal("true"),
            'f' => self.literal("false"),
            'n' => self.literal("null"),
            '-' | '0'..='9' => self.number(c),
            c => Err(invalid(c, context)),
        }
    }

    fn object(&mut self, depth: usize) -> Check {
        let mut c = self.next_after_space()?;
        if c == '}' {
            return Ok(());
        }
        loop {
            if c != '"' {
                return Err(invalid(c, "looking for beginning of object key string"));
            }
            self.string()?;
            match self.next_after_space()? {
                ':' => {}
                c => return Err(invalid(c, "after object key")),
            }
            self.value(depth + 1, "looking for beginning of value")?;
            match self.next_after_space()? {
                ',' => c = self.next_after_space()?,
                '}' => return Ok(()),
                c => return Err(invalid(c, "after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Check {
        let mut c = self.next_after_space()?;
        if c == ']' {
            return Ok(());
        }
        loop {
            self.value_from(c, depth + 1, "looking for beginning of value")?;
            match self.next_after_space()? {
                ',' => c = self.next_after_space()?,
                ']' => return Ok(()),
                c => return Err(invalid(c, "after array element")),
            }
        }
    }

    fn string(&mut self) -> Check {
        loop {
            match self.next()? {
                '"' => return Ok(()),
                '\\' => match self.next()? {
                    'b' | 'f' | 'n' | 'r' | 't' | '\\' | '/' | '"' => {}
                    'u' => {
                        for _ in 0..4 {
                            let c = self.next()?;
                            if !c.is_ascii_hexdigit() {
                                return Err(invalid(c, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    c => return Err(invalid(c, "in string escape code")),
                },
                c if c < ' ' => return Err(invalid(c, "in string literal")),
                _ => {}
            }
        }
    }

    fn literal(&mut self, word: &str) -> Check {
        for expected in word.chars().skip(1) {
            let c = self.next()?;
            if c != expected {
                return Err(invalid(c, &format!("in literal {word} (expecting '{expected}')")));
            }
        }
        Ok(())
    }

    fn number(&mut self, first: char) -> Check {
        let mut first = first;
        if first == '-' {
            first = self.next()?;
            if !first.is_ascii_digit() {
                return Err(invalid(first, "in numeric literal"));
            }
        }
        if first != '0' {
            self.digits();
        }
        if self.rest.next_if_eq(&'.').is_some() {
            self.digit("after decimal point in numeric literal")?;
        }
        if self.rest.next_if(|c| matches!(c, 'e' | 'E')).is_some() {
            self.rest.next_if(|c| matches!(c, '+' | '-'));
            self.digit("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digit(&mut self, context: &str) -> Check {
        let c = self.next()?;
        if !c.is_ascii_digit() {
            return Err(invalid(c, context));
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while self.rest.next_if(char::is_ascii_digit).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn errors_read_as_go_words_them() {
        for (text, error) in [
            ("{bad", "invalid character 'b' looking for beginning of object key string"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{\"a\":tru }", "invalid character ' ' in literal true (expecting 'e')"),
            ("\"a\\x\"", "invalid character 'x' in string escape code"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("{\"a\":", "unexpected EOF"),
        ] {
            assert_eq!(syntax_error(text).as_deref(), Some(error), "{text}");
        }
    }

    #[test]
    fn html_is_escaped_as_go_does() {
        assert_eq!(quote("a<b>&\"\\\n\u{1}\u{2028}é"), r#""a\u003cb\u003e\u0026\"\\\n\u0001\u2028é""#);
    }

    proptest! {
        #[test]
        fn escaped_text_reads_back(text: String) {
            prop_assert_eq!(serde_json::from_str::<String>(&quote(&text)).unwrap(), text);
        }

        #[test]
        fn the_checker_agrees_with_the_parser(text in r#"[\[\]{}:,"\\a0-9.eE+\- tnul]{0,12}"#) {
            let parsed = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>().next();
            if matches!(parsed, Some(Ok(_))) {
                prop_assert_eq!(syntax_error(&text), None);
            }
        }
    }
}
