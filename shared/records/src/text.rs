//! Text that servers wrote, before it is kept or shown: without the key, short, and in a table no formula.

use crate::api_key::masked;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest text that is kept, in characters: some lines of a terminal, and ten times an ordinary error.
const MOST_CHARS: usize = 800;
/// Room for the note that a text was cut, which is cut no further.
const NOTE_CHARS: usize = 60;

/// Beginnings of cells that spreadsheets take for formulas (OWASP, "CSV Injection"), the wide ones of East Asian keyboards too.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A server's words as they may be kept and shown: the key is masked, and what is longer than some lines is cut and says so. Twice does
/// no more than once.
pub fn server_text(text: &str) -> String {
    let text = masked(text);
    // Bytes bound characters: most texts need no count.
    if text.len() <= MOST_CHARS || text.chars().count() <= MOST_CHARS + NOTE_CHARS {
        return text.into_owned();
    }
    let kept: String = text.chars().take(MOST_CHARS).collect();
    format!("{kept}… (cut: {} characters)", text.chars().count())
}

/// A cell with a server's words: an apostrophe before what a spreadsheet would compute, and [`server_text`], which counts it.
fn cell(text: &str) -> String {
    if text.starts_with(FORMULAS) { server_text(&format!("'{text}")) } else { server_text(text) }
}

/// Writes a column or field with a server's words; every way to a file or a report leads through here.
pub(crate) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    cell(text).serialize(serializer)
}

/// Reads one: an arm that is none of ours may have written it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| cell(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let long = server_text(&"é".repeat(1_000_000));
        assert!(long.ends_with("é… (cut: 1000000 characters)") && long.chars().count() < 850, "{long}");
        let short = "x".repeat(MOST_CHARS);
        assert_eq!(server_text(&short), short);
    }

    #[test]
    fn a_cell_is_no_formula() {
        for (text, kept) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝1", "'＝1"),
            ("stop", "stop"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), kept);
        }
        // As long as may be: the apostrophe makes it one too long.
        let once = cell(&"=".repeat(MOST_CHARS + NOTE_CHARS));
        assert_eq!(cell(&once), once);
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "[-=+@ax'é]{0,30}", times in 1usize..200) {
            let once = cell(&text.repeat(times));
            prop_assert_eq!(cell(&once), once);
        }
    }
}
