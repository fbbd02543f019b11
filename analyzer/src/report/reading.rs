//! What the agents of the workload `report` read, and what came back from the model without structure.

use super::format;
use crate::analysis::{Analysis, Cell};
use crate::metrics::AgentSummary;

/// Lines of a cell's details; none where no agent reads files.
pub(super) fn lines(analysis: &Analysis, cell: &Cell) -> String {
    let places = cell.arms.iter().flat_map(|arm| &arm.counted);
    let agents: Vec<&AgentSummary> =
        places.filter_map(|place| Some(&analysis.outcomes[*place].counted()?.agents)).collect();
    let mut parts = Vec::new();
    let read = span(agents.iter().flat_map(|a| &a.files_read));
    let skipped = span(agents.iter().flat_map(|a| &a.files_skipped));
    if let Some((least, most)) = read {
        let mut text = format!("each agent read {}", files(least, most));
        if let Some((least, most)) = skipped.filter(|(_, most)| *most > 0) {
            text += &format!(" and skipped {}", files(least, most));
        }
        parts.push(text);
    }
    let structured: Vec<bool> = agents.iter().flat_map(|a| a.structured.iter().copied()).collect();
    let without = structured.iter().filter(|found| !**found).count();
    if !structured.is_empty() {
        parts.push(format!(
            "{} of {} came without the sections asked for",
            without,
            format::plural(structured.len(), "analysis").replace("analysiss", "analyses"),
        ));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("In the concurrent phase {}.\n\n", parts.join("; "))
}

/// Least and most of the values.
fn span<'a>(values: impl Iterator<Item = &'a u32>) -> Option<(u32, u32)> {
    values.fold(None, |found: Option<(u32, u32)>, value| {
        let (least, most) = found.unwrap_or((*value, *value));
        Some((least.min(*value), most.max(*value)))
    })
}

/// `12 files`, `10 to 12 files`.
fn files(least: u32, most: u32) -> String {
    if least == most {
        format::plural(most as usize, "file")
    } else {
        format!("{least} to {}", format::plural(most as usize, "file"))
    }
}
