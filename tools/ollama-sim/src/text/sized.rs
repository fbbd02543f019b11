//! Text whose tokens all have the same number of bytes: a factor of an experiment, not a likeness of real text.
//!
//! A piece is a slice of one ribbon of made-up words, cut before a word: a token costs the simulator no more than in
//! natural text, whatever its size. Letters and spaces stand for themselves in JSON.

use crate::key::{below, mix};
use std::sync::OnceLock;

/// Longest token.
pub const MOST_BYTES: usize = 4096;
/// A space and seven letters.
const WORD_BYTES: usize = 8;
/// Words at which a piece may begin, an even number.
const WORDS: usize = 2048;

/// Words one after the other, even ones beginning with a consonant and odd ones with a vowel.
fn ribbon() -> &'static str {
    static RIBBON: OnceLock<String> = OnceLock::new();
    RIBBON.get_or_init(|| {
        let mut ribbon = String::with_capacity((WORDS + 1) * WORD_BYTES + MOST_BYTES);
        // The last pieces run on beyond the words at which a piece begins.
        for index in 0..WORDS + 1 + MOST_BYTES / WORD_BYTES {
            push_word(&mut ribbon, index);
        }
        ribbon
    })
}

fn push_word(ribbon: &mut String, index: usize) {
    ribbon.push(' ');
    let mut bits = mix(!(index as u64));
    for place in index..index + WORD_BYTES - 1 {
        bits = mix(bits);
        let letters: &[u8] = if place.is_multiple_of(2) { b"bcdfghklmnprstvz" } else { b"aeiou" };
        ribbon.push(char::from(letters[below(bits, letters.len() as u64) as usize]));
    }
}

/// The endless sequence of pieces of `bytes` bytes of one key: each a pure function of the key and its place.
#[derive(Debug, Clone)]
pub struct Sized {
    key: u64,
    place: usize,
    bytes: usize,
}

impl Sized {
    /// The text of the request with this key; `bytes` from 1 to [`MOST_BYTES`].
    pub fn new(key: u64, bytes: usize) -> Sized {
        Sized { key: mix(!key), place: 0, bytes: bytes.clamp(1, MOST_BYTES) }
    }
}

impl Iterator for Sized {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let drawn = below(mix(self.key.wrapping_add(self.place as u64)), (WORDS / 2) as u64) as usize;
        // Even and odd words in turn: neighbours differ in their first letter.
        let word = 2 * drawn + self.place % 2;
        // One byte has no room for a space and a letter.
        let begin = word * WORD_BYTES + usize::from(self.bytes == 1);
        self.place += 1;
        ribbon().get(begin..begin + self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 8] = [1, 2, 5, 8, 64, 255, 1024, MOST_BYTES];

    #[test]
    fn every_piece_has_the_bytes_asked_for_and_begins_with_a_space_where_there_is_room() {
        for bytes in SIZES {
            for piece in Sized::new(9, bytes).take(5000) {
                assert_eq!(piece.len(), bytes);
                assert_eq!(piece.starts_with(' '), bytes > 1, "{piece:?}");
                assert!(piece.bytes().all(|b| b == b' ' || b.is_ascii_lowercase()), "{piece:?}");
            }
        }
    }

    #[test]
    fn every_word_of_the_ribbon_can_begin_a_piece() {
        let last = (WORDS - 1) * WORD_BYTES;
        assert!(ribbon().get(last..last + MOST_BYTES).is_some());
        assert_eq!(Sized::new(0, 8).take(200_000).collect::<std::collections::BTreeSet<_>>().len(), WORDS);
    }

    #[test]
    fn no_piece_follows_itself() {
        for bytes in SIZES {
            let pieces: Vec<_> = Sized::new(3, bytes).take(5000).collect();
            assert!(pieces.windows(2).all(|pair| pair[0] != pair[1]), "{bytes} bytes");
        }
    }

    #[test]
    fn the_same_key_gives_the_same_text_and_another_key_or_size_another() {
        let text = |key, bytes| Sized::new(key, bytes).take(300).collect::<String>();
        assert_eq!(text(7, 5), text(7, 5));
        assert_ne!(text(7, 5), text(8, 5));
        assert_ne!(text(7, 5), text(7, 6));
    }
}
