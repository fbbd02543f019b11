//! The report that an agent keeps: facts of its own above a line, the model's text below it.

use super::analysis::Analysis;
use super::contents::count;
use super::heading::Section;
use super::inventory::Inventory;
use super::summary::counts;
use super::text::{plain, tamed};
use crate::workload::AgentPlan;
use jiff::Timestamp;
use tandem_records::{RequestOptions, Role, masked};

/// Skipped files named in a report; the others are counted.
const NAMED: usize = 50;

/// What a kept report is made from.
pub(super) struct Document<'a> {
    pub agent: &'a AgentPlan,
    /// Run, trial, attempt and phase.
    pub place: &'a str,
    /// Options of the request as they were sent.
    pub options: &'a RequestOptions,
    pub written: Timestamp,
    pub inventory: &'a Inventory,
    pub analysis: &'a Analysis,
    /// The model's report.
    pub answer: &'a str,
}

impl Document<'_> {
    /// The page. Model, server, file names and reasons are hostile: they stand as plain text. The model's report keeps
    /// its Markdown, but for HTML, links and images.
    pub fn markdown(&self) -> String {
        let agent = self.agent;
        let role = match agent.role {
            Role::Collector => "collector",
            Role::Insight => "insight",
        };
        let options = serde_json::Value::Object(self.options.clone()).to_string();
        let mut page = format!("# Report of agent {}, {role}\n\n", agent.index);
        for (name, value) in [
            ("trial", self.place),
            ("model", &agent.model),
            ("server", &agent.target.url),
            ("options sent", &options),
            ("written", &format!("{:.0}", self.written)),
            ("files read", &counts(self.inventory)),
            ("analysis", &self.form()),
        ] {
            page += &format!("- {name}: {}\n", plain(value));
        }
        let skipped = &self.inventory.skipped;
        page += &format!("- files skipped: {}\n", skipped.len());
        for entry in skipped.iter().take(NAMED) {
            page += &format!("- skipped: {}\n", plain(&entry.to_string()));
        }
        if skipped.len() > NAMED {
            page += &format!("- skipped: {} more\n", skipped.len() - NAMED);
        }
        page.push_str("\nBelow the line is the model's report. HTML, links and images in it are shown as text.\n\n---\n\n");
        if self.answer.trim().is_empty() {
            page.push_str("The answer was empty.\n");
        }
        page.push_str(&tamed(&masked(self.answer)));
        page
    }

    /// How the analysis came.
    fn form(&self) -> String {
        if !self.analysis.structured {
            return "the answer had no structure; the report was asked for from its whole text".into();
        }
        let sections = Section::ALL.map(|section| {
            let items = self.analysis.section(section).len();
            format!(
                "{} ({})",
                section.title().to_lowercase(),
                if items == 0 { "missing".into() } else { count(items, "item") }
            )
        });
        format!("in sections: {}", sections.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::report::folder::Skipped;
    use crate::workload::tests::agent;
    use std::path::Path;

    fn page(analysis: &str, answer: &str) -> String {
        let mut plan = agent(3);
        plan.model = "gem|ma\n# x".into();
        let inventory = Inventory {
            skipped: vec![Skipped::new(Path::new("<b>_x_.csv"), "not UTF-8 at byte 0")],
            ..Inventory::default()
        };
        let options = serde_json::from_str(r#"{"num_ctx": 512}"#).unwrap();
        let analysis = Analysis::of(analysis);
        let document = Document {
            agent: &plan,
            place: "run r, trial 1, attempt 2, phase solo",
            options: &options,
            written: Timestamp::UNIX_EPOCH,
            inventory: &inventory,
            analysis: &analysis,
            answer,
        };
        document.markdown()
    }

    #[test]
    fn facts_stand_above_the_line_and_the_model_below() {
        let text = page("## Summary\nfine\n## Findings\n- a\n- b", "# Title\n<img src=x>");
        assert_eq!(
            text,
            r#"# Report of agent 3, insight

- trial: run r, trial 1, attempt 2, phase solo
- model: gem\|ma\\u{a}# x
- server: http://127.0.0.1:1
- options sent: {"num\_ctx":512}
- written: 1970-01-01T00:00:00Z
- files read: none
- analysis: in sections: executive summary (1 item), findings (2 items), metrics (missing), recommendations (missing)
- files skipped: 1
- skipped: \<b\>\_x\_.csv: not UTF-8 at byte 0

Below the line is the model's report. HTML, links and images in it are shown as text.

---

# Title
&lt;img src=x>
"#
        );
    }

    #[test]
    fn a_report_from_an_answer_without_structure_says_so() {
        let text = page("words", " \n");
        assert!(text.contains("- analysis: the answer had no structure; the report"), "{text}");
        assert!(text.contains("\n---\n\nThe answer was empty.\n"), "{text}");
    }
}
