//! The text of a response: made-up words drawn from the request's key.
//!
//! A piece is what one token adds to the text. In natural text most are a space and a made-up word; a few carry what
//! parsers trip over: quotes, backslashes, line ends, `<`, `>`, `&`, several bytes per character. Where the size of a
//! token is a factor, all pieces have that many bytes. No piece ever follows itself: real servers cut a response off
//! after thirty equal pieces.

mod sized;

use crate::go_json::escape_into;
use crate::key::{below, mix};
use std::sync::OnceLock;

/// Pieces that test a client's parser.
const AWKWARD: [&str; 24] = [
    ".",
    ",",
    "\n",
    "\n\n",
    "\t",
    " \"kavo\"",
    "\"",
    "\\",
    " <fali>",
    " </fali>",
    " & ",
    " a<b",
    " 'zo'",
    " ñami",
    " çelo",
    " żuvo",
    " лупо",
    " μετο",
    " 日々",
    " 한울",
    " 🙂",
    "é",
    " {\"k\":1}",
    " data: [DONE]",
];
/// Made-up words in the vocabulary; with [`AWKWARD`] about one piece in forty is awkward.
const WORDS: usize = 1000;

/// One piece as text and as it stands between the quotes of a JSON string.
#[derive(Debug)]
pub struct Piece {
    /// The text itself.
    pub text: String,
    /// Escaped as Go's encoding/json does it.
    pub json: String,
}

fn vocabulary() -> &'static [Piece] {
    static VOCABULARY: OnceLock<Vec<Piece>> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let words = (0..WORDS as u64).map(word);
        words.chain(AWKWARD.map(str::to_owned)).map(Piece::new).collect()
    })
}

/// Word number `index`: a space and one to three syllables of consonant and vowel.
fn word(index: u64) -> String {
    let mut bits = mix(index);
    let mut take = |n: u64| {
        bits = mix(bits);
        below(bits, n) as usize
    };
    let mut word = String::from(" ");
    for _ in 0..=take(3) {
        word.push(char::from(b"bcdfghklmnprstvz"[take(16)]));
        word.push(char::from(b"aeiou"[take(5)]));
    }
    word
}

impl Piece {
    fn new(text: String) -> Piece {
        let mut json = Vec::new();
        escape_into(&mut json, &text);
        let json = String::from_utf8_lossy(&json).into_owned();
        Piece { text, json }
    }
}

/// The endless sequence of pieces of one key, as they stand between the quotes of a JSON string.
#[derive(Debug, Clone)]
pub enum Text {
    /// Pieces of many lengths.
    Natural(Natural),
    /// Pieces of one length.
    Sized(sized::Sized),
}

impl Text {
    /// The text of the request with this key: natural, or of tokens of `token_bytes` bytes.
    pub fn new(key: u64, token_bytes: Option<u32>) -> Text {
        match token_bytes {
            None => Text::Natural(Natural::new(key)),
            Some(bytes) => Text::Sized(sized::Sized::new(key, bytes as usize)),
        }
    }

    /// The next piece as a client reads it, without JSON's escapes.
    pub fn next_plain(&mut self) -> Option<&'static str> {
        match self {
            Text::Natural(text) => text.next().map(|piece| piece.text.as_str()),
            Text::Sized(text) => text.next(),
        }
    }
}

impl Iterator for Text {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        match self {
            Text::Natural(text) => text.next().map(|piece| piece.json.as_str()),
            Text::Sized(text) => text.next(),
        }
    }
}

/// Natural text.
#[derive(Debug, Clone)]
pub struct Natural {
    state: u64,
    last: usize,
}

impl Natural {
    fn new(key: u64) -> Natural {
        Natural { state: mix(!key), last: usize::MAX }
    }
}

impl Iterator for Natural {
    type Item = &'static Piece;

    fn next(&mut self) -> Option<&'static Piece> {
        let pieces = vocabulary();
        self.state = self.state.wrapping_add(1);
        let mut index = below(mix(self.state), pieces.len() as u64) as usize;
        // Two words of the vocabulary may read alike, hence the comparison of text and not of place.
        while self.last != usize::MAX && pieces[index].text.trim() == pieces[self.last].text.trim() {
            index = (index + 1) % pieces.len();
        }
        self.last = index;
        Some(&pieces[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_gives_the_same_text_and_another_key_another() {
        let text = |key| Natural::new(key).take(300).map(|p| p.text.as_str()).collect::<String>();
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn no_piece_follows_itself() {
        for key in 0..50 {
            let pieces: Vec<_> = Natural::new(key).take(2000).map(|p| p.text.trim()).collect();
            assert!(pieces.windows(2).all(|w| w[0] != w[1]), "key {key}");
        }
    }

    #[test]
    fn every_piece_survives_json() {
        for piece in vocabulary() {
            let read: String = serde_json::from_str(&format!("\"{}\"", piece.json)).unwrap();
            assert_eq!(read, piece.text);
        }
    }

    #[test]
    fn a_few_pieces_in_a_hundred_are_awkward() {
        let awkward = Natural::new(3).take(10_000).filter(|p| AWKWARD.contains(&p.text.as_str())).count();
        assert!((100..500).contains(&awkward), "{awkward}");
    }
}
