//! Section: where the numbers come from, and which lines were left out.

use super::text::paragraph;
use crate::report::{escape, format, words};
use crate::tr115::reading::Reading;

pub(super) fn section(reading: &Reading, command: &str) -> String {
    let study = reading.study;
    let mut text = "## Provenance\n\n".to_owned();
    text += &words::head(&["what", "value"], 2);
    let calls = study.rows.1.map_or_else(|| "none usable".to_owned(), |n| n.to_string());
    for (what, value) in [
        ("report made with", command.to_owned()),
        ("rows of agents used", study.rows.0.to_string()),
        ("rows of calls used", calls),
        ("lines left out", study.findings.total().to_string()),
        ("margin", words::margin(reading.margin)),
    ] {
        text += &words::row(&[what.to_owned(), escape::markdown(&value)]);
    }
    text += "\n";
    text += &paragraph(
        "Level of the figures: efficiencies are compared with one value per run, tier by tier; times to the first token and \
         ms per token have one value per call, stage by stage and tier by tier; figures that carry no tier are counts over \
         all of them. The columns are described in the README.md beside the files.",
    );
    if study.findings.total() == 0 {
        return text;
    }
    text += "### Left out\n\n";
    text += &words::head(&["file", "line", "reason"], 3);
    for finding in study.findings.shown() {
        text += &words::row(&[
            escape::markdown(&finding.file),
            finding.line.map_or_else(|| format::NONE.to_owned(), |line| line.to_string()),
            escape::markdown(&finding.reason),
        ]);
    }
    let hidden = study.findings.total() - study.findings.shown().len();
    if hidden > 0 {
        text += &words::row(&["…".to_owned(), String::new(), format!("{hidden} more")]);
    }
    text + "\n"
}
