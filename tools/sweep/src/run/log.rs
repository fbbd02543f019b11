//! Appends the rows of one trial at a time. The trial's own row comes last and is the mark that all is there.

use super::folder::{FIXED_FILES, csv_bytes};
use super::held::Held;
use anyhow::Context;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use tandem_records::{AgentRow, FootprintRow, MicroRow, RequestRow, Table, TrialRow, regular_file};

/// The growing files of a run.
pub struct RunLog {
    folder: PathBuf,
    /// What stands in the folder before the first trial and stays as it is.
    fixed: Vec<Held>,
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

/// Why an attempt was not committed.
pub enum CommitError {
    /// Somebody touched the run's files.
    Touched(anyhow::Error),
    /// They cannot be written.
    Write(anyhow::Error),
}

impl From<anyhow::Error> for CommitError {
    fn from(error: anyhow::Error) -> CommitError {
        CommitError::Write(error)
    }
}

impl RunLog {
    /// Opens the files of a repaired run, with headers where they are new; `has_micro` says whether there are micro workloads.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn open(folder: &Path, has_micro: bool) -> anyhow::Result<RunLog> {
        let fixed = |name: &&str| {
            let path = folder.join(name);
            Held::at(&path).with_context(|| format!("look at {}", path.display()))
        };
        let log = RunLog {
            folder: folder.to_path_buf(),
            fixed: FIXED_FILES.iter().map(fixed).collect::<Result<_, _>>()?,
            agents: Appender::open(folder)?,
            requests: Appender::open(folder)?,
            trials: Appender::open(folder)?,
            footprint: Appender::open(folder)?,
            micro: has_micro.then(|| Appender::open(folder)).transpose()?,
        };
        // A power cut must not take away the names of new files.
        File::open(folder).and_then(|folder| folder.sync_all()).context("sync the run's folder")?;
        Ok(log)
    }

    /// Checks that every file of the run is still the one that this program writes.
    ///
    /// # Errors
    /// One was removed, replaced or written by somebody else; the message names it and the way out.
    pub fn check(&self) -> anyhow::Result<()> {
        let growing = [&self.agents.held, &self.requests.held, &self.trials.held, &self.footprint.held];
        let micro = self.micro.as_ref().map(|micro| &micro.held);
        let found = self.fixed.iter().chain(growing).chain(micro).try_for_each(Held::check);
        let id = self.folder.file_name().unwrap_or_default().to_string_lossy();
        match found {
            Ok(()) => Ok(()),
            Err(_) if !self.folder.exists() => anyhow::bail!(
                "the run stops: its folder {} was removed or renamed; when it is back, make sweep RUN={id} measures what is missing",
                self.folder.display()
            ),
            Err(what) => anyhow::bail!(
                "the run stops: {what}; put it back if you can, then make sweep RUN={id} measures again what is missing"
            ),
        }
    }

    /// Commits one attempt: all else reaches the disk before the trial's row.
    ///
    /// # Errors
    /// As [`RunLog::check`], which is asked before each file grows: behind a cut nothing must be appended. Or the disk is full
    /// or gone. What was committed before stays whole.
    pub fn commit(&mut self, attempt: &Attempt) -> Result<(), CommitError> {
        self.checked()?.agents.append(attempt.agents)?;
        self.checked()?.requests.append(attempt.requests)?;
        if let Some(micro) = &mut self.checked()?.micro {
            micro.append(attempt.micro)?;
        }
        self.checked()?.trials.append(std::slice::from_ref(attempt.trial))?;
        Ok(())
    }

    fn checked(&mut self) -> Result<&mut RunLog, CommitError> {
        self.check().map_err(CommitError::Touched)?;
        Ok(self)
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
    file: File,
    held: Held,
    rows: PhantomData<T>,
}

impl<T: Table + Serialize> Appender<T> {
    fn open(folder: &Path) -> anyhow::Result<Appender<T>> {
        let path = folder.join(T::FILE);
        let opened = || -> anyhow::Result<Appender<T>> {
            regular_file::check_writable(&path)?;
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            if file.metadata()?.len() == 0 {
                file.write_all(&csv_bytes::<T>(&[], true)?)?;
                file.sync_all()?;
            }
            let held = Held::of(&path, &file)?;
            Ok(Appender { file, held, rows: PhantomData })
        };
        opened().with_context(|| format!("open {}", path.display()))
    }

    fn append(&mut self, rows: &[T]) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = csv_bytes(rows, false)?;
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("append to {}", self.held.path().display()))?;
        self.held.grew(bytes.len());
        Ok(())
    }
}
