//! Appends the rows of one trial at a time. The trial's own row comes last and is the mark that all is there.

use super::folder::csv_bytes;
use anyhow::Context;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use tandem_records::{AgentRow, FootprintRow, MicroRow, RequestRow, Table, TrialRow};

/// The growing files of a run.
pub struct RunLog {
    agents: Appender<AgentRow>,
    requests: Appender<RequestRow>,
    trials: Appender<TrialRow>,
    footprint: Appender<FootprintRow>,
    /// Where the plan has a micro workload.
    micro: Option<Appender<MicroRow>>,
}

/// All rows of one attempt.
pub struct Attempt<'a> {
    /// Its agents, all phases.
    pub agents: &'a [AgentRow],
    /// Their requests.
    pub requests: &'a [RequestRow],
    /// Batches of a micro workload.
    pub micro: &'a [MicroRow],
    /// The trial.
    pub trial: &'a TrialRow,
}

impl RunLog {
    /// Opens the files of a repaired run, with headers where they are new; `has_micro` says whether there are micro workloads.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn open(folder: &Path, has_micro: bool) -> anyhow::Result<RunLog> {
        Ok(RunLog {
            agents: Appender::open(folder)?,
            requests: Appender::open(folder)?,
            trials: Appender::open(folder)?,
            footprint: Appender::open(folder)?,
            micro: has_micro.then(|| Appender::open(folder)).transpose()?,
        })
    }

    /// Commits one attempt: all else reaches the disk before the trial's row.
    ///
    /// # Errors
    /// The disk is full or gone; what was committed before stays whole.
    pub fn commit(&mut self, attempt: &Attempt) -> anyhow::Result<()> {
        self.agents.append(attempt.agents)?;
        self.requests.append(attempt.requests)?;
        if let Some(micro) = &mut self.micro {
            micro.append(attempt.micro)?;
        }
        self.trials.append(std::slice::from_ref(attempt.trial))
    }

    /// Notes what the processes of the run hold.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn note(&mut self, footprint: &[FootprintRow]) -> anyhow::Result<()> {
        self.footprint.append(footprint)
    }
}

struct Appender<T> {
    path: PathBuf,
    file: File,
    rows: PhantomData<T>,
}

impl<T: Table + Serialize> Appender<T> {
    fn open(folder: &Path) -> anyhow::Result<Appender<T>> {
        let path = folder.join(T::FILE);
        let opened = || -> anyhow::Result<File> {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            if file.metadata()?.len() == 0 {
                file.write_all(&csv_bytes::<T>(&[], true)?)?;
                file.sync_all()?;
            }
            Ok(file)
        };
        let file = opened().with_context(|| format!("open {}", path.display()))?;
        Ok(Appender { path, file, rows: PhantomData })
    }

    fn append(&mut self, rows: &[T]) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = csv_bytes(rows, false)?;
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("append to {}", self.path.display()))
    }
}
