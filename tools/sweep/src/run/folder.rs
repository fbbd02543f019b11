//! Creates, opens and locks a run's folder; writes the files that stand before the first trial.

use crate::SweepError;
use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tandem_records::{Manifest, PlanRow, STAMPS_FOLDER, Table};

/// File that keeps a second driver away. It stays: the lock is the kernel's and ends with the process.
const LOCK_FILE: &str = "driver.lock";
/// File name of the manifest.
pub(super) const MANIFEST_FILE: &str = "manifest.json";

/// A run's folder, held by this driver until it is dropped.
#[derive(Debug)]
pub struct RunFolder {
    /// Path of the folder.
    pub path: PathBuf,
    _lock: File,
}

/// Id of a new run: UTC date and time, then the plan's name.
pub fn new_id(runs_dir: &Path, plan: &str) -> String {
    let stamp = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    let base = format!("{stamp}-{plan}");
    // Two drivers started in one second get two runs.
    let later = (2u32..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.clone()).chain(later).find(|id| !runs_dir.join(id).exists()).unwrap_or(base)
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

impl RunFolder {
    /// Creates the folder if need be and locks it.
    ///
    /// # Errors
    /// Another driver holds it (the message names its process), or the folder cannot be written.
    pub fn lock(runs_dir: &Path, id: &str) -> Result<RunFolder, SweepError> {
        let path = runs_dir.join(id);
        std::fs::create_dir_all(&path).with_context(|| format!("create {}", path.display()))?;
        let lock_path = path.join(LOCK_FILE);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .with_context(|| format!("open {}", lock_path.display()))?;
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
        name_holder().with_context(|| format!("write {}", lock_path.display()))?;
        Ok(RunFolder { path, _lock: lock })
    }

    /// Writes plan.csv and then manifest.json, each whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write_plan(&self, plan: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
        write_whole(&self.path, PlanRow::FILE, plan)?;
        let mut json = serde_json::to_vec_pretty(manifest).context("manifest")?;
        json.push(b'\n');
        write_whole(&self.path, MANIFEST_FILE, &json)
    }

    /// Makes a folder inside the run's, if it is not there yet.
    ///
    /// # Errors
    /// The run's folder cannot be written.
    pub fn make(&self, name: &str) -> anyhow::Result<()> {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("create {}", path.display()))
    }

    /// Removes the folder of a run that never began, so that a typing error leaves nothing behind.
    pub fn discard_if_empty(self) {
        if !self.path.join(MANIFEST_FILE).exists() && !self.path.join(PlanRow::FILE).exists() {
            // All may fail without harm: an empty folder is a run that has not begun.
            let _ = std::fs::remove_dir(self.path.join(STAMPS_FOLDER));
            let _ = std::fs::remove_file(self.path.join(LOCK_FILE));
            let _ = std::fs::remove_dir(&self.path);
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
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        let file = file.persist(folder.join(name))?;
        let mut permissions = file.metadata()?.permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644); // a temporary file is private
        file.set_permissions(permissions)?;
        Ok(File::open(folder)?.sync_all()?)
    };
    written().with_context(|| format!("write {}", folder.join(name).display()))
}
