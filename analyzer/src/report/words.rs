//! Phrases that several parts of a report share.

use super::{escape, format};
use crate::analysis::{Analysis, Arm, Cell, Fates, Tally};
use tandem_records::{Arrivals, Capacity, Length, ServerKind};

/// `two simulated Ollama servers sharing one GPU with two agents (configuration x)`, without what nobody told.
pub(super) fn circumstances(cell: &Cell) -> String {
    let facts = &cell.facts;
    let agents = facts.agents as usize;
    let agents = format!("{} agent{}", format::count(agents), if agents == 1 { "" } else { "s" });
    let kind = match facts.server_kind {
        ServerKind::Sim => "simulated Ollama server",
        ServerKind::Ollama => "Ollama server",
        ServerKind::Openai => "server with OpenAI's API",
    };
    let plural = kind.replacen("server", "servers", 1);
    let one = cell.servers == Some(1);
    let servers = match cell.servers {
        None => plural,
        Some(1) => format!("one {kind}"),
        Some(number) => format!("{} {plural}", format::count(number as usize)),
    };
    let capacity = match (facts.capacity, one) {
        (Some(Capacity::Shared), true) => " on one GPU",
        (Some(Capacity::Shared), false) => " sharing one GPU",
        (Some(Capacity::Serial), true) => " that serves one stream at a time",
        (Some(Capacity::Serial), false) => " that serve one stream at a time",
        (Some(Capacity::Independent) | None, _) => "",
    };
    let mut special = Vec::new();
    if !facts.configuration.is_empty() {
        special.push(format!("configuration {}", escape::name(&facts.configuration)));
    }
    if facts.permits < facts.agents {
        special.push(format!("at most {} at work at once", format::count(facts.permits as usize)));
    }
    if let Some(rate) = facts.rate_per_s {
        let spread = match facts.arrivals {
            Some(Arrivals::Poisson) => ", Poisson arrivals",
            Some(Arrivals::Constant) => ", equal gaps",
            None => "",
        };
        special.push(format!("open loop at {} requests a second{spread}", format::trimmed(rate)));
    }
    if facts.length == Some(Length::Free) {
        special.push("response lengths left to the model".to_owned());
    }
    let special = if special.is_empty() { String::new() } else { format!(" ({})", special.join(", ")) };
    format!("{servers}{capacity} with {agents}{special}")
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

/// Why trials of a cell are invalid: `12: delivered concurrency under 95 %; 1: …`.
pub(super) fn causes_of_invalid(analysis: &Analysis, cell: &Cell) -> String {
    let causes = analysis.tally.causes_of_invalid(&cell.name);
    causes.iter().map(|(cause, n)| format!("{n}: {}", escape::name(cause))).collect::<Vec<_>>().join("; ")
}

/// `72 trials, 2 failed, 0 invalid`, with the incomplete ones and those not run yet where there are any.
pub(crate) fn trials(tally: &Tally) -> String {
    let mut text = format!(
        "{}, {} failed, {} invalid",
        format::plural(tally.finished, "trial"),
        tally.failed,
        tally.invalid
    );
    if tally.incomplete > 0 {
        text += &format!(", {} incomplete", tally.incomplete);
    }
    if tally.missing() > 0 {
        text += &format!(", {} of {} not run yet", tally.missing(), tally.planned);
    }
    text
}

/// `2 of 12 trials (timeout)`: how many failed, and with which status.
pub(crate) fn failures(fates: &Fates) -> String {
    let (failed, finished) = (fates.failures(), format::plural(fates.finished, "trial"));
    format!("{failed} of {finished}{}", statuses(fates))
}

/// ` (timeout)`, or ` (2 timeout, 1 refused)`; nothing where none failed.
pub(crate) fn statuses(fates: &Fates) -> String {
    let mut kinds: Vec<(&str, usize)> =
        fates.failed.iter().map(|(status, n)| (status.as_str(), *n)).collect();
    kinds.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    match kinds.as_slice() {
        [] => String::new(),
        [(only, _)] => format!(" ({only})"),
        several => {
            let named: Vec<String> = several.iter().map(|(status, n)| format!("{n} {status}")).collect();
            format!(" ({})", named.join(", "))
        }
    }
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
