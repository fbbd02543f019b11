//! What a long-lived process of a run holds: resident memory and open files, as /proc tells.

use std::path::PathBuf;
use tandem_records::{FootprintRow, SCHEMA_VERSION};

/// Name of the driver in the rows.
const DRIVER: &str = "driver";

/// The driver's row and one for each simulator, named by its first base URL. What /proc does not tell has no row.
pub(crate) fn rows<'a>(
    run_id: &str,
    trial: u32,
    simulators: impl Iterator<Item = (&'a str, u32)>,
) -> Vec<FootprintRow> {
    let driver = std::iter::once((DRIVER, std::process::id()));
    let row = |(process, pid): (&str, u32)| {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let status = std::fs::read_to_string(folder.join("status")).ok()?;
        let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(FootprintRow {
            schema_version: SCHEMA_VERSION,
            run_id: run_id.to_owned(),
            trial,
            process: process.to_owned(),
            rss_bytes: kibibytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024,
            open_files: std::fs::read_dir(folder.join("fd")).ok()?.count() as u32,
        })
    };
    driver.chain(simulators).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_files_and_one_that_is_gone_has_no_row() {
        let found = rows("r", 7, [("here", std::process::id()), ("gone", u32::MAX)].into_iter());
        assert_eq!(found.iter().map(|row| row.process.as_str()).collect::<Vec<_>>(), ["driver", "here"]);
        assert!(found.iter().all(|row| row.rss_bytes > 1 << 20 && row.open_files >= 3 && row.trial == 7));
    }
}
