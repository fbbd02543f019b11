//! An answer in pieces: which tokens go out in one object, and what they say.

use crate::text::Text;

/// What a piece of text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the model thinks before it answers.
    Thinking,
    /// The answer.
    Answer,
}

/// The pieces of one answer: thinking comes first, and no piece holds some of both.
#[derive(Debug)]
pub struct Pieces {
    text: Text,
    tokens: u32,
    thinking: u32,
    per_piece: u32,
    written: u32,
    /// Text of a piece of several tokens, kept for its memory.
    joined: String,
}

impl Pieces {
    /// `tokens` tokens, of which the first `thinking` are thinking, `per_piece` of them in a piece.
    pub fn new(text: Text, tokens: u32, thinking: u32, per_piece: u32) -> Pieces {
        let thinking = thinking.min(tokens);
        Pieces { text, tokens, thinking, per_piece: per_piece.max(1), written: 0, joined: String::new() }
    }

    /// Tokens among these that are thinking.
    pub fn thinking(&self) -> u32 {
        self.thinking
    }

    /// Tokens that [`Pieces::next`] has given out.
    pub fn written(&self) -> u32 {
        self.written
    }

    /// Number of the first token that is not in the piece that begins with token `from`.
    fn end_of_piece(&self, from: u32) -> u32 {
        let end = if from < self.thinking { self.thinking } else { self.tokens };
        from.saturating_add(self.per_piece).min(end)
    }

    /// Number of the first token that is not in the next `pieces` pieces.
    pub fn end_of(&self, pieces: u32) -> u32 {
        let mut end = self.written;
        for _ in 0..pieces {
            if end == self.tokens {
                break;
            }
            end = self.end_of_piece(end);
        }
        end
    }

    /// The next piece, as it stands between the quotes of a JSON string. It ends before token `limit`; there is
    /// none from there on.
    pub fn next(&mut self, limit: u32) -> Option<(Part, &str)> {
        let end = self.end_of_piece(self.written).min(limit);
        let count = end.checked_sub(self.written).filter(|count| *count > 0)?;
        let part = if self.written < self.thinking { Part::Thinking } else { Part::Answer };
        self.written = end;
        if count == 1 {
            return self.text.next().map(|token| (part, token));
        }
        self.joined.clear();
        self.joined.extend(self.text.by_ref().take(count as usize));
        Some((part, &self.joined))
    }

    /// What has not been given out, thinking and answer, as it stands between the quotes of a JSON string.
    pub fn rest(&self) -> (String, String) {
        let mut text = self.text.clone();
        let thinking = self.thinking.saturating_sub(self.written);
        let answer = self.tokens - self.written - thinking;
        (text.by_ref().take(thinking as usize).collect(), text.take(answer as usize).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(tokens: u32, thinking: u32, per_piece: u32) -> Pieces {
        Pieces::new(Text::new(7, None), tokens, thinking, per_piece)
    }

    /// Tokens and part of every piece.
    fn sizes(mut pieces: Pieces) -> Vec<(u32, Part)> {
        let mut sizes = Vec::new();
        loop {
            let before = pieces.written();
            let Some(part) = pieces.next(u32::MAX).map(|(part, _)| part) else { return sizes };
            sizes.push((pieces.written() - before, part));
        }
    }

    #[test]
    fn thinking_comes_first_and_shares_no_piece_with_the_answer() {
        use Part::{Answer, Thinking};
        assert_eq!(sizes(pieces(9, 5, 3)), [(3, Thinking), (2, Thinking), (3, Answer), (1, Answer)]);
        assert_eq!(sizes(pieces(3, 8, 2)), [(2, Thinking), (1, Thinking)]);
        assert_eq!(sizes(pieces(2, 0, 1)), [(1, Answer), (1, Answer)]);
    }

    #[test]
    fn a_piece_ends_at_the_limit_and_the_next_one_begins_there() {
        let mut pieces = pieces(8, 0, 4);
        assert!(pieces.next(3).is_some());
        assert_eq!(pieces.written(), 3);
        assert_eq!(pieces.next(3), None);
        assert_eq!(pieces.end_of(1), 7);
    }

    proptest! {
        #[test]
        fn the_text_is_the_same_however_it_is_cut(tokens in 1u32..200, thinking in 0u32..250, per_piece in 1u32..20) {
            let (mut thought, mut said) = (String::new(), String::new());
            let mut cut = pieces(tokens, thinking, per_piece);
            let whole = cut.rest();
            let end = cut.end_of(3);
            for _ in 0..3 {
                if let Some((part, text)) = cut.next(u32::MAX) {
                    if part == Part::Thinking { &mut thought } else { &mut said }.push_str(text);
                }
            }
            prop_assert_eq!(cut.written(), end);
            let rest = cut.rest();
            prop_assert_eq!((thought + &rest.0, said + &rest.1), whole.clone());
            let plain: String = Text::new(7, None).take(tokens as usize).collect();
            prop_assert_eq!(whole.0 + &whole.1, plain);
        }
    }
}
