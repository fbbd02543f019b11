//! The folder of a run: it comes into being whole, with plan and manifest, and belongs to one driver at a time.

use super::leftover::remove_temporary;
use crate::SweepError;
use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tandem_records::{Manifest, PlanRow, Table, regular_file};

/// File that keeps a second driver away. It stays: the lock is the kernel's and ends with the process.
pub(super) const LOCK_FILE: &str = "driver.lock";
/// File name of the manifest.
pub(super) const MANIFEST_FILE: &str = "manifest.json";
/// Files that stand before the first trial.
pub(super) const FIXED_FILES: [&str; 3] = [LOCK_FILE, PlanRow::FILE, MANIFEST_FILE];
/// Beginning of the names of files that are about to be moved into place.
pub(super) const NEW_PREFIX: &str = ".new-";
/// End of the name of a folder whose run has not begun. It begins with a dot, as no run's name does.
pub(super) const BEGIN_SUFFIX: &str = ".begin";

/// A run's folder, held by this driver until it is dropped.
#[derive(Debug)]
pub struct RunFolder {
    /// Path of the folder: a hidden place beside its own until the run begins.
    pub path: PathBuf,
    /// Its own place, where it is not there yet.
    to_begin: Option<PathBuf>,
    _lock: File,
}

/// Id of a new run: UTC date and time, then the plan's name.
pub fn new_id(runs_dir: &Path, plan: &str) -> String {
    let stamp = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    let base = format!("{stamp}-{plan}");
    // Two drivers started in one second get two runs.
    let later = (2u32..).map(|number| format!("{base}-{number}"));
    let is_free = |id: &String| !runs_dir.join(id).exists() && !runs_dir.join(hidden(id)).exists();
    std::iter::once(base.clone()).chain(later).find(is_free).unwrap_or(base)
}

/// Checks that an id can be a folder's name.
///
/// # Errors
/// It cannot; the message lists the valid characters.
pub fn check_id(id: &str) -> Result<(), SweepError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.chars().all(fits) && id.len() <= 100 {
        return Ok(());
    }
    Err(SweepError::Usage(format!(
        "--run {id:?}: valid are up to 100 letters, digits, '-', '_' and '.', beginning with a letter or digit"
    )))
}

fn hidden(id: &str) -> String {
    format!(".{id}{BEGIN_SUFFIX}")
}

impl RunFolder {
    /// Locks the folder of a run that goes on.
    ///
    /// # Errors
    /// Another driver holds it (the message names its process), or the folder cannot be written.
    pub fn of_run(runs_dir: &Path, id: &str) -> Result<RunFolder, SweepError> {
        let path = runs_dir.join(id);
        let lock = lock(&path, id)?;
        remove_temporary(&path, NEW_PREFIX);
        Ok(RunFolder { path, to_begin: None, _lock: lock })
    }

