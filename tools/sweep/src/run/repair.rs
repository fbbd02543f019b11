//! Brings the files of an interrupted run back to whole trials.

use super::folder::write_whole;
use crate::SweepError;
use anyhow::Context;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::Path;
use tandem_records::{AgentRow, RequestRow, Status, Table, TrialRow};

/// What a run has done so far: the last attempt of each trial and how it ended.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Done {
    last: HashMap<u32, (u32, Status)>,
}

impl Done {
    /// The last attempt of a trial and how it ended.
    pub fn last_attempt(&self, trial: u32) -> Option<(u32, Status)> {
        self.last.get(&trial).copied()
    }

    /// Notes an attempt.
    pub fn note(&mut self, trial: u32, attempt: u32, status: Status) {
        let entry = self.last.entry(trial).or_insert((attempt, status));
        if attempt >= entry.0 {
            *entry = (attempt, status);
        }
    }

    /// Trials whose last attempt ended so.
    pub fn count(&self, wanted: impl Fn(Status) -> bool) -> u32 {
        self.last.values().filter(|(_, status)| wanted(*status)).count() as u32
    }
}

trait OfTrial {
    fn attempt(&self) -> (u32, u32);
}

macro_rules! of_trial {
    ($($row:ty),+) => { $(impl OfTrial for $row {
        fn attempt(&self) -> (u32, u32) {
            (self.trial, self.attempt)
        }
    })+ };
}
of_trial!(TrialRow, AgentRow, RequestRow);

/// Cuts torn last lines and drops the rows of attempts that have no trial row.
///
/// # Errors
/// A line that is broken but not the last, a repeated attempt, or columns of another version: the message
/// names file and line.
pub fn repair(folder: &Path) -> Result<Done, SweepError> {
    let mut done = Done::default();
    let mut committed = HashSet::new();
    rewrite::<TrialRow>(folder, |row| {
        done.note(row.trial, row.attempt, row.status);
        if committed.insert(row.attempt()) { Ok(true) } else { Err("repeats an attempt".to_string()) }
    })?;
    rewrite::<AgentRow>(folder, |row| Ok(committed.contains(&row.attempt())))?;
    rewrite::<RequestRow>(folder, |row| Ok(committed.contains(&row.attempt())))?;
    Ok(done)
}

/// Keeps the header and the rows that `keep` wants. Every row is one line: no cell holds a line break.
fn rewrite<T: Table + DeserializeOwned>(
    folder: &Path,
    mut keep: impl FnMut(&T) -> Result<bool, String>,
) -> Result<(), SweepError> {
    let path = folder.join(T::FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(anyhow::Error::new(e).context(format!("read {}", path.display())).into()),
    };
    let bad = |line: usize, why: &str| {
        SweepError::Usage(format!(
            "{} line {line}: {why}; start a new run or remove the line",
            path.display()
        ))
    };
    let header = T::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
    let mut whole: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    if whole.last().is_some_and(|line| !line.ends_with(b"\n")) {
        whole.pop();
    }
    if let Some(first) = whole.first()
        && first.trim_ascii_end() != header.as_bytes()
    {
        return Err(bad(1, "the columns are those of another version of this program"));
    }
    let columns = csv::StringRecord::from(T::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>());
    let mut kept: Vec<u8> = whole.first().map_or_else(Vec::new, |line| line.to_vec());
    for (number, line) in whole.iter().enumerate().skip(1) {
        match parse::<T>(line, &columns) {
            Ok(row) => {
                if keep(&row).map_err(|why| bad(number + 1, &why))? {
                    kept.extend_from_slice(line);
                }
            }
            // After a power cut the last line may have its end but not its middle.
            Err(_) if number + 1 == whole.len() => {}
            Err(e) => return Err(bad(number + 1, &e)),
        }
    }
    if kept != bytes {
        write_whole(folder, T::FILE, &kept).context("repair")?;
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(line: &[u8], columns: &csv::StringRecord) -> Result<T, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let record = reader.records().next().ok_or("is empty")?.map_err(|e| e.to_string())?;
    record.deserialize(Some(columns)).map_err(|e| e.to_string())
}
