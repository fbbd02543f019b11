//! The report of a run of micro workloads: what each runtime costs by itself, case by case, against the baseline, and what
//! was published about it.
//!
//! The trial is the unit: a trial's value of a case is the median over its batches of the quantity per operation. Values of
//! two arms, or of two cases, are compared within blocks on the log scale.

mod cases;
mod claims;
mod control;
mod page;
mod pictures;
mod summary;
mod tables;
mod topics;

pub use claims::ClaimsError;

use crate::analysis::Settings;
use crate::charts;
use crate::load::Run;
use crate::report::{ReportError, escape, html, write};
use page::Page;
use std::path::Path;

/// Writes the report of a run and returns the text for the terminal.
///
/// # Errors
/// When a value cannot be analysed or the report cannot be written.
pub fn report(run: &Run, settings: &Settings, out: &Path, command: &str) -> Result<String, ReportError> {
    let cases = cases::read(run, settings)?;
    let controls = control::read(&cases)?;
    let findings = claims::judge(&cases, &claims::published()?)?;
    let charts = pictures::draw_all(&cases)?;
    let page = Page {
        run,
        settings,
        cases: &cases,
        controls: &controls,
        findings: &findings,
        charts: &charts,
        command,
    };
    let markdown = page::render(&page)?;
    let html = html::page(&format!("What does a runtime cost? Run {}", run.id), &markdown, &charts);
    let summary = summary::json(run, &cases, &findings, command)?;
    let files = [("README.md", markdown.as_str()), ("index.html", &html), ("summary.json", &summary)];
    let written = write::write(out, &run.id, files.into_iter().chain(charts::files(&charts)))?;
    Ok(format!("{}\n{}\n", page::terminal(&page), escape::plain(&format!("report: {}", written.display()))))
}
