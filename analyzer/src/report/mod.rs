//! A report in a folder of its own: `README.md` with its charts, the same as one `index.html`, `summary.json` for
//! programs; and the verdict table for the terminal.

mod align;
mod calibration;
mod cells;
mod checks;
mod consistency;
mod cost;
mod error;
pub mod escape;
mod factorial;
pub(crate) mod failures;
mod fingerprints;
mod footprint;
pub mod format;
mod goodput;
mod headline;
pub(crate) mod html;
mod omnibus;
mod open_loop;
mod order;
mod power;
mod predictions;
pub(crate) mod provenance;
mod reading;
mod revisions;
mod runtime;
mod servers;
mod streams;
mod summary;
mod terminal;
mod times;
pub(crate) mod words;
pub(crate) mod write;

pub(crate) use align::aligned;
pub use error::ReportError;
pub use escape::plain;
pub use headline::{caveats, first_sentence, own_error, what_differs};
pub(crate) use order::too_narrow;
pub use terminal::verdict_table;

use crate::analysis::{Analysis, Settings, analyse, arms};
use crate::charts::{self, Chart};
use crate::load;
use crate::micro;
use crate::predictions::{Predictions, embedded, judge_all, read};
use std::path::PathBuf;

/// What a user asks a report for.
#[derive(Debug, Clone)]
pub struct ReportRequest {
    /// Name of the run or path of its folder; the newest run when none is named.
    pub named: Option<String>,
    /// Folder of the runs.
    pub runs: PathBuf,
    /// Folder of the reports.
    pub out: PathBuf,
    /// Baseline in place of the plan's.
    pub baseline: Option<String>,
    /// Margin in place of the plan's, a fraction.
    pub margin: Option<f64>,
    /// Seed in place of the run's.
    pub seed: Option<u64>,
    /// Time to first token that a request has to meet, ms.
    pub slo_ttft_ms: Option<f64>,
    /// Gap between tokens that 99 % of a request's gaps have to meet, ms.
    pub slo_itl_ms: Option<f64>,
    /// File of predictions in place of the study's.
    pub hypotheses: Option<PathBuf>,
    /// Command that the report names as its origin.
    pub command: Option<String>,
}

/// Reads a run, writes its report, and returns the text for the terminal.
///
/// # Errors
/// When the run cannot be read, a setting is out of range, or the report cannot be written.
pub fn report(request: &ReportRequest) -> Result<String, ReportError> {
    let hypotheses = match &request.hypotheses {
        Some(path) => read(path)?,
        None => embedded()?,
    };
    let folder = load::locate(request.named.as_deref(), &request.runs)?;
    let run = load::load(&folder)?;
    let baseline = request.baseline.as_deref();
    let settings = Settings::new(&run.manifest, baseline, request.margin, request.seed)
        .and_then(|settings| settings.with_slo(request.slo_ttft_ms, request.slo_itl_ms))
        .map_err(ReportError::Setting)?;
    let command = request.command.clone().unwrap_or_else(|| default_command(request, &run.id));
    if run.is_micro() {
        known_baseline(&arms(&run, &settings.baseline), baseline)?;
        return micro::report(&run, &settings, &request.out, &command);
    }
    let analysis = analyse(&run, settings)?;
    known_baseline(&analysis.arms, baseline)?;
    let charts = charts::draw_all(&analysis)?;
    let judged = judge_all(&analysis, &hypotheses)?;
    let page = render(&analysis, &judged, &charts, &command);
    let html = html::page(&format!("Do the runtimes differ? Run {}", run.id), &page, &charts);
    let summary = summary_json(&analysis, &judged, &command)?;
    let files = [("README.md", page.as_str()), ("index.html", &html), ("summary.json", &summary)];
    let written = write::write(&request.out, &run.id, files.into_iter().chain(charts::files(&charts)))?;
    Ok(format!(
        "{}\n{}\n",
        verdict_table(&analysis),
        escape::plain(&format!("report: {}", written.display()))
    ))
}

