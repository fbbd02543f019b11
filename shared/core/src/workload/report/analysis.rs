//! Reads a model's analysis: its sections and their items, or the whole text where it has none.

use super::heading::{Section, heading};
use super::text::cut;

/// Sections from which on an answer counts as structured. Fewer may be one that merely begins with "Summary:"; all
/// four would leave out answers that their length limit cut short.
const ENOUGH: usize = 2;
/// Characters of an analysis that go into the next prompt: about 1,500 tokens, which leaves room in a context of 4,096.
const PROMPT_CHARS: usize = 6_000;

/// An analysis as the agent understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Analysis {
    /// Items of each section, in the order of [`Section::ALL`].
    sections: [Vec<String>; 4],
    /// Whether it came in the sections asked for. If not, its whole text is the summary.
    pub structured: bool,
}

impl Analysis {
    /// Reads any text.
    pub fn of(text: &str) -> Analysis {
        // What stands before the first heading belongs to the summary.
        let mut lines: [Vec<&str>; 4] = Default::default();
        let mut section = Section::Summary;
        let mut headed = [false; 4];
        for line in text.lines() {
            match heading(line) {
                None => lines[section as usize].push(line),
                Some((begun, rest)) => {
                    section = begun;
                    headed[section as usize] = true;
                    // Two headings of one kind are two paragraphs.
                    lines[section as usize].extend(["", rest]);
                }
            }
        }
        let sections = lines.map(|lines| items(&lines));
        let found =
            sections.iter().zip(headed).filter(|(items, headed)| *headed && !items.is_empty()).count();
        if found >= ENOUGH {
            return Analysis { sections, structured: true };
        }
        let whole = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut sections: [Vec<String>; 4] = Default::default();
        sections[Section::Summary as usize].extend(whole);
        Analysis { sections, structured: false }
    }

    /// Items of a section; paragraphs are items, too.
    pub fn section(&self, section: Section) -> &[String] {
        &self.sections[section as usize]
    }

    /// The analysis for a prompt: its sections in order, each cut to its share of [`PROMPT_CHARS`].
    pub fn for_prompt(&self) -> String {
        let present: Vec<Section> =
            Section::ALL.into_iter().filter(|&section| !self.section(section).is_empty()).collect();
        let share = PROMPT_CHARS / present.len().max(1);
        let text = |section: Section| match self.section(section) {
            [only] => only.clone(),
            items => items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"),
        };
        let parts: Vec<String> = present
            .iter()
            .map(|&section| format!("{}:\n{}", section.title(), cut(&text(section), share)))
            .collect();
        if parts.is_empty() { "The analysis was empty.".into() } else { parts.join("\n\n") }
    }
}

/// Lines as items: one for each bullet or number, with the lines that go on with it, and one for each paragraph.
fn items(lines: &[&str]) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines.iter().map(|line| line.trim()) {
        let bulleted = without_bullet(line);
        let text = bulleted.unwrap_or(line);
        // Rules, underlines of headings and empty bullets say nothing.
        if text.chars().all(|c| matches!(c, '-' | '=' | '*' | '_')) {
            goes_on = false;
            continue;
        }
        match items.last_mut() {
            Some(item) if goes_on && bulleted.is_none() => {
                item.push(' ');
                item.push_str(text);
            }
            _ => items.push(text.to_owned()),
        }
        goes_on = true;
    }
    items
}

