//! Notices that a file of a run is no longer the one that this program writes: who removes or replaces it in mid-run
//! would otherwise get a run that says it is whole, and nothing on the disk.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as this program left it.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    device: u64,
    inode: u64,
    bytes: u64,
}

impl Held {
    /// An open file that lies at `path`.
    ///
    /// # Errors
    /// The system does not tell what it is.
    pub fn of(path: &Path, file: &File) -> io::Result<Held> {
        Ok(Held::seen(path, &file.metadata()?))
    }

    /// The file at `path`.
    ///
    /// # Errors
    /// There is none.
    pub fn at(path: &Path) -> io::Result<Held> {
        Ok(Held::seen(path, &std::fs::metadata(path)?))
    }

    fn seen(path: &Path, meta: &Metadata) -> Held {
        Held { path: path.to_path_buf(), device: meta.dev(), inode: meta.ino(), bytes: meta.len() }
    }

    /// Notes that this program wrote so many bytes more.
    pub fn grew(&mut self, by: usize) {
        self.bytes += by as u64;
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that it is still there and as it was left.
    ///
    /// # Errors
    /// It is not; the message names the file and says what happened to it.
    pub fn check(&self) -> anyhow::Result<()> {
        let path = self.path.display();
        let now = match std::fs::metadata(&self.path) {
            Ok(now) => Held::seen(&self.path, &now),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                anyhow::bail!("{path} was removed or renamed")
            }
            Err(e) => anyhow::bail!("{path} cannot be looked at any more ({e})"),
        };
        if (now.device, now.inode) != (self.device, self.inode) {
            anyhow::bail!("{path} was replaced by another file");
        }
        if now.bytes != self.bytes {
            anyhow::bail!("{path} was changed: {} bytes in place of the {} written", now.bytes, self.bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_was_removed_replaced_cut_or_written_to_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let mut file = File::create(&path).unwrap();
        let mut held = Held::of(&path, &file).unwrap();
        file.write_all(b"one\n").unwrap();
        let said =
            |held: &Held| held.check().unwrap_err().to_string().replace(&path.display().to_string(), "F");
        assert_eq!(said(&held), "F was changed: 4 bytes in place of the 0 written");
        held.grew(4);
        held.check().unwrap();
        file.set_len(2).unwrap();
        assert_eq!(said(&held), "F was changed: 2 bytes in place of the 4 written");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(said(&held), "F was removed or renamed");
        // The open file keeps the old number from being given again.
        std::fs::write(&path, b"one\n").unwrap();
        assert_eq!(said(&held), "F was replaced by another file");
    }
}
