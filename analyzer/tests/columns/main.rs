//! `analyzer stats --summary` through the real program, on files that it has never seen.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod errors;
mod output;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with one CSV file in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(text: impl AsRef<[u8]>) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), text).unwrap();
        Folder(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.csv")
    }

    /// `analyzer stats a.csv …`.
    fn stats(&self, args: &[&str]) -> Output {
        run(self.0.path(), &[&["stats", "a.csv"], args].concat())
    }

    /// What it prints.
    fn printed(&self, args: &[&str]) -> String {
        let done = self.stats(args);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(done.stderr.is_empty());
        String::from_utf8(done.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.printed(&[args, &["--summary", "--json"]].concat())).unwrap()
    }

    /// The one line on standard error of a user's mistake.
    fn refused(&self, args: &[&str]) -> String {
        let failed = self.stats(args);
        let text = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(2), "{text}");
        assert!(failed.stdout.is_empty());
        assert_eq!(text.lines().count(), 1, "{text}");
        text.trim_end().to_owned()
    }
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer")).current_dir(folder).args(args).output().unwrap()
}
