//! How deep a JSON text is, as far as it has come.

/// Tells where an object ends without reading it anew at each line: a server could make that take quadratic time.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
}

impl Nesting {
    /// Takes the next bytes. True where what has been opened is closed.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            if self.in_string {
                self.in_string = self.after_backslash || byte != b'"';
                self.after_backslash = byte == b'\\' && !self.after_backslash;
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.depth == 0 && !self.in_string
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_object_is_closed_at_its_end_and_not_before(text: String, list in proptest::collection::vec(any::<i32>(), 0..4)) {
            let json = serde_json::json!({"a": {text.clone(): list}, "b": [text, "]}\"\\"]}).to_string();
            let mut nesting = Nesting::default();
            let closed: Vec<usize> = json.bytes().enumerate().filter(|(_, byte)| nesting.read(&[*byte])).map(|(at, _)| at).collect();
            prop_assert_eq!(closed, [json.len() - 1]);
        }
    }
}
