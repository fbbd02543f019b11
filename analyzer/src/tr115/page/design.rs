//! Section: how the runs were made, as far as the files tell.

use super::text::{names, paragraph};
use crate::report::{escape, format, words};
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::{Agent, Run, first_seen};
use std::collections::BTreeMap;

/// What one cell of the table is made of.
type Fact = fn(&TierReading) -> String;

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## How the runs were made\n\n".to_owned();
    let mut titles = vec!["what".to_owned()];
    titles.extend(reading.tiers.iter().map(|tier| escape::markdown(&tier.tier.name)));
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    text += &words::head(&titles, titles.len());
    let facts: [(&str, Fact); 10] = [
        ("runs", |tier| tier.tier.runs.len().to_string()),
        ("runtimes", |tier| tier.tier.runtimes().len().to_string()),
        ("configurations", |tier| tier.tier.configs().len().to_string()),
        ("runs of a runtime in a configuration", repeats),
        ("calls of an agent", calls),
        ("model", |tier| distinct(tier, |agent| agent.model.clone())),
        ("servers", |tier| distinct(tier, |agent| agent.url.clone())),
        ("temperature sent, agents", |tier| sent(tier, 2)),
        ("num_gpu sent, agents", |tier| sent(tier, 0)),
        ("num_ctx sent, agents", |tier| sent(tier, 1)),
    ];
    for (what, of) in facts {
        let mut cells = vec![what.to_owned()];
        cells.extend(reading.tiers.iter().map(|tier| escape::sentence(&of(tier))));
        text += &words::row(&cells);
    }
    text += "\n";
    text += &paragraph(&absent(&reading.study.columns));
    text
}

/// Names of columns that would tell how lengths and order were controlled.
fn absent(columns: &[String]) -> String {
    const CONTROLS: [(&str, &str); 4] = [
        ("seed", "a seed of the model"),
        ("num_predict", "a limit of the response's length"),
        ("warmup", "a warm-up"),
        ("block", "a block of the order"),
    ];
    let (there, not): (Vec<_>, Vec<_>) =
        CONTROLS.into_iter().partition(|(column, _)| columns.iter().any(|c| c == column));
    let listed = |list: &[(&str, &str)]| {
        format::listed(&list.iter().map(|(column, what)| format!("{column} ({what})")).collect::<Vec<_>>())
    };
    match (there.is_empty(), not.is_empty()) {
        (true, _) => format!("The files have no column {}.", listed(&not).replace(" and ", " or ")),
        (_, true) => format!("The files have the columns {}.", listed(&there)),
        _ => format!(
            "The files have no column {}, and a column {}.",
            listed(&not).replace(" and ", " or "),
            listed(&there)
        ),
    }
}

fn repeats(tier: &TierReading) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for run in &tier.tier.runs {
        *counts.entry((&run.runtime, &run.config)).or_default() += 1;
    }
    range(counts.into_values())
}

fn calls(tier: &TierReading) -> String {
    let agents = tier.tier.runs.iter().flat_map(|run: &Run| &run.agents);
    range(agents.map(|agent| agent.calls.len()))
}

fn range(values: impl Iterator<Item = usize>) -> String {
    let (low, high) = values.fold((usize::MAX, 0), |(l, h), v| (l.min(v), h.max(v)));
    if low >= high { high.to_string() } else { format!("{low} to {high}") }
}

fn distinct(tier: &TierReading, of: fn(&Agent) -> String) -> String {
    let values: Vec<String> = tier.tier.runs.iter().flat_map(|run| &run.agents).map(of).collect();
    // Enough to see what was meant; a file may hold a name per row.
    const SHOWN: usize = 6;
    let all = first_seen(values.iter().map(String::as_str).filter(|value| !value.is_empty()));
    match all.len() {
        0 => format::NONE.to_owned(),
        n if n > SHOWN => format!("{} and {} more", names(&all[..SHOWN]), n - SHOWN),
        _ => names(&all),
    }
}

/// `1 (275), not sent (25)`.
fn sent(tier: &TierReading, option: usize) -> String {
    let mut values: Vec<Option<f64>> =
        tier.tier.runs.iter().flat_map(|run| &run.agents).map(|agent| agent.options[option]).collect();
    // What was not sent comes last.
    values.sort_by(|a, b| a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY)));
    let listed: Vec<String> = values
        .chunk_by(|a, b| a == b)
        .map(|alike| {
            let value = alike[0].map_or_else(|| "not sent".to_owned(), format::trimmed);
            format!("{value} ({})", alike.len())
        })
        .collect();
    listed.join(", ")
}
