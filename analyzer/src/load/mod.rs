//! Reads the folder of a run: `manifest.json`, `plan.csv`, `trials.csv`, `agents.csv`, `requests.csv`,
//! and `tokens/` where the run keeps raw stamps.
//!
//! A line that cannot be read becomes a [`Finding`] with its file, number and reason; the rest is analysed.
//! An error is only what leaves nothing to analyse (no folder, no manifest, no trial, a file that a run needs or one of its
//! columns missing, files of a newer version) and a quote that nobody closes, below which no line can be trusted.

mod assemble;
mod error;
mod finding;
mod locate;
mod manifest;
mod micro;
mod records;
mod stamps;
mod table;

pub use assemble::{Run, Trial};
pub use error::LoadError;
pub use finding::{Finding, Findings};
pub use locate::locate;
pub(crate) use records::{Broken, Records};
pub(crate) use table::parse as parse_record;

use std::path::Path;
use tandem_records::{AgentRow, FootprintRow, PlanRow, RequestRow, Table, TrialRow};

/// Reads a run's folder.
///
/// # Errors
/// When the manifest is missing or unreadable, there is no trial, a file that the run needs is missing or lacks a column,
/// a quote in a file is not closed, or a file is of a newer schema than this program knows.
pub fn load(folder: &Path) -> Result<Run, LoadError> {
    let mut findings = Findings::default();
    let manifest = manifest::read(&folder.join("manifest.json"))?;
    let written_by = manifest.schema_version;
    let plan = table::read::<PlanRow>(folder, written_by, &mut findings)?;
    let trials = table::read::<TrialRow>(folder, written_by, &mut findings)?;
    let agents = table::read::<AgentRow>(folder, written_by, &mut findings)?;
    let requests = table::read::<RequestRow>(folder, written_by, &mut findings)?;
    // Runs made before there was such a file have none.
    let footprint = match folder.join(FootprintRow::FILE).exists() {
        true => table::read::<FootprintRow>(folder, written_by, &mut findings)?,
        false => Vec::new(),
    };
    let mut run = assemble::assemble(folder, manifest, plan, trials, agents, requests, findings);
    run.footprint =
        footprint.into_iter().map(|line| line.row).filter(|row| row.run_id == run.manifest.run_id).collect();
    needs(folder, &run, TrialRow::FILE, run.trials.is_empty())?;
    if run.is_micro() {
        run.micro = micro::read(&mut run, folder)?;
    } else {
        needs(folder, &run, AgentRow::FILE, !folder.join(AgentRow::FILE).exists())?;
        needs(folder, &run, RequestRow::FILE, !folder.join(RequestRow::FILE).exists())?;
    }
    stamps::attach(&mut run);
    Ok(run)
}

/// An error for a file that says nothing, with the first reason that was found.
fn needs(folder: &Path, run: &Run, file: &str, says_nothing: bool) -> Result<(), LoadError> {
    if !says_nothing {
        return Ok(());
    }
    let first = run.shown_findings().iter().find(|finding| finding.file == file);
    let reason = first.map_or_else(
        || "no trial has finished yet".to_owned(),
        |finding| match finding.line {
            Some(line) => format!("no row can be used; line {line}: {}", finding.reason),
            None => finding.reason.clone(),
        },
    );
    Err(LoadError::NoRows { path: folder.join(file), reason, run: run.id.clone() })
}