/// The text of a list item; `None` for a line that is none.
fn without_bullet(line: &str) -> Option<&str> {
    let after_digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (after_digits.len() < line.len()).then_some(after_digits);
    let marked = ["- ", "* ", "+ ", "• "].iter().find_map(|bullet| line.strip_prefix(bullet));
    marked.or_else(|| numbered?.strip_prefix(". ").or(numbered?.strip_prefix(") "))).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sections(text: &str) -> [Vec<String>; 4] {
        let analysis = Analysis::of(text);
        assert!(analysis.structured, "{text:?}");
        analysis.sections
    }

    #[test]
    fn sections_and_their_items_are_read_from_every_dress() {
        let expected = [vec!["All arms agree."], vec!["one", "two goes on"], vec!["E: 0.99"], vec!["repeat"]];
        for text in [
            "# Executive Summary\nAll arms agree.\n\n## Findings\n- one\n- two\n  goes on\n\n## Metrics\n* E: 0.99\n\n## Recommendations\n1. repeat\n",
            "**Executive Summary:** All arms agree.\n**Key findings**\n1) one\n2) two\ngoes on\n**Metrics**\n• E: 0.99\n---\n**Recommendations:**\n- repeat",
            "Summary:\r\nAll arms agree.\r\nFINDINGS\r\n\r\none\r\n\r\ntwo\r\ngoes on\r\n3. Metrics\r\n+ E: 0.99\r\nRecommendation: repeat\r\n",
            "Executive summary\n=====\nAll arms agree.\nFindings\n-----\n- one\n- two goes on\nMetrics\n-\n- E: 0.99\nRecommendations\n- repeat",
            "All arms agree.\n## Metrics\nE: 0.99\n## Findings\none\n\ntwo goes on\n## Recommendations\nrepeat",
        ] {
            assert_eq!(
                sections(text),
                expected.clone().map(|items| items.into_iter().map(String::from).collect::<Vec<_>>()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_answer_cut_short_is_structured_and_lacks_its_end() {
        let analysis = Analysis::of("## Executive summary\nfine\n## Findings\n- one\n## Metr");
        assert!(analysis.structured);
        assert_eq!(analysis.section(Section::Findings), ["one ## Metr"]);
        assert!(analysis.section(Section::Recommendations).is_empty());
    }

    #[test]
    fn an_answer_without_structure_is_kept_whole() {
        for text in [
            "Just prose, no sections.\n\nMore.",
            "Summary: only this",
            "{\"findings\": []}",
            "## Findings\n## Metrics",
        ] {
            let analysis = Analysis::of(text);
            assert!(!analysis.structured, "{text:?}");
            assert_eq!(analysis.section(Section::Summary), [text]);
        }
        assert_eq!(Analysis::of(" \n").for_prompt(), "The analysis was empty.");
    }

    #[test]
    fn the_prompt_holds_the_sections_within_its_bound() {
        let analysis = Analysis::of("## Summary\nfine\n## Findings\n- one\n- two");
        assert_eq!(analysis.for_prompt(), "Executive summary:\nfine\n\nFindings:\n- one\n- two");
        let long = Analysis::of(&"many words ".repeat(10_000)).for_prompt();
        assert!(long.ends_with(" […]") && long.chars().count() < PROMPT_CHARS + 40, "{}", long.len());
    }

    /// Lines as a careless model might write them.
    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("## Findings".to_owned()),
            Just("**Metrics:**".to_owned()),
            Just("1. Recommendations: x".to_owned()),
            Just("Executive Summary".to_owned()),
            Just("- item".to_owned()),
            Just(String::new()),
            ".{0,30}",
        ]
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_none_of_it_is_lost(lines in proptest::collection::vec(line(), 0..20)) {
            let text = lines.join("\n");
            let analysis = Analysis::of(&text);
            if analysis.structured {
                let kept = analysis.sections.concat().join(" ");
                for word in lines.iter().filter(|line| heading(line).is_none()).flat_map(|line| line.split_whitespace()) {
                    // Numbers and bullets of lists are no words.
                    if word.chars().any(char::is_alphabetic) {
                        prop_assert!(kept.contains(word), "{:?} is not in {:?}", word, kept);
                    }
                }
            } else {
                prop_assert_eq!(analysis.sections.concat().concat(), text.trim());
            }
            prop_assert!(analysis.for_prompt().chars().count() <= PROMPT_CHARS + 100);
        }
    }
}
