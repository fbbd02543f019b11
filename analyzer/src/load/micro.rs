//! The batches of micro workloads that count.

use super::{LoadError, Run, table};
use std::collections::BTreeSet;
use std::path::Path;
use tandem_records::MicroRow;

/// Reads those of the last attempts that ended well; the findings of the file join the run's.
pub(super) fn read(run: &mut Run, folder: &Path) -> Result<Vec<MicroRow>, LoadError> {
    let rows = table::read::<MicroRow>(folder, run.manifest.schema_version, &mut run.findings)?;
    let counts: BTreeSet<(u32, u32)> = run
        .trials
        .iter()
        .filter(|trial| trial.row.status.is_ok())
        .map(|trial| (trial.row.trial, trial.row.attempt))
        .collect();
    let is_run =
        |row: &MicroRow| row.run_id == run.manifest.run_id && counts.contains(&(row.trial, row.attempt));
    Ok(rows.into_iter().map(|line| line.row).filter(is_run).collect())
}
