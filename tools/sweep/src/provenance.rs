//! Where the measured programs come from: revision and lock file of the checkout that `bin_dir` lies in.

use std::path::Path;
use std::process::{Command, Stdio};
use tandem_records::API_KEY_VARIABLE;
use xxhash_rust::xxh3::xxh3_64;

/// Git revision of the checkout around `bin_dir`, with `-dirty` when changed; empty outside a checkout.
pub fn git_revision(bin_dir: &Path) -> String {
    let Some(root) = checkout(bin_dir) else { return String::new() };
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(args).stderr(Stdio::null()).env_remove(API_KEY_VARIABLE);
        let output = command.output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
    };
    match (git(&["rev-parse", "HEAD"]), git(&["status", "--porcelain"])) {
        (Some(revision), Some(changes)) if changes.is_empty() => revision,
        (Some(revision), _) => format!("{revision}-dirty"),
        (None, _) => String::new(),
    }
}

/// `xxh3:<hash>` of the checkout's Cargo.lock; empty outside a checkout.
pub fn lock_file_hash(bin_dir: &Path) -> String {
    let lock = checkout(bin_dir).and_then(|root| std::fs::read(root.join("Cargo.lock")).ok());
    lock.map_or(String::new(), |lock| format!("xxh3:{:016x}", xxh3_64(&lock)))
}

/// The nearest folder at or above `bin_dir`, else at or above the current one, that holds a Cargo.lock.
fn checkout(bin_dir: &Path) -> Option<&Path> {
    let holds_lock = |folder: &&Path| folder.join("Cargo.lock").is_file();
    bin_dir.ancestors().find(holds_lock).or_else(|| Path::new(".").ancestors().find(holds_lock))
}
