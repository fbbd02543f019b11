//! Recognises the headings of an analysis, however a model writes them.

/// The sections that an analysis is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Summary,
    Findings,
    Metrics,
    Recommendations,
}

impl Section {
    /// Every section, in the order asked for.
    pub const ALL: [Section; 4] =
        [Section::Summary, Section::Findings, Section::Metrics, Section::Recommendations];

    /// Heading as it is asked for.
    pub fn title(self) -> &'static str {
        match self {
            Section::Summary => "Executive summary",
            Section::Findings => "Findings",
            Section::Metrics => "Metrics",
            Section::Recommendations => "Recommendations",
        }
    }

    /// The section of a heading's text: its noun, after any number of the adjectives that models put before it.
    fn of(phrase: &str) -> Option<Section> {
        const ADJECTIVES: [&str; 10] = [
            "executive",
            "brief",
            "key",
            "main",
            "core",
            "important",
            "overall",
            "final",
            "top",
            "performance",
        ];
        let phrase = phrase.to_lowercase();
        let (noun, before) = {
            let mut words: Vec<&str> = phrase.split_whitespace().collect();
            (words.pop()?, words)
        };
        if !before.iter().all(|word| ADJECTIVES.contains(word)) {
            return None;
        }
        match noun {
            "summary" => Some(Section::Summary),
            "finding" | "findings" => Some(Section::Findings),
            "metric" | "metrics" => Some(Section::Metrics),
            "recommendation" | "recommendations" => Some(Section::Recommendations),
            _ => None,
        }
    }
}

/// The section that a line begins, and what else stands on it. A heading is the section's name alone on its line or
/// before a colon, whatever is around it: `## Findings`, `**2. Key Findings:** text`, `3) METRICS`, `Summary: text`.
/// A list item is none, so that a metric named "summary" stays one.
pub(super) fn heading(line: &str) -> Option<(Section, &str)> {
    let line = line.trim();
    if ["- ", "* ", "+ ", "• "].iter().any(|bullet| line.starts_with(bullet)) {
        return None;
    }
    // Before the name: marks of headings and bold, numbers, symbols.
    let name = line.trim_start_matches(|c: char| !c.is_alphabetic());
    let end = name.find(|c: char| !c.is_alphabetic() && c != ' ').unwrap_or(name.len());
    let (phrase, after) = name.split_at(end);
    let section = Section::of(phrase)?;
    // After it: the ends of those marks, and a colon inside or outside of them.
    let text = after.trim_start_matches(['*', '_', '#', ':', '：', ' ', '\t']);
    let has_colon = after[..after.len() - text.len()].contains([':', '：']);
    (text.is_empty() || has_colon || line.starts_with('#')).then_some((section, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Section::{Findings, Metrics, Recommendations, Summary};

    #[test]
    fn headings_are_known_in_every_dress() {
        for (line, section, text) in [
            ("## Executive Summary", Summary, ""),
            ("# EXECUTIVE SUMMARY #", Summary, ""),
            ("###### findings", Findings, ""),
            ("**Key Findings**", Findings, ""),
            ("**2. Key Findings:** two", Findings, "two"),
            ("2. **Findings**: two", Findings, "two"),
            ("__Metrics__", Metrics, ""),
            ("3) METRICS", Metrics, ""),
            ("Metrics：三", Metrics, "三"),
            ("  Recommendations:", Recommendations, ""),
            ("Recommendation: cap the reads", Recommendations, "cap the reads"),
            ("## 4. Recommendations (top 3)", Recommendations, "(top 3)"),
            ("📊 Performance Metrics", Metrics, ""),
        ] {
            assert_eq!(heading(line), Some((section, text)), "{line:?}");
        }
    }

    #[test]
    fn prose_and_list_items_are_no_headings() {
        for line in [
            "",
            "---",
            "12345",
            "In summary, nothing differs.",
            "No findings",
            "Findings are listed below",
            "- Findings: 3",
            "* Summary",
            "Metrics and findings",
            "**Findings** are bold here",
            "## Conclusion",
        ] {
            assert_eq!(heading(line), None, "{line:?}");
        }
    }
}
