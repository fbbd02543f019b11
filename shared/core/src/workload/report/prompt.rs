//! The two prompts of an agent. Nothing in them changes from phase to phase but a nonce, where the plan asks for one.

use super::analysis::Analysis;
use super::heading::Section;
use tandem_records::Role;

/// What an agent of this role is to find out. Equal lengths, so that the roles differ in their task and not in the
/// work that their prompts make.
fn task(role: Role) -> &'static str {
    match role {
        Role::Collector => {
            "You take stock of benchmark files: say what was measured, how much of it there is, and what parts are missing."
        }
        Role::Insight => {
            "You interpret benchmark files: say what these data can show of agents that run together, and what they cannot."
        }
    }
}

/// Asks for the analysis of a folder from its summary.
pub(super) fn analysis(opening: &str, role: Role, data: &str) -> String {
    let headings = Section::ALL.map(|section| format!("## {}", section.title())).join("\n");
    format!(
        "{opening} {}\n\n{data}\n\n\
         Answer in Markdown with these four headings, in this order and spelling:\n{headings}\n\
         Write two or three sentences under the first and a list under each of the others. Rest every statement on \
         the files above, name the file, and say so where they do not tell.",
        task(role)
    )
}

/// Asks for the report from the analysis.
pub(super) fn report(opening: &str, role: Role, data: &str, analysis: &Analysis) -> String {
    format!(
        "{opening} {}\n\n{data}\n\nThis is your analysis of them.\n\n{}\n\n\
         Write the report in Markdown for engineers who have not seen the files: a title, one paragraph that stands \
         for the whole, the findings with the metrics that carry them, then the recommendations. Add nothing that \
         the analysis does not say.",
        task(role),
        analysis.for_prompt()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_tasks_of_their_own_and_of_equal_length() {
        assert_ne!(task(Role::Collector), task(Role::Insight));
        assert_eq!(task(Role::Collector).len(), task(Role::Insight).len());
    }

    #[test]
    fn the_analysis_prompt_asks_for_headings_that_the_parser_knows() {
        let prompt = analysis("Agent 00000.", Role::Collector, "Files read: none.");
        let asked: Vec<Section> =
            prompt.lines().filter_map(super::super::heading::heading).map(|(section, _)| section).collect();
        assert_eq!(asked, Section::ALL);
        assert!(prompt.starts_with("Agent 00000. You ") && prompt.contains("\n\nFiles read: none.\n\n"));
    }

    #[test]
    fn the_report_prompt_carries_data_and_analysis() {
        let prompt =
            report("Agent 00001.", Role::Insight, "Files read: none.", &Analysis::of("no structure"));
        assert!(prompt.starts_with("Agent 00001. You ") && prompt.contains("Files read: none."), "{prompt}");
        assert!(prompt.contains("\n\nExecutive summary:\nno structure\n\n"), "{prompt}");
    }
}
