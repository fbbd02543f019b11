//! From what a user asks to what a user gets.

use super::{CompareError, Compared, Margins, Quantity, page};
use crate::analysis::{Settings, analyse};
use crate::charts;
use crate::load::{self, Run};
use crate::report::{ReportError, escape, format, html, write};
use std::path::PathBuf;

/// What a user asks a comparison for.
#[derive(Debug, Clone)]
pub struct CompareRequest {
    /// Name or folder of A, the run before.
    pub before: String,
    /// Name or folder of B, the run after.
    pub after: String,
    /// Folder of the runs.
    pub runs: PathBuf,
    /// Folder of the reports.
    pub out: PathBuf,
    /// Margin of efficiency in place of the plans', a fraction.
    pub margin: Option<f64>,
    /// Margin of times and costs in place of the plans', a difference of logarithms.
    pub margin_log_time: Option<f64>,
    /// Quantities to compare by; all when none is named.
    pub quantities: Vec<Quantity>,
    /// Go on where the runs differ in a factor that matters.
    pub allow_different: bool,
    /// The text for the terminal is `summary.json`.
    pub json: bool,
    /// Command that the report names as its origin.
    pub command: Option<String>,
}

/// What a user gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// For standard output.
    pub text: String,
    /// One line on what got worse for certain; none where nothing did.
    pub regression: Option<String>,
    /// Lines on changes for the worse that cannot be decided.
    pub warnings: Vec<String>,
}

/// Reads both runs, writes the report to `out/<A>-vs-<B>`, and returns the texts for the terminal.
///
/// # Errors
/// When a run cannot be read, a setting is out of range, the runs cannot be compared (see [`CompareError`]), or the
/// report cannot be written. Nothing is written then.
pub fn compare(request: &CompareRequest) -> Result<Done, ReportError> {
    let read = |name: &str| load::load(&load::locate(Some(name), &request.runs)?);
    let (before, after) = (read(&request.before)?, read(&request.after)?);
    if let Some(run) = [&before, &after].into_iter().find(|run| run.is_micro()) {
        return Err(CompareError::Micro(run.id.clone()).into());
    }
    let margins = margins(request, &before, &after)?;
    let baseline = before.manifest.baseline.as_str();
    let settings = |run: &Run| {
        Settings::new(&run.manifest, Some(baseline), Some(margins.efficiency), None)
            .map_err(ReportError::Setting)
    };
    let (a, b) = (analyse(&before, settings(&before)?)?, analyse(&after, settings(&after)?)?);
    let named = |quantity: &Quantity| request.quantities.is_empty() || request.quantities.contains(quantity);
    let quantities: Vec<Quantity> = Quantity::ALL.into_iter().filter(named).collect();
    let mut compared = Compared::new(&a, &b, margins, &quantities, request.allow_different)?;
    compared.chosen = chosen(request, &before, &after);

    let command = request.command.clone().unwrap_or_else(|| default_command(request, &before.id, &after.id));
    let drawn = charts::compare::draw_all(&compared)?;
    let (text, summary) = (page::render(&compared, &drawn, &command), page::summary(&compared, &command));
    let html = html::page(&format!("What changed from {} to {}?", before.id, after.id), &text, &drawn);
    let files = [("README.md", text.as_str()), ("index.html", &html), ("summary.json", &summary)];
    let folder = folder_name(&before.id, &after.id);
    let written = write::write(&request.out, &folder, files.into_iter().chain(charts::files(&drawn)))?;
    Ok(Done {
        text: if request.json {
            summary
        } else {
            let place = escape::plain(&format!("report: {}", written.display()));
            format!("{}\n{place}\n", page::terminal(&compared))
        },
        regression: regression(&compared),
        warnings: warnings(&compared),
    })
}

fn margins(request: &CompareRequest, before: &Run, after: &Run) -> Result<Margins, ReportError> {
    let one = |option: &'static str, named: Option<f64>, before: f64, after: f64| match named {
        Some(margin) if !(margin.is_finite() && margin > 0.0 && margin < 1.0) => Err(ReportError::Setting(
            format!("{option} is {margin}: name a number between 0 and 1, such as {before}"),
        )),
        Some(margin) => Ok(margin),
        None if before == after => Ok(before),
        None => Err(CompareError::Margins { option, before, after }.into()),
    };
    let (a, b) = (&before.manifest, &after.manifest);
    Ok(Margins {
        efficiency: one("--margin", request.margin, a.margin_efficiency, b.margin_efficiency)?,
        log_time: one("--margin-log-time", request.margin_log_time, a.margin_log_time, b.margin_log_time)?,
    })
}

