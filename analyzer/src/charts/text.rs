//! How wide text may be, so that none leaves its place: names come from files and may be of any length.

/// Bold letters are wider by about this factor.
pub(super) const BOLD: f64 = 1.12;

/// Width of one line in logical pixels, in the widest of the usual sans-serif fonts.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The text if it fits into `room`, else its beginning and end, which tell long names apart.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut left = room / size - em('…');
    let (mut front, mut back) = (0, letters.len());
    while front < back {
        // A name tells more at its beginning.
        let from_front = front <= 2 * (letters.len() - back);
        let letter = if from_front { letters[front] } else { letters[back - 1] };
        left -= em(letter);
        if left < 0.0 {
            break;
        }
        if from_front { front += 1 } else { back -= 1 }
    }
    letters[..front].iter().chain(&['…']).chain(&letters[back..]).collect()
}

/// Advance of a letter in em, rounded up from DejaVu Sans, which is wider than Arial, Helvetica and Roboto.
fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | ' ' | '.' | ',' | ':' | ';' | '!' | '\'' | '|' | '/' | '\\' => 0.35,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 1.0,
        'A'..='Z' | '#' | '+' | '<' | '>' | '=' | '~' | '^' | '&' | '±' | '×' | '·' => 0.84,
        ' '..='~' | 'µ' => 0.64,
        // Letters of other alphabets up to ideographs, which fill their square.
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_the_rest_keeps_both_ends() {
        assert_eq!(fitted("tokio-default#2", 12.0, 200.0), "tokio-default#2");
        let short = fitted("tokio-default-of-a-very-long-name#2", 12.0, 100.0);
        assert!(short.starts_with("tokio") && short.ends_with("#2") && short.contains('…'), "{short}");
        for text in ["WWWWWWWWWWWWWWWW", "日本語日本語日本語日本語", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"]
        {
            assert!(width(&fitted(text, 12.0, 100.0), 12.0) <= 100.0, "{text}");
        }
        assert_eq!(fitted("ab", 12.0, 1.0), "…");
    }
}