    /// Makes the place of a run that is to begin: a hidden folder, so that a driver that is stopped before its first trial
    /// leaves no run behind.
    ///
    /// # Errors
    /// Another driver begins a run of that name (the message names its process), or the folder of runs cannot be written.
    pub fn to_begin(runs_dir: &Path, id: &str) -> Result<RunFolder, SweepError> {
        std::fs::create_dir_all(runs_dir)
            .with_context(|| format!("create the folder of runs {}", runs_dir.display()))?;
        // One driver at a time looks for what earlier ones left: what is not locked now, nobody is about to lock.
        let alone = File::open(runs_dir).with_context(|| format!("open {}", runs_dir.display()))?;
        // Where a file system locks no folders, only two drivers of the same moment can disturb each other.
        let _ = alone.lock();
        remove_abandoned(runs_dir);
        let path = runs_dir.join(hidden(id));
        match std::fs::create_dir(&path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                return Err(anyhow::Error::new(e).context(format!("create {}", path.display())).into());
            }
            _ => {}
        }
        let lock = lock(&path, id)?;
        Ok(RunFolder { path, to_begin: Some(runs_dir.join(id)), _lock: lock })
    }

    /// Begins the run: its folder appears at its own place, with plan.csv and manifest.json in it, or not at all.
    ///
    /// # Errors
    /// The folder of runs cannot be written.
    pub fn begin(&mut self, plan: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
        let Some(place) = self.to_begin.clone() else { return Ok(()) };
        write_whole(&self.path, PlanRow::FILE, plan)?;
        let mut json = serde_json::to_vec_pretty(manifest).context("manifest")?;
        json.push(b'\n');
        write_whole(&self.path, MANIFEST_FILE, &json)?;
        std::fs::rename(&self.path, &place).with_context(|| format!("create {}", place.display()))?;
        self.to_begin = None;
        self.path = place;
        let runs_dir = self.path.parent().context("a run's folder lies in the folder of runs")?;
        File::open(runs_dir).and_then(|folder| folder.sync_all()).context("sync the folder of runs")
    }

    /// Makes a folder inside the run's, if it is not there yet.
    ///
    /// # Errors
    /// The run's folder cannot be written.
    pub fn make(&self, name: &str) -> anyhow::Result<()> {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("create {}", path.display()))
    }
}

impl Drop for RunFolder {
    /// A run that never began leaves nothing behind.
    fn drop(&mut self) {
        if self.to_begin.is_some() {
            // May fail without harm: the next driver removes what is left.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Locks the folder `path` of the run `id` for this process.
fn lock(path: &Path, id: &str) -> Result<File, SweepError> {
    let path = path.join(LOCK_FILE);
    let opened = regular_file::check_writable(&path)
        .and_then(|()| OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path));
    let mut lock = opened.with_context(|| format!("open {}", path.display()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Naming the holder is a service; the refusal stands without it.
            let _ = lock.read_to_string(&mut holder);
            let pid = if holder.trim().is_empty() { "unknown" } else { holder.trim() };
            return Err(SweepError::Usage(format!(
                "run {id} is being driven by process {pid}; wait for it, stop it (kill -INT {pid}), or start a run of another name"
            )));
        }
        Err(TryLockError::Error(e)) => return Err(anyhow::Error::new(e).context("lock the run").into()),
    }
    let mut name_holder = || -> std::io::Result<()> {
        lock.set_len(0)?;
        lock.seek(SeekFrom::Start(0))?;
        writeln!(lock, "{}", std::process::id())
    };
    name_holder().with_context(|| format!("write {}", path.display()))?;
    Ok(lock)
}

/// Removes the places of runs that never began and whose driver is gone.
fn remove_abandoned(runs_dir: &Path) {
    let Ok(entries) = std::fs::read_dir(runs_dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_hidden =
            name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(BEGIN_SUFFIX));
        let is_held = || {
            let lock = regular_file::open(&entry.path().join(LOCK_FILE));
            lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
        };
        if is_hidden && !is_held() {
            // May fail without harm: the next driver tries again.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Rows as the bytes of a CSV file, with its header.
pub(crate) fn csv_bytes<T: Table + Serialize>(rows: &[T], header: bool) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    if header {
        writer.write_record(T::COLUMNS.iter().map(|column| column.name)).context(T::FILE)?;
    }
    for row in rows {
        writer.serialize(row).context(T::FILE)?;
    }
    writer.into_inner().map_err(|e| anyhow::anyhow!("{}: {e}", T::FILE))
}

/// Writes beside and moves into place, so that a reader sees the old file or the new one.
pub(super) fn write_whole(folder: &Path, name: &str, content: &[u8]) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        // As open to others as the user's umask lets it be; a temporary file by itself is private.
        let usual = Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new().prefix(NEW_PREFIX).permissions(usual).tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(name))?;
        Ok(File::open(folder)?.sync_all()?)
    };
    written().with_context(|| format!("write {}", folder.join(name).display()))
}
