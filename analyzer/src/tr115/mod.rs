//! The published study's own data, analysed: `analyzer import-tr115 FILE`.
//!
//! ```text
//! rows -> study (tiers, runs, agents, calls) -> reading (identity, flags, compare, order, first_token, gpu)
//!      -> page, charts
//! ```
//!
//! Every statement of the page is computed: on other data it says other things.

mod assemble;
pub mod compare;
mod error;
pub mod first_token;
pub mod flags;
pub mod gpu;
pub mod identity;
pub mod order;
mod page;
pub mod reading;
mod rows;
pub mod study;

pub use error::StudyError;

use crate::charts;
use crate::report::{ReportError, escape, html, write};
use reading::Reading;
use std::path::{Path, PathBuf};
use study::Study;

/// Margin of equivalence for the study's efficiency, a fraction: the default that Tandem's own plans use. The study
/// named none.
pub const MARGIN: f64 = 0.005;

/// Name of the report's folder.
const ID: &str = "tr115";

/// What a user asks for.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// `runs.csv`; `calls.csv` is looked for beside it.
    pub file: PathBuf,
    /// Folder of the reports.
    pub out: PathBuf,
    /// Command that the report names as its origin.
    pub command: Option<String>,
}

/// Reads the study's files.
///
/// # Errors
/// When `runs.csv` cannot be read, lacks a column, or holds no run.
pub fn load(file: &Path) -> Result<Study, StudyError> {
    assemble::read_study(file)
}

/// Reads the study's files, writes the report, and returns the text for the terminal.
///
/// # Errors
/// When the files cannot be read or the report cannot be written.
pub fn import(request: &ImportRequest) -> Result<String, ReportError> {
    let study = load(&request.file)?;
    let reading = reading::read(&study, MARGIN)?;
    let default_command = || format!("analyzer import-tr115 {}", request.file.display());
    let command = request.command.clone().unwrap_or_else(default_command);
    let charts = charts::tr115::draw_all(&reading)?;
    let page = render(&reading, &charts, &command);
    let html = html::page("What the published data say", &page, &charts);
    let files = [("README.md", page.as_str()), ("index.html", &html)];
    let written = write::write(&request.out, ID, files.into_iter().chain(charts::files(&charts)))?;
    let answer = page::answer(&reading).join("\n\n");
    Ok(escape_lines(&format!("{answer}\n\nreport: {}\n", written.display())))
}

/// The page.
pub fn render(reading: &Reading, charts: &[charts::Chart], command: &str) -> String {
    page::render(reading, charts, command)
}

/// Text of several lines for a terminal.
fn escape_lines(text: &str) -> String {
    text.lines().map(|line| escape::plain(line) + "\n").collect()
}
