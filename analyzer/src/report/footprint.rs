//! Whether the long-lived processes of a run held ever more: driver and simulators, block by block.

use super::{escape, format};
use std::collections::BTreeMap;
use tandem_records::FootprintRow;

/// Rows of a process below which nothing is said: the first ones are its start.
const LEAST: usize = 4;
/// Growth that counts: as a share, and in bytes, because an allocator keeps a little here and there.
const SHARE: f64 = 0.2;
const BYTES: u64 = 4 << 20;

/// One line for a run that has such rows; empty otherwise.
pub(super) fn line(rows: &[FootprintRow]) -> String {
    let mut of_process: BTreeMap<&str, Vec<&FootprintRow>> = BTreeMap::new();
    for row in rows {
        of_process.entry(&row.process).or_default().push(row);
    }
    let told: Vec<String> = of_process
        .iter()
        .filter(|(_, rows)| rows.len() >= LEAST)
        .map(|(name, rows)| one(name, rows))
        .collect();
    if told.is_empty() {
        return String::new();
    }
    format!("- What ran all the time, from its second block to its last: {}.\n", told.join("; "))
}

fn one(name: &str, rows: &[&FootprintRow]) -> String {
    // The first row still shows how it started.
    let rows = &rows[1..];
    let quarter = rows.len().div_ceil(4);
    let most = |rows: &[&FootprintRow]| rows.iter().map(|row| row.rss_bytes).max().unwrap_or(0);
    let (first, last) = (most(&rows[..quarter]), most(&rows[rows.len() - quarter..]));
    let files = |rows: &[&FootprintRow]| rows.iter().map(|row| row.open_files).max().unwrap_or(0);
    let (first_files, last_files) = (files(&rows[..quarter]), files(&rows[rows.len() - quarter..]));
    let grows =
        last > first + BYTES && last as f64 > first as f64 * (1.0 + SHARE) || last_files > first_files;
    let mebibytes = |bytes: u64| format::fixed(bytes as f64 / f64::from(1 << 20), 1);
    format!(
        "{} {} to {} MiB of memory, {first_files} to {last_files} open files{}",
        escape::markdown(name),
        mebibytes(first),
        mebibytes(last),
        if grows { " (**grows**)" } else { " (flat)" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[(u64, u32)]) -> Vec<FootprintRow> {
        let row = |(trial, &(mib, open_files)): (usize, &(u64, u32))| FootprintRow {
            schema_version: 3,
            run_id: "r".into(),
            trial: trial as u32,
            process: "driver".into(),
            rss_bytes: mib << 20,
            open_files,
        };
        values.iter().enumerate().map(row).collect()
    }

    #[test]
    fn flat_growing_and_too_short_runs_are_told_apart() {
        for (values, wanted) in [
            (
                vec![(1, 3), (10, 9), (11, 9), (10, 9), (10, 9)],
                "driver 10.0 to 10.0 MiB of memory, 9 to 9 open files (flat).",
            ),
            (
                vec![(1, 3), (10, 9), (12, 9), (14, 9), (20, 9)],
                "10.0 to 20.0 MiB of memory, 9 to 9 open files (**grows**).",
            ),
            (vec![(1, 3), (10, 9), (10, 9), (10, 9), (10, 12)], "9 to 12 open files (**grows**)."),
        ] {
            let line = line(&rows(&values));
            assert!(line.trim_end().ends_with(wanted), "{line}");
        }
        assert_eq!(line(&rows(&[(1, 3), (9, 9), (9, 9)])), "");
    }
}
