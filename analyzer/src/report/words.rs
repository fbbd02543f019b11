//! Phrases that several parts of a report share.

use super::{escape, format};
use crate::analysis::{Arm, Cell};
use tandem_records::ServerKind;

/// `two simulated Ollama servers with two agents`, without what nobody told.
pub(super) fn circumstances(cell: &Cell) -> String {
    let agents =
        format!("{} agent{}", format::count(cell.agents as usize), if cell.agents == 1 { "" } else { "s" });
    let kind = match cell.server_kind {
        ServerKind::Sim => "simulated Ollama server",
        ServerKind::Ollama => "Ollama server",
        ServerKind::Openai => "server with OpenAI's API",
    };
    let plural = kind.replacen("server", "servers", 1);
    match cell.servers {
        None => format!("{plural} with {agents}"),
        Some(1) => format!("one {kind} with {agents}"),
        Some(number) => format!("{} {plural} with {agents}", format::count(number as usize)),
    }
}

/// HTTP client of an arm with what is special about it, plain text.
pub(super) fn client(arm: &Arm) -> String {
    let mut text = arm.client.map_or(format::NONE.to_owned(), |client| client.to_string());
    if !arm.bridge.is_empty() {
        text = format!("{text} {}", escape::name(&arm.bridge));
    }
    if let Some(cap) = arm.read_cap_bytes.filter(|&cap| cap > 0) {
        text = format!("{text}, reads capped at {cap} B");
    }
    text
}

/// Arm names for plain sentences: `a, b and c`.
pub(super) fn arms<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    format::listed(&names.into_iter().map(escape::name).collect::<Vec<_>>())
}

/// The margin: `±0.5 pp`.
pub(crate) fn margin(fraction: f64) -> String {
    format!("±{} pp", format::trimmed(fraction * 100.0))
}

/// A row of a Markdown table.
pub(crate) fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Head of a Markdown table; columns after the first `left` are numbers and stand at the right.
pub(crate) fn head(titles: &[&str], left: usize) -> String {
    let rules: Vec<&str> = (0..titles.len()).map(|i| if i < left { "---" } else { "---:" }).collect();
    format!("| {} |\n| {} |\n", titles.join(" | "), rules.join(" | "))
}
