//! What of a page's raw HTML may act.

use pulldown_cmark::Event;

/// Tags that reports write, exactly as they write them.
const TAGS: [&str; 5] = ["<details>", "</details>", "<summary>", "</summary>", "<br>"];

/// Raw HTML as the reports' own tags and one-line comments, and everything between them as text.
pub(super) fn split<'a>(raw: &str) -> Vec<Event<'a>> {
    let mut out = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let passed = own(rest);
        let (piece, after) = match passed {
            0 => rest.split_at(next_tag(rest)),
            length => rest.split_at(length),
        };
        let piece = piece.to_owned().into();
        out.push(if passed > 0 { Event::InlineHtml(piece) } else { Event::Text(piece) });
        rest = after;
    }
    out
}

/// Place of the first `<` after the first character, or the end.
fn next_tag(text: &str) -> usize {
    text.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(text.len(), |(at, _)| at)
}

/// Length of the tag or comment of a report at the beginning of the text; 0 where there is none.
fn own(text: &str) -> usize {
    if let Some(tag) = TAGS.iter().find(|tag| text.starts_with(**tag)) {
        return tag.len();
    }
    let Some(inside) = text.strip_prefix("<!-- ") else { return 0 };
    match inside.split_once('>') {
        Some((comment, _)) if comment.ends_with(" --") && !comment.contains(['<', '\n']) => {
            text.len() - inside.len() + comment.len() + 1
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Acting pieces in braces.
    fn shown(raw: &str) -> String {
        let piece = |event| match event {
            Event::InlineHtml(text) => format!("{{{text}}}"),
            Event::Text(text) => text.to_string(),
            other => panic!("{other:?}"),
        };
        split(raw).into_iter().map(piece).collect()
    }

    #[test]
    fn only_the_tags_of_reports_act() {
        assert_eq!(
            shown("<details><summary>More é</summary>\n"),
            "{<details>}{<summary>}More é{</summary>}\n"
        );
        assert_eq!(shown("a<br>b<br/><BR><br onload=x>"), "a{<br>}b<br/><BR><br onload=x>");
        assert_eq!(shown("<details open><script>x</script>"), "<details open><script>x</script>");
        assert_eq!(shown("<!-- by: make --><b>"), "{<!-- by: make -->}<b>");
        assert_eq!(shown("<!--><script>--><!-- <b> --><!-- a"), "<!--><script>--><!-- <b> --><!-- a");
        assert_eq!(shown("<"), "<");
        assert_eq!(shown("é<é"), "é<é");
    }
}