/// A baseline that the user named and that the run does not have is a typing error, not a result.
fn known_baseline(arms: &[String], named: Option<&str>) -> Result<(), ReportError> {
    match named {
        Some(name) if !arms.iter().any(|arm| arm == name) => Err(ReportError::Setting(format!(
            "--baseline {name:?} is no arm of this run; valid: {}",
            arms.join(", ")
        ))),
        _ => Ok(()),
    }
}

/// The command that makes the report again, without the paths of this machine.
fn default_command(request: &ReportRequest, id: &str) -> String {
    let mut command = format!("analyzer report --run {id}");
    if let Some(baseline) = &request.baseline {
        command += &format!(" --baseline {baseline}");
    }
    if let Some(margin) = request.margin {
        command += &format!(" --margin {margin}");
    }
    if let Some(path) = &request.hypotheses {
        command += &format!(" --hypotheses {}", path.display());
    }
    if let Some(seed) = request.seed {
        command += &format!(" --seed {seed}");
    }
    for (flag, ms) in [("--slo-ttft-ms", request.slo_ttft_ms), ("--slo-itl-ms", request.slo_itl_ms)] {
        command += &ms.map_or(String::new(), |ms| format!(" {flag} {ms}"));
    }
    command
}

/// `summary.json`: the numbers of the report for programs.
///
/// # Errors
/// When it cannot be written as JSON, which no data should cause.
pub fn summary_json(analysis: &Analysis, judged: &Predictions, command: &str) -> Result<String, ReportError> {
    Ok(summary::json(analysis, judged, command)?)
}

/// The page.
pub fn render(analysis: &Analysis, judged: &Predictions, charts: &[Chart], command: &str) -> String {
    let run = analysis.run;
    let tally = &analysis.tally;
    let chart = |file: &str| charts.iter().find(|chart| chart.file == file).map(picture).unwrap_or_default();
    let day = run.manifest.created_utc.split('T').next().unwrap_or_default();
    let mut page = format!(
        "<!-- generated by: {} (do not edit) -->\n# Do the runtimes differ?\n\nRun {} · {} · {}\n\n",
        escape::comment(command),
        escape::markdown(&run.id),
        escape::markdown(day),
        words::trials(tally),
    );
    page += &format!("**{}**\n\n", escape::sentence(&first_sentence(analysis)));
    page += &format!("What does differ: {}\n\n", escape::sentence(&what_differs(analysis)));
    page += &format!("Own error: {}\n\n", escape::sentence(&own_error(analysis)));
    if let Some(line) = caveats(analysis) {
        page += &format!("Caveats: {}\n\n", escape::sentence(&line));
    }
    page += &notes(&run.manifest.notes);
    page += &chart("difference.svg");
    for cell in &analysis.cells {
        page += &cells::section(analysis, cell);
    }
    page += &factorial::section(analysis);
    page += &open_loop::section(analysis);
    page += &predictions::section(analysis, judged);
    let others: Vec<&Chart> = charts.iter().filter(|chart| chart.file != "difference.svg").collect();
    if !others.is_empty() {
        page += "## Charts\n\n";
    }
    for other in others {
        page += &picture(other);
    }
    page += &failures::section(tally, run);
    page += &checks::section(analysis);
    page += &power::section(analysis);
    page += &provenance::section(&analysis.run.manifest, &analysis.settings, command);
    page
}

/// What the driver found out before the first trial.
fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let notes: Vec<String> = notes.iter().map(|note| escape::markdown(note.trim_end_matches('.'))).collect();
    format!("Before the first trial: {}.\n\n", notes.join("; "))
}

/// A chart with its sentence. In a Markdown page an SVG is loaded as an image by its relative path.
pub(crate) fn picture(chart: &Chart) -> String {
    format!(
        "![{}]({})\n\n{}\n\n",
        escape::markdown(&chart.title),
        chart.file,
        escape::markdown(&chart.caption)
    )
}
