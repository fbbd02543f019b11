//! What an agent finds in its folder: every file opened, read and parsed.

use super::contents::Contents;
use super::folder::{Kind, Listing, Skipped, shown};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// Largest file read. A table of the size that this project writes has a megabyte.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// Bytes read of a whole folder: it bounds the time of an agent in a folder of many large files.
const MAX_FOLDER_BYTES: u64 = 64 << 20;

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileFacts {
    /// Path below the folder, as one line.
    pub name: String,
    pub kind: Kind,
    pub bytes: u64,
    /// When it was last changed; `None` where the file system does not tell.
    pub changed: Option<SystemTime>,
    pub contents: Contents,
}

/// A folder as an agent sees it.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// In order of their paths.
    pub files: Vec<FileFacts>,
    /// Folders and files that could not be read, and why.
    pub skipped: Vec<Skipped>,
    /// Files of other kinds, and names that begin with a dot.
    pub ignored: u32,
}

impl Inventory {
    /// Reads a folder. Whatever is wrong with a file becomes an entry of `skipped`: the agent carries on.
    ///
    /// Blocks: for [`crate::Runtime::unblock`].
    pub fn of(root: &Path) -> Inventory {
        let listing = Listing::of(root);
        let mut inventory =
            Inventory { skipped: listing.skipped, ignored: listing.ignored, ..Inventory::default() };
        let (mut buffer, mut bytes_left) = (Vec::new(), MAX_FOLDER_BYTES);
        for (path, kind) in listing.files {
            match read(root, &path, kind, &mut buffer, bytes_left) {
                Ok(file) => {
                    bytes_left -= file.bytes;
                    inventory.files.push(file);
                }
                Err(why) => inventory.skipped.push(Skipped::new(&path, why)),
            }
        }
        inventory
    }

    /// Files of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &FileFacts> {
        self.files.iter().filter(move |file| file.kind == kind)
    }

    /// When a file was last changed, over all that were read.
    pub fn newest_change(&self) -> Option<SystemTime> {
        self.files.iter().filter_map(|file| file.changed).max()
    }
}

/// Reads one file, or says why not. The buffer serves all files in turn.
fn read(
    root: &Path,
    path: &Path,
    kind: Kind,
    buffer: &mut Vec<u8>,
    bytes_left: u64,
) -> Result<FileFacts, String> {
    let failed = |error: io::Error| error.to_string();
    let mut file = File::open(root.join(path)).map_err(failed)?;
    let changed = file.metadata().and_then(|facts| facts.modified()).ok();
    let most = MAX_FILE_BYTES.min(bytes_left);
    buffer.clear();
    // One byte more than is taken shows that there is more; the size in the metadata may be a lie.
    file.by_ref().take(most + 1).read_to_end(buffer).map_err(failed)?;
    let bytes = buffer.len() as u64;
    if bytes > MAX_FILE_BYTES {
        return Err(format!("over {} MiB", MAX_FILE_BYTES >> 20));
    }
    if bytes > most {
        return Err(format!("after the first {} MiB of the folder", MAX_FOLDER_BYTES >> 20));
    }
    let text =
        std::str::from_utf8(buffer).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    let contents = Contents::parse(kind, text.strip_prefix('\u{feff}').unwrap_or(text))?;
    Ok(FileFacts { name: shown(path), kind, bytes, changed, contents })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn names(inventory: &Inventory) -> Vec<&str> {
        inventory.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn said(inventory: &Inventory) -> Vec<(&str, &str)> {
        inventory.skipped.iter().map(|s| (s.name.as_str(), s.reason.as_str())).collect()
    }

    #[test]
    fn an_empty_folder_is_an_empty_inventory() {
        let inventory = Inventory::of(folder(&[]).path());
        assert_eq!((inventory.files.len(), inventory.skipped.len(), inventory.ignored), (0, 0, 0));
        assert_eq!(inventory.newest_change(), None);
    }

    #[test]
    fn bad_files_are_skipped_with_their_reason_and_the_others_read() {
        let deep = [b"[".repeat(1_000), b"]".repeat(1_000)].concat();
        let huge = vec![b'x'; MAX_FILE_BYTES as usize + 1];
        let full = vec![b'x'; MAX_FILE_BYTES as usize];
        let folder = folder(&[
            ("bytes.csv", b"a,b\n\xff\xfe,1\n"),
            ("deep.json", &deep),
            ("full.md", &full),
            ("good.csv", b"\xef\xbb\xbfa,b\n1,2\n"),
            ("huge.md", &huge),
            ("ragged.csv", b"a,b\n1\n"),
        ]);
        let inventory = Inventory::of(folder.path());
        assert_eq!(names(&inventory), ["full.md", "good.csv", "ragged.csv"]);
        assert_eq!(inventory.files[1].contents.to_string(), "1 row, 2 columns (a, b)", "no byte order mark");
        assert_eq!(
            said(&inventory),
            [
                ("bytes.csv", "not UTF-8 at byte 4"),
                ("deep.json", "nested over 127 levels deep"),
                ("huge.md", "over 4 MiB")
            ]
        );
    }

    #[test]
    fn a_folder_of_many_large_files_is_read_up_to_a_limit() {
        let folder = folder(&[]);
        let file = vec![b'x'; MAX_FILE_BYTES as usize];
        let fit = MAX_FOLDER_BYTES / MAX_FILE_BYTES;
        fs::write(folder.path().join("00.md"), &file).unwrap();
        for number in 1..=fit {
            // Links of the hard kind are the same file under another name.
            fs::hard_link(folder.path().join("00.md"), folder.path().join(format!("{number:02}.md")))
                .unwrap();
        }
        let inventory = Inventory::of(folder.path());
        assert_eq!(inventory.files.len() as u64, fit);
        assert_eq!(said(&inventory), [("16.md", "after the first 64 MiB of the folder")]);
    }

    #[test]
    fn an_unreadable_file_is_skipped() {
        // A file that even root cannot read: reading this process's first page fails.
        let found =
            read(Path::new("/proc/self"), Path::new("mem"), Kind::Csv, &mut Vec::new(), MAX_FOLDER_BYTES);
        assert!(found.as_ref().is_err_and(|why| why.contains("os error")), "{found:?}");

        let folder = folder(&[("secret.csv", b"a\n")]);
        let path = folder.path().join("secret.csv");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_ok() {
            return; // root reads everything
        }
        let inventory = Inventory::of(folder.path());
        assert_eq!(said(&inventory), [("secret.csv", "Permission denied (os error 13)")]);
    }

    #[test]
    fn the_newest_change_is_that_of_the_newest_file() {
        let folder = folder(&[("a.md", b"x"), ("b.md", b"x")]);
        let times = [1_000, 2_000].map(|s| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(s));
        for (name, time) in ["b.md", "a.md"].iter().zip(times) {
            File::options().write(true).open(folder.path().join(name)).unwrap().set_modified(time).unwrap();
        }
        assert_eq!(Inventory::of(folder.path()).newest_change(), Some(times[1]));
    }
}
