//! The files of a folder that an agent looks at, in an order that does not depend on the file system.

use super::text::one_line;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// Levels of folders below the one named. Data folders are flat; this ends a maze.
const MAX_DEPTH: u32 = 8;
/// Files read. The study's agents read 101; an order of magnitude more is still a folder and not an archive.
const MAX_FILES: usize = 1_000;
/// Names looked at. It bounds time and memory in a folder that holds a million of something else.
const MAX_NAMES: usize = 20_000;
/// Characters of a path that are shown.
const SHOWN: usize = 120;

/// The kinds of files that agents read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Csv,
    Json,
    Markdown,
}

impl Kind {
    /// Every kind, in the order of summaries.
    pub const ALL: [Kind; 3] = [Kind::Csv, Kind::Json, Kind::Markdown];

    /// Name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Csv => "CSV",
            Kind::Json => "JSON",
            Kind::Markdown => "Markdown",
        }
    }

    fn of(path: &Path) -> Option<Kind> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Kind::Csv),
            "json" => Some(Kind::Json),
            "md" | "markdown" => Some(Kind::Markdown),
            _ => None,
        }
    }
}

/// Something that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Skipped {
    /// Path below the folder, as one line.
    pub name: String,
    /// Why, as one line.
    pub reason: String,
}

impl Skipped {
    pub fn new(path: &Path, reason: impl ToString) -> Self {
        Skipped { name: shown(path), reason: one_line(&reason.to_string(), SHOWN) }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)
    }
}

/// A path as it is shown: one line, whatever bytes it has.
pub(super) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy(), SHOWN)
}

/// A folder below the one named, written so that it is seen to be one.
fn folder(below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() { PathBuf::from("./") } else { below.join("") }
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Paths below the folder, in order of their components.
    pub files: Vec<(PathBuf, Kind)>,
    pub skipped: Vec<Skipped>,
    /// Files of other kinds, and names that begin with a dot.
    pub ignored: u32,
    names: usize,
}

impl Listing {
    /// Lists a folder and those below it. Symbolic links are never followed: what they name inside the folder has a
    /// path of its own, and what they name outside was not meant.
    pub fn of(root: &Path) -> Listing {
        let mut listing = Listing::default();
        listing.walk(root, Path::new(""), 0);
        listing
    }

    fn walk(&mut self, root: &Path, below: &Path, depth: u32) {
        let entries = match fs::read_dir(root.join(below)) {
            Ok(entries) => entries,
            Err(error) => return self.skip(&folder(below), error),
        };
        let mut names = Vec::new();
        for entry in entries {
            if self.names == MAX_NAMES {
                self.skip(
                    &folder(below),
                    format!("the first {MAX_NAMES} names were looked at, the others not"),
                );
                break;
            }
            self.names += 1;
            match entry {
                Ok(entry) => names.push((entry.file_name(), entry.file_type())),
                Err(error) => self.skip(&folder(below), error),
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, file_type) in names {
            if name.as_encoded_bytes().starts_with(b".") {
                self.ignored += 1;
                continue;
            }
            let path = below.join(&name);
            match (file_type, Kind::of(&path)) {
                (Err(error), _) => self.skip(&path, error),
                (Ok(kind), _) if kind.is_symlink() => self.skip(&path, "a symbolic link, not followed"),
                (Ok(kind), _) if kind.is_dir() && depth == MAX_DEPTH => {
                    self.skip(&folder(&path), format!("over {MAX_DEPTH} folders deep"));
                }
                (Ok(kind), _) if kind.is_dir() => self.walk(root, &path, depth + 1),
                (Ok(_), None) => self.ignored += 1,
                // Opening a pipe would wait for its writer for ever.
                (Ok(kind), Some(_)) if !kind.is_file() => self.skip(&path, "not a regular file"),
                (Ok(_), Some(_)) if self.files.len() == MAX_FILES => {
                    self.skip(&path, format!("after the first {MAX_FILES} files"));
                }
                (Ok(_), Some(kind)) => self.files.push((path, kind)),
            }
        }
    }

    fn skip(&mut self, path: &Path, reason: impl ToString) {
        self.skipped.push(Skipped::new(path, reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    fn write(root: &Path, path: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    fn names(listing: &Listing) -> Vec<String> {
        listing.files.iter().map(|(path, _)| shown(path)).collect()
    }

    #[test]
    fn files_come_in_order_with_folders_in_between() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["z.CSV", "b/y.json", "b/a.markdown", "a.md", "c.txt", ".hidden.md", ".git/x.md", "Makefile"]
        {
            write(folder.path(), path);
        }
        let listing = Listing::of(folder.path());
        assert_eq!(names(&listing), ["a.md", "b/a.markdown", "b/y.json", "z.CSV"]);
        assert_eq!((listing.ignored, listing.skipped.as_slice()), (4, &[][..]));
    }

    #[test]
    fn links_sockets_and_mazes_are_skipped_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "data/a.csv");
        symlink("/etc", root.join("etc")).unwrap();
        symlink(root, root.join("loop")).unwrap();
        symlink("data/a.csv", root.join("link.csv")).unwrap();
        let _socket = UnixListener::bind(root.join("socket.json")).unwrap();
        write(root, &format!("{}deep.md", "d/".repeat(MAX_DEPTH as usize + 1)));
        let listing = Listing::of(root);
        assert_eq!(names(&listing), ["data/a.csv"]);
        let said: Vec<_> = listing.skipped.iter().map(|s| (s.name.as_str(), s.reason.as_str())).collect();
        let link = "a symbolic link, not followed";
        assert_eq!(
            said,
            [
                ("d/d/d/d/d/d/d/d/d/", "over 8 folders deep"),
                ("etc", link),
                ("link.csv", link),
                ("loop", link),
                ("socket.json", "not a regular file"),
            ]
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_empty_and_said() {
        let listing = Listing::of(Path::new("/nonexistent/folder"));
        assert!(listing.files.is_empty());
        assert_eq!((listing.skipped.len(), listing.skipped[0].name.as_str()), (1, "./"));
        assert!(listing.skipped[0].reason.starts_with("No such file"), "{:?}", listing.skipped);
    }

    #[test]
    fn a_name_that_is_not_text_or_holds_a_line_feed_stays_one_line() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(shown(Path::new(std::ffi::OsStr::from_bytes(b"a\xff.csv"))), "a\u{fffd}.csv");
        assert_eq!(shown(Path::new("a\n# b.md")), "a\\u{a}# b.md");
    }

    #[test]
    fn files_after_the_first_thousand_are_said() {
        let folder = tempfile::tempdir().unwrap();
        (0..=MAX_FILES).for_each(|i| write(folder.path(), &format!("{i:04}.md")));
        let listing = Listing::of(folder.path());
        assert_eq!(listing.files.len(), MAX_FILES);
        assert_eq!(
            listing.skipped,
            [Skipped { name: "1000.md".into(), reason: "after the first 1000 files".into() }]
        );
    }
}