/// What was decided after the data were there must not look like what was fixed before.
fn chosen(request: &CompareRequest, before: &Run, after: &Run) -> Vec<String> {
    let (a, b) = (&before.manifest, &after.manifest);
    let mut chosen = Vec::new();
    let mut margin = |what: &str, named: Option<f64>, a: f64, b: f64| {
        if let Some(named) = named.filter(|named| *named != a || *named != b) {
            chosen.push(format!("{what} {named} (the plans fixed {a} and {b})"));
        }
    };
    margin("margin", request.margin, a.margin_efficiency, b.margin_efficiency);
    margin("margin of times", request.margin_log_time, a.margin_log_time, b.margin_log_time);
    if !request.quantities.is_empty() {
        let names: Vec<String> = request.quantities.iter().map(|q| q.name().to_owned()).collect();
        chosen.push(format!("only {} compared", format::listed(&names)));
    }
    chosen
}

/// The command that makes the report again, without the paths of this machine.
fn default_command(request: &CompareRequest, before: &str, after: &str) -> String {
    let mut command = format!("analyzer compare {before} {after}");
    for (option, margin) in [("--margin", request.margin), ("--margin-log-time", request.margin_log_time)] {
        if let Some(margin) = margin {
            command += &format!(" {option} {margin}");
        }
    }
    for quantity in &request.quantities {
        command += &format!(" --metric {}", quantity.slug());
    }
    if request.allow_different {
        command += " --allow-different";
    }
    command
}

/// Longest part that one run's name has in the folder's.
const LONGEST_NAME: usize = 100;

/// `<A>-vs-<B>`, of characters that no shell, page or file system takes for anything else.
fn folder_name(before: &str, after: &str) -> String {
    let plain = |name: &str| -> String {
        let sound = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
        name.chars().take(LONGEST_NAME).map(sound).collect()
    };
    let name = format!("{}-vs-{}", plain(before), plain(after));
    if name.starts_with(['.', '-']) { format!("_{name}") } else { name }
}

fn regression(compared: &Compared) -> Option<String> {
    let gate = compared.gate();
    let worst = gate.regressions.first().map(|worst| page::one(worst, false));
    let failing = gate.failing.sure.first().map(page::failing);
    let tail = gate.tails.first().map(|tail| page::tail(tail));
    let first = failing.into_iter().chain(worst).chain(tail).next()?;
    let more = gate.regressions.len() + gate.failing.sure.len() + gate.tails.len() - 1;
    let others = match more {
        0 => String::new(),
        1 => "; and one more".to_owned(),
        _ => format!("; and {more} more"),
    };
    let alike = page::changed_alike(compared, &gate.regressions);
    Some(format!(
        "relevant regression: {first}{others}{}",
        alike.map_or(String::new(), |text| format!("; {text}"))
    ))
}

fn warnings(compared: &Compared) -> Vec<String> {
    let gate = compared.gate();
    let mut warnings = Vec::new();
    if let Some(first) = gate.undecided.first() {
        warnings.push(format!(
            "warning: {} for the worse not decidable and not counted: {}, but {}",
            format::plural(gate.undecided.len(), "relevant change"),
            page::one(first.contrast, false),
            first.why
        ));
    }
    let more = |all: usize| if all > 1 { format!("; and {} more", all - 1) } else { String::new() };
    if let Some(first) = gate.failing.open.first() {
        warnings.push(format!(
            "warning: more failures in B, which chance may explain and which are not counted: {}{}",
            page::failing(first),
            more(gate.failing.open.len())
        ));
    }
    let tails = &compared.tail_losses.open;
    if let Some(first) = tails.first() {
        warnings.push(format!(
            "warning: more single trials got worse in B, which chance may explain and which are not counted: {}{}",
            page::tail(first),
            more(tails.len())
        ));
    }
    if let Some(first) = gate.unresolved.first() {
        warnings.push(format!(
            "warning: {} for the worse unresolved against the margin and not counted: {}",
            format::plural(gate.unresolved.len(), "change"),
            page::one(first, false)
        ));
    }
    warnings.extend(page::undecided(compared).map(|text| format!("warning: {text}")));
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_harmless_name() {
        assert_eq!(folder_name("20261124-quick", "after"), "20261124-quick-vs-after");
        assert_eq!(folder_name("..", "a b|<script>\n"), "_..-vs-a_b__script__");
        assert_eq!(folder_name("-rf", "é"), "_-rf-vs-_");
        assert_eq!(folder_name(&"x".repeat(255), &"y".repeat(255)).len(), 204);
    }
}
